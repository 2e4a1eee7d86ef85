"""Steps that only those individuals get who need them, as a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from depsim.lazy_torch import torch
from depsim.model import StandingState
from depsim.steps.base import Examining, Path, Step, seconds_of, state_after
from depsim.steps.examine import Exam, Probe
from depsim.streams import FIRST, Position, Section

if TYPE_CHECKING:
    from depsim.steps.cost import NetworkEstimate

DECIDING = "combined"
"""What decisions look at: accuracy under combined stress."""


@dataclass(frozen=True)
class Unless(Step):
    """Steps for an individual whose combined accuracy, examined now, is too low; others pass unchanged.

    Whether the steps were done is kept as ``treatment/given/<place>``, 1 or 0.

    Args:
        steps: what is done.
        level: from which accuracy on it is not done, in per cent; None asks for remission.
        healthy: the metric that a deficit is measured from, where remission is asked for.
        probe: what measures the combined accuracy; None until the course is planned.
        remission: the largest deficit of whoever is well, in points.
        position: addresses the noise of the examination, which is no outcome.
    """

    steps: tuple[Step, ...]
    level: float | None
    healthy: str = ""
    probe: Probe | None = None
    remission: float = 0.0
    position: Position = FIRST[Section.TREATMENT]
    has_position: ClassVar[bool] = True

    def __call__(self, path: Path) -> Path:
        """The path with the steps, or as it was.

        Raises:
            ValueError: for more than one individual, as each goes its way alone.
        """
        if len(path.cohort) > 1:
            raise ValueError("each individual decides alone")
        assert self.probe is not None, "examined() brings the probe"
        name = f"decision_{self.position.number}"
        exam = Exam(name, 0, path.cohort, path.chunk, path.exams, path.metrics, place=self.position)
        found = float(self.probe(exam).metrics[f"{name}/{DECIDING}"])
        needed = self._level(path) > found
        given = torch.tensor([float(needed)], dtype=torch.float64)
        path = replace(path, metrics={**path.metrics, f"treatment/given/{self.position.number}": given})
        for step in self.steps if needed else ():
            path = step(path)
        return path

    def _level(self, path: Path) -> float:
        """The lowest accuracy at which the steps are not done."""
        return self.level if self.level is not None else float(path.metrics[self.healthy]) - self.remission

    @property
    def decides(self) -> bool:
        """It does."""
        return True

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to be done."""
        return not self.steps

    def seconds(self, network: NetworkEstimate) -> float:
        """Those of an individual who gets the steps."""
        return network.exam_seconds(1 if self.probe is None else self.probe.passes) + seconds_of(self.steps, network)

    def expect(self, network: NetworkEstimate) -> NetworkEstimate:
        """What becomes of such an individual's network."""
        for step in self.steps:
            network = step.expect(network)
        return network

    def state(self, state: StandingState) -> StandingState:
        """All that may be on afterwards."""
        after = state_after(self.steps, state)
        return replace(after, activity=after.activity or state.activity, kept=after.kept or state.kept)

    def placed(self, place: Callable[[Step], Step]) -> Step:
        """At a position of its own, and its steps at theirs."""
        own = place(self)
        steps = tuple(step.placed(place) for step in self.steps)
        return replace(own, steps=tuple(step for step in steps if not step.is_nothing))  # type: ignore[type-var]

    def examined(self, how: Examining) -> Self:
        """Deciding by what the course measures, as its steps do."""
        steps = tuple(step.examined(how) for step in self.steps)
        return replace(self, steps=steps, probe=how.deciding, remission=how.remission)

    def in_replicate(self, number: int) -> Self:
        """The same with its steps in a replicate."""
        steps = tuple(step.in_replicate(number) for step in self.steps)
        return replace(self, steps=steps, position=self.position._replace(replicate=number))
