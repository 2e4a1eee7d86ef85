"""Stress that goes on after a treatment, with and without maintenance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from depsim.component import Label, PositiveShare
from depsim.follow_up.base import FollowUp, Treated
from depsim.follow_up.relapses import RelapseFreeCycles
from depsim.stages import FOLLOW_UP, MAINTAINED, STRESSED
from depsim.steps import Examine, Maintenance, Prune, Step
from depsim.steps.pruning_criteria import magnitude
from depsim.streams import Section


class StressCycles(FollowUp):
    """Cycles of stress, which removes some of the surviving synapses, and maintenance.

    Cycle 0 is the treated network, examined afresh (``maintained``). In each later one the network is examined after
    the stress (``stressed``) and after the maintenance (``maintained``), by their number. What is on stays on.

    Args:
        cycles: how many.
        stress: share of the surviving synapses that a cycle's stress removes, by magnitude.
        maintenance: the treatment's ``own``; ``withheld``: nothing is trained, and drugs are off from before the first
            stress on; ``sham``: the same plain training for all.
        sham: that training.
    """

    cycles: Annotated[int, Field(ge=1, le=1000), Label("cycles of stress and maintenance")]
    stress: Annotated[PositiveShare, Label("share of the surviving synapses that a cycle's stress removes")]
    maintenance: Annotated[Literal["own", "withheld", "sham"], Label("maintenance between stresses")]
    sham: Annotated[Maintenance, Label("sham maintenance")]

    def plan(self, treated: Treated) -> Sequence[tuple[int, Sequence[Step]]]:
        """The examination of cycle 0, then the cycles."""
        return tuple((Section.cycle(number), tuple(self._cycle(number, treated))) for number in range(self.cycles + 1))

    def _cycle(self, number: int, treated: Treated) -> Iterator[Step]:
        if number > 0:
            if number == 1 and self.maintenance == "withheld" and treated.drug_off is not None:
                yield treated.drug_off
            yield Prune(self.stress, magnitude.scores, of_survivors=True)
            yield Examine(STRESSED, ordinal=number, keeps=False)
            if self.maintenance == "own":
                yield from treated.maintenance
            elif self.maintenance == "sham":
                yield from self.sham.steps()
        yield Examine(MAINTAINED, ordinal=number, keeps=False)
        if number == self.cycles:
            probe = RelapseFreeCycles(self.cycles, treated.relapse, treated.remission)
            yield Examine(FOLLOW_UP, (probe,), keeps=False)
