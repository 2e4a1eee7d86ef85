"""What happens to individuals after their treatment. ``conf/follow_up/`` names the choices."""

from depsim.follow_up.base import FollowUp
from depsim.follow_up.no_follow_up import NoFollowUp
from depsim.follow_up.stress_cycles import StressCycles
from depsim.follow_up.withdrawal_curve import WithdrawalCurve

__all__ = ["FollowUp", "NoFollowUp", "StressCycles", "WithdrawalCurve"]
