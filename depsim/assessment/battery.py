"""The examination battery of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from depsim.assessment.accuracies import Clean, Combined, Drop, Resilience
from depsim.assessment.base import Assessment
from depsim.assessment.structure import NothingPruned, Structure
from depsim.component import Label, Share, StandardDeviation
from depsim.stages import TREATED
from depsim.steps import Probe, Prune
from depsim.steps.pruning_criteria import magnitude
from depsim.task import Task

NoiseLevel = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_CAP = 0.99
"""No relapse prunes beyond this sparsity."""


class Battery(Assessment):
    """What every individual is examined on.

    Args:
        internal_noise: standard deviations of the internal noise on the standard test set, rising; 0 is "standard".
        input_noise, combined_internal_noise: the two noises of the combined stress test.
        further_pruning: share of the surviving weights that the relapse removes, by magnitude whatever the pathology.

    References: paper, Methods, "Evaluation and stress tests".
    """

    internal_noise: Annotated[
        tuple[NoiseLevel, ...], Field(min_length=1, strict=False), Label("levels of internal noise", "SD")
    ]
    input_noise: Annotated[StandardDeviation, Label("input noise of the combined stress", "SD")]
    combined_internal_noise: Annotated[StandardDeviation, Label("internal noise of the combined stress", "SD")]
    further_pruning: Annotated[Share, Label("share of the surviving synapses that the relapse removes")]

    @field_validator("internal_noise")
    @classmethod
    def _rising(cls, levels: tuple[float, ...]) -> tuple[float, ...]:
        if list(levels) != sorted(set(levels)):
            raise ValueError("noise levels must rise, each one once")
        return tuple(float(level) for level in levels)

    def probes(self) -> tuple[Probe, ...]:
        """Clean, combined stress, the resilience curve and the structure."""
        return Clean(), self._combined(), Resilience(self.internal_noise), Structure()

    def relapse(self) -> Prune:
        """A share of what survives goes."""
        return Prune(self.further_pruning, magnitude.scores, of_survivors=True, cap=_CAP)

    def relapse_probes(self) -> tuple[Probe, ...]:
        """Combined stress again, the drop, and the structure."""
        return self._combined(), Drop("relapse_drop", "combined", TREATED), Structure(), NothingPruned(TREATED)

    def ceilings(self, task: Task) -> Mapping[str, float]:
        """Those of the test points without and with the input noise."""
        return {"standard": task.ceiling(0.0), "combined": task.ceiling(self.input_noise)}

    def _combined(self) -> Combined:
        return Combined(self.input_noise, self.combined_internal_noise)
