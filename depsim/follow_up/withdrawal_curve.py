"""How much of a relief is borrowed: the drug is taken off step by step, and nothing is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, field_validator

from depsim.component import Label, Share
from depsim.follow_up.base import FollowUp, Treated
from depsim.stages import WITHDRAWAL
from depsim.steps import Examine, Fade, SideBranch, Step
from depsim.streams import Section


class WithdrawalCurve(FollowUp):
    """Examinations of treated networks with less and less of what drugs have set: ``withdrawal/<what>/<place>``.

    A share r of a factor d leaves 1 + r (d - 1), bounded while r > 0. Nothing is planned where nothing is on.

    Args:
        shares: of what drugs have set, falling.
    """

    shares: Annotated[tuple[Share, ...], Field(min_length=1, strict=False), Label("shares of the drug that are left")]

    @field_validator("shares")
    @classmethod
    def _falling(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if list(shares) != sorted(set(shares), reverse=True):
            raise ValueError("shares must fall, each one once")
        return tuple(float(share) for share in shares)

    def plan(self, treated: Treated) -> Sequence[tuple[int, Sequence[Step]]]:
        """A side branch for each share."""
        if treated.drug_off is None:
            return ()
        exams = (Examine(WITHDRAWAL, treated.probes, place, keeps=False) for place in range(len(self.shares)))
        return ((Section.cycle(0), [SideBranch((Fade(r), exam)) for r, exam in zip(self.shares, exams, strict=True)]),)
