"""Regimens: drugs given one after the other or together, kept, tapered, stopped, repeated, or only where needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from depsim.component import Label
from depsim.steps import Step
from depsim.treatment.base import Treatment
from depsim.treatment.regimen_plan import Planner, RegimenError
from depsim.treatment.regimen_step import RegimenStep


class Regimen(Treatment):
    """Steps, each of them a drug given, kept, tapered or stopped, a stress, or an examination.

    During a step the standing states of the drugs that are given and kept are on, all others are off; after the last
    step they stay on, and ``withdrawn`` shows the networks without them.

    Args:
        drugs: the treatments that the steps name.
        steps: what is done, in order.

    References: paper, Figure 4.
    """

    drugs: Annotated[dict[str, Treatment], Label("drugs that the steps name")]
    steps: Annotated[
        tuple[RegimenStep, ...], Field(min_length=1, strict=False), Label("steps of the regimen", symbol="steps")
    ]

    @field_validator("drugs")
    @classmethod
    def _no_regimens(cls, drugs: dict[str, Treatment]) -> dict[str, Treatment]:
        if nested := [name for name, drug in drugs.items() if isinstance(drug, Regimen)]:
            raise ValueError(f"{nested[0]} is a regimen; allowed are single treatments")
        return drugs

    @model_validator(mode="after")
    def _can_be_planned(self) -> Regimen:
        try:
            self.plan()
        except RegimenError as error:
            raise ValueError(str(error)) from None
        return self

    def plan(self) -> Sequence[Step]:
        """Each step's acts and trainings, under what is on."""
        return Planner({name: tuple(drug.plan()) for name, drug in self.drugs.items()}).plan(self.steps)

    def maintaining(self) -> Sequence[Step]:
        """Its own maintenance, or that of the drug that is given last."""
        last = [*_given(self.steps)][-1:]
        return super().maintaining() or (self.drugs[last[0]].maintaining() if last else ())


def _given(steps: Sequence[RegimenStep]) -> Iterator[str]:
    """The drugs in the order in which they are given."""
    for step in steps:
        yield from step.give
        yield from _given(step.steps)
