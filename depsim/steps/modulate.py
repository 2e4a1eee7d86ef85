"""Setting the standing state of networks, as a step."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum

from depsim.model import StandingState
from depsim.model.state import Activity, PerIndividual
from depsim.steps.base import Path, Step, described_fields


class Unchanged(Enum):
    """The value of what a step leaves as it is."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


class _ChangeOfState(Step):
    """A step that sets how hidden units respond, as :meth:`state` says, and does nothing else."""

    def __call__(self, path: Path) -> Path:
        """The same networks in the new state."""
        return path.with_cohort(replace(path.cohort, state=self.state(path.cohort.state)))


@dataclass(frozen=True)
class Modulate(_ChangeOfState):
    """Sets how the hidden units respond from now on; what is not given stays as it is.

    Args:
        activity: what the drug that is given sets; None where none does.
        noise_gain, noise_mean: of the internal noise.
        kept: what the drugs that stay on from before set.
    """

    activity: Activity | Unchanged | None = UNCHANGED
    noise_gain: PerIndividual | Unchanged = UNCHANGED
    noise_mean: PerIndividual | Unchanged = UNCHANGED
    kept: tuple[Activity, ...] | Unchanged = UNCHANGED

    @staticmethod
    def back(after: StandingState, before: StandingState) -> Modulate | None:
        """The step that takes off what led from one state to another, and nothing else; None if that is nothing."""
        pairs = ((each.name, getattr(after, each.name), getattr(before, each.name)) for each in fields(before))
        changed = {name: old for name, new, old in pairs if new != old}
        return Modulate(**changed) if changed else None

    def state(self, state: StandingState) -> StandingState:
        """The new state."""
        return replace(state, **described_fields(self))


@dataclass(frozen=True)
class Keep(_ChangeOfState):
    """Of the drugs that are on, only these stay; from now on none is the one that is given.

    Args:
        drugs: what they set; one that is not on stays off.
    """

    drugs: tuple[Activity, ...] = ()

    def state(self, state: StandingState) -> StandingState:
        """The new state."""
        return replace(state, activity=None, kept=tuple(drug for drug in state.drugs if drug in self.drugs))


@dataclass(frozen=True)
class Fade(_ChangeOfState):
    """So much of what drugs have set is left; what is left of nothing is no tanh either.

    Args:
        left: the share, 1 for all of it.
    """

    left: float

    def state(self, state: StandingState) -> StandingState:
        """The new state."""
        kept = tuple(self._left_of(drug) for drug in state.kept)
        return replace(state, activity=state.activity and self._left_of(state.activity), kept=kept)

    def _left_of(self, drug: Activity) -> Activity:
        factor, bounded = 1 + self.left * (drug.damping_factor - 1), drug.bounded and self.left > 0
        return drug._replace(damping_factor=factor, bounded=bounded)
