"""What a step is, and what it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from depsim.lazy_torch import torch
from depsim.model import Cohort, StandingState
from depsim.streams import Position, Section, Streams
from depsim.task import Dataset
from depsim.training import Trainer

if TYPE_CHECKING:
    from depsim.steps.cost import NetworkEstimate

PATH_DOSE = "dose/path"
"""How far the steps of a treatment have moved an average weight, each step for itself."""


@dataclass(frozen=True)
class Examining:
    """How a course examines networks where a plan says only that it does.

    Args:
        deciding: the :class:`depsim.steps.Probe` that decisions look at.
        probes: what is measured.
        remission: the largest deficit, in points, of whoever is well.
        relapse: the deficit above which two examinations in a row are a relapse.
    """

    deciding: Any
    probes: tuple[Any, ...]
    remission: float
    relapse: float


@dataclass(frozen=True)
class ChunkContext:
    """The individuals of a chunk, on the computing device: their random streams, their data and their trainer."""

    streams: Streams
    data: Dataset
    trainer: Trainer


@dataclass(frozen=True)
class Curve:
    """Something measured several times.

    Args:
        steps: when, T of them.
        values: (N, T) float64.
    """

    steps: tuple[int, ...]
    values: torch.Tensor


@dataclass(frozen=True)
class Path:
    """What the steps so far have left of the individuals of a chunk.

    Args:
        chunk: who they are.
        cohort: their networks now.
        exams: their networks at each examination so far, by its name.
        metrics: what was measured: name to (N,) float64.
        curves: what was measured several times, by name.
        notes: what a reader of the numbers has to know, and of whom: text to (N,) boolean.
        traits: in which the individuals differ: name to (N,) float64.
    """

    chunk: ChunkContext
    cohort: Cohort
    exams: Mapping[str, Cohort] = field(default_factory=dict)
    metrics: Mapping[str, torch.Tensor] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    notes: Mapping[str, torch.Tensor] = field(default_factory=dict)
    traits: Mapping[str, torch.Tensor] = field(default_factory=dict)

    def with_cohort(self, cohort: Cohort) -> Path:
        """The same path with these networks at its end."""
        return replace(self, cohort=cohort)

    def with_weights(self, cohort: Cohort, section: int) -> Path:
        """The same path with these networks at its end, whose weights a step of this section has changed.

        A treatment's changes are added up as :data:`PATH_DOSE`.
        """
        path = self.with_cohort(cohort)
        if section != Section.TREATMENT:
            return path
        so_far = mean_change(self.cohort, cohort)
        if PATH_DOSE in self.metrics:
            so_far = self.metrics[PATH_DOSE] + so_far
        return replace(path, metrics={**path.metrics, PATH_DOSE: so_far})


def mean_change(before: Cohort, after: Cohort) -> torch.Tensor:
    """Mean |change| of a weight from networks to networks, over all weights, masked ones included: (N,) float64."""
    change = torch.zeros(len(after), dtype=torch.float64)
    for old, new in zip(before.weights, after.weights, strict=True):
        change += (new - old).abs().sum((1, 2), dtype=torch.float64).cpu()
    return change / after.architecture.weights


class Step(ABC):
    """Something done to all individuals of a chunk; a frozen dataclass.

    It is pure: its numbers depend on the path, its own fields and the random streams at its position. A
    field that equals its default is left out of the step's description, so that a new field with a neutral default
    leaves the keys of earlier results as they are.
    """

    has_position: ClassVar[bool] = False
    """Whether it draws random numbers, from streams at a position of its own."""

    @abstractmethod
    def __call__(self, path: Path) -> Path:
        """The path with this step at its end; the given one stays as it is."""

    @property
    def is_nothing(self) -> bool:
        """Whether it leaves everything as it is; it keeps its number, but is not done."""
        return False

    def seconds(self, network: NetworkEstimate) -> float:
        """About how long one core takes for one individual."""
        return 0.0

    def expect(self, network: NetworkEstimate) -> NetworkEstimate:
        """What becomes of a network."""
        return network

    def state(self, state: StandingState) -> StandingState:
        """The standing state that it leaves."""
        return state

    def at(self, position: Position) -> Self:
        """The same step at a position of the course."""
        return replace(self, position=position) if self.has_position else self  # type: ignore[type-var]

    def placed(self, place: Callable[[Step], Step]) -> Step:
        """The same step where ``place`` puts it, and its own steps, if it has any, after it."""
        return place(self)

    def examined(self, how: Examining) -> Step:
        """The same step, examining as the course does where it does not say how."""
        return self

    @property
    def decides(self) -> bool:
        """Whether what comes differs between individuals, so that each goes its way alone."""
        return False

    def in_replicate(self, number: int) -> Self:
        """The same step in a replicate of the individuals; what comes before the treatment is the same in each."""
        position = getattr(self, "position", None)
        if position is None or position.section in (Section.BASELINE, Section.PATHOLOGY):
            return self
        return self.at(position._replace(replicate=number))


@dataclass(frozen=True)
class SideBranch(Step):
    """Steps that look at what would become of the networks; what they measure stays, the networks are as before."""

    steps: tuple[Step, ...]

    def __call__(self, path: Path) -> Path:
        """The path with what the branch has measured."""
        end = path
        for step in self.steps:
            end = step(end)
        return end.with_cohort(path.cohort)

    def seconds(self, network: NetworkEstimate) -> float:
        """Those of its steps."""
        return seconds_of(self.steps, network)

    def in_replicate(self, number: int) -> Self:
        """The branch with its steps in a replicate."""
        return replace(self, steps=tuple(step.in_replicate(number) for step in self.steps))


def seconds_of(steps: Iterable[Step], network: NetworkEstimate) -> float:
    """About how long one core takes for all these steps of one individual."""
    total = 0.0
    for step in steps:
        total += step.seconds(network)
        network = step.expect(network)
    return total


def state_after(steps: Iterable[Step], state: StandingState) -> StandingState:
    """The standing state that steps leave."""
    for step in steps:
        state = step.state(state)
    return state


def number_steps(section: int, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps at their positions in a section: numbered by kind, by their place in the plan; those that do nothing go."""
    counts: Counter[type[Step]] = Counter()

    def place(step: Step) -> Step:
        counts[type(step)] += 1
        return step.at(Position(section, counts[type(step)] - 1))

    return tuple(step for step in [step.placed(place) for step in steps] if not step.is_nothing)


def require_function(step: str, criterion: object, such_as: str) -> None:
    """Refuse a criterion that is no function.

    Raises:
        TypeError: naming the step, the criterion, and where there are some.
    """
    if not callable(criterion):
        raise TypeError(f"{step}: {criterion=} must be a function, such as those of depsim.steps.{such_as}")


def described_fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their default."""
    return {f.name: own for f in fields(value) if (own := getattr(value, f.name)) != f.default}
