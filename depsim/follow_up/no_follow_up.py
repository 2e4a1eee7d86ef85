"""No follow-up: the paper's course, which ends with one relapse."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.follow_up.base import FollowUp, Treated
from depsim.steps import Step


class NoFollowUp(FollowUp):
    """Leaves treated networks alone."""

    def plan(self, treated: Treated) -> Sequence[tuple[int, Sequence[Step]]]:
        """Nothing."""
        return ()
