"""The examination battery of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from depsim.assessment.accuracies import Clean, Combined, Drop, Resilience
from depsim.assessment.base import Assessment
from depsim.assessment.recovery import Course, DepressedBefore, HealthyBefore, Recovery
from depsim.assessment.structure import NothingPruned, Structure
from depsim.component import Label, Neutral, Share, StandardDeviation, rising
from depsim.stages import HEALTHY, TREATED
from depsim.steps import Examining, Probe, Prune
from depsim.steps.pruning_criteria import magnitude
from depsim.task import Task

NoiseLevel = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_CAP = 0.99
"""No relapse prunes beyond this sparsity."""


class Battery(Assessment):
    """What every individual is examined on.

    Args:
        internal_noise: standard deviations of the internal noise on the standard test set, rising; 0 is "standard".
        input_noise: standard deviation of the noise on the points in the combined stress test.
        combined_internal_noise: standard deviation of the internal noise in it.
        further_pruning: share of the surviving weights that the relapse removes, by magnitude whatever the pathology.
        response: the largest share of the depressed deficit in combined accuracy that is left of whoever responds.
        remission: the largest deficit of whoever is well.
        relapse_deficit: the deficit above which two examinations of a follow-up in a row are a relapse.

    References: paper, Methods, "Evaluation and stress tests".
    """

    internal_noise: Annotated[
        tuple[NoiseLevel, ...], Field(min_length=1, strict=False), Label("levels of internal noise", "SD")
    ]
    input_noise: Annotated[StandardDeviation, Label("input noise of the combined stress", "SD")]
    combined_internal_noise: Annotated[StandardDeviation, Label("internal noise of the combined stress", "SD")]
    further_pruning: Annotated[Share, Label("share of the surviving synapses that the relapse removes")]
    response: Annotated[Share, Label("largest share of the deficit that a response leaves"), Neutral(0.5)] = 0.5
    remission: Annotated[
        float, Field(ge=0, allow_inf_nan=False), Label("largest deficit in remission", "points"), Neutral(2.0)
    ] = 2.0
    relapse_deficit: Annotated[
        float, Field(ge=0, allow_inf_nan=False), Label("deficit of a relapse", "points"), Neutral(4.0)
    ] = 4.0

    @field_validator("internal_noise")
    @classmethod
    def _rising(cls, levels: tuple[float, ...]) -> tuple[float, ...]:
        return rising(levels, "noise levels")

    def probes(self) -> tuple[Probe, ...]:
        """Clean, combined stress, the resilience curve and the structure."""
        return Clean(), self._combined(), Resilience(self.internal_noise), Structure()

    def relapse(self) -> Prune:
        """A share of what survives goes."""
        return Prune(self.further_pruning, magnitude.scores, of_survivors=True, cap=_CAP)

    def relapse_probes(self) -> tuple[Probe, ...]:
        """Combined stress again, the drop, and the structure."""
        return self._combined(), Drop("relapse_drop", "combined", TREATED), Structure(), NothingPruned(TREATED)

    def before(self, stage: str) -> tuple[Probe, ...]:
        """Combined accuracy of both, the healthy slope, the depressed deficit and sparsity."""
        if stage == HEALTHY:
            return (HealthyBefore(self._combined(), self.internal_noise),)
        return (DepressedBefore(self._combined()),)

    def recovery(self) -> tuple[Probe, ...]:
        """Deficit, response and remission."""
        return (Recovery(self.response, self.remission),)

    def examining(self) -> Examining:
        """The course of five measures; decisions look at the combined stress."""
        return Examining(self._combined(), (Course(self._combined()),), self.remission, self.relapse_deficit)

    def ceilings(self, task: Task) -> Mapping[str, float]:
        """Those of the test points without and with the input noise."""
        return {"standard": task.ceiling(0.0), "combined": task.ceiling(self.input_noise)}

    def _combined(self) -> Combined:
        return Combined(self.input_noise, self.combined_internal_noise)
