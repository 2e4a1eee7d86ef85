"""The same training without the ingredients: what a drug is compared with before it is compared with nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import field_validator

from depsim.component import Label
from depsim.steps import Examine, Prune, Step, Train, Unless
from depsim.training import Phase
from depsim.treatment.base import Treatment

_KEPT = (Prune, Examine)
"""Steps that are no ingredient of a treatment: a stress that a regimen puts in, and looking."""


class Placebo(Treatment):
    """The trainings of a treatment, in order, and nothing else of it: no regrowth, no standing state, no noise.

    Epochs, learning rates and layers are the treatment's. Of a regimen everyone gets all trainings, also those that the
    regimen gives only to some. A treatment that only trains is its own placebo.

    Args:
        of: the treatment.
    """

    of: Annotated[Treatment, Label("treatment whose training it is")]

    @field_validator("of")
    @classmethod
    def _no_placebo(cls, of: Treatment) -> Treatment:
        if isinstance(of, Placebo):
            raise ValueError("is a placebo, whose placebo it is itself; allowed is any other treatment")
        return of

    def plan(self) -> Sequence[Step]:
        """The treatment's plan without its ingredients."""
        return tuple(_without_ingredients(self.of.plan()))

    def maintaining(self) -> Sequence[Step]:
        """The treatment's maintenance without its ingredients."""
        return tuple(_without_ingredients(self.of.maintaining()))


def _without_ingredients(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Unless):
            yield from _without_ingredients(step.steps)
        elif isinstance(step, Train):
            phase = step.phase
            if phase.epochs:  # else there is nothing to train: the placebo is no treatment
                yield Train(Phase(phase.learning_rate, (0.0,) * phase.epochs, layers=phase.layers))
        elif isinstance(step, _KEPT):
            yield step
