"""The examination battery of a stage."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field, field_validator

from depsim.assessment.probes import Probe, accuracy
from depsim.component import Component, Share, StandardDeviation
from depsim.model import Cohort
from depsim.model.answers import Answers, answers_of
from depsim.model.masks import layer_sparsity
from depsim.statistics import area_under_curve
from depsim.streams import Stage, Streams
from depsim.task import Dataset

NoiseLevel = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Battery(Component):
    """What every individual is examined on.

    Args:
        internal_noise: standard deviations of the internal noise on the standard test set, rising; 0 is "standard".
        input_noise, combined_internal_noise: the two noises of the combined stress test.
        further_pruning: share of the surviving weights that the relapse removes.

    References: paper, Methods, "Evaluation and stress tests".
    """

    internal_noise: Annotated[tuple[NoiseLevel, ...], Field(min_length=1, strict=False)]
    input_noise: StandardDeviation
    combined_internal_noise: StandardDeviation
    further_pruning: Share

    @field_validator("internal_noise")
    @classmethod
    def _rising(cls, levels: tuple[float, ...]) -> tuple[float, ...]:
        if list(levels) != sorted(set(levels)):
            raise ValueError("noise levels must rise, each one once")
        return tuple(float(level) for level in levels)

    def examine(self, cohort: Cohort, data: Dataset, streams: Streams, stage: Stage) -> dict[str, torch.Tensor]:
        """The battery at one stage: metric name to (N,) float64, accuracies and sparsity in per cent."""
        answers, units = answers_of(cohort), cohort.hidden_units
        standard = accuracy(answers, units, data.standard, streams, stage)
        curve = [standard]
        metrics = {
            f"{stage}/clean": accuracy(answers, units, data.clean, streams, stage),
            f"{stage}/standard": standard,
            f"{stage}/combined": self.combined(answers, units, data, streams, stage),
        }
        for sigma in self.internal_noise:
            curve.append(accuracy(answers, units, data.standard, streams, stage, internal_noise=sigma))
            metrics[f"{stage}/internal_noise_{sigma}"] = curve[-1]
        area = area_under_curve((0.0, *self.internal_noise), torch.stack(curve, dim=1).numpy())
        metrics[f"{stage}/resilience_auc"] = torch.from_numpy(area)
        return metrics | structure(cohort, stage)

    def combined(
        self, answers: Answers, hidden_units: int, data: Dataset, streams: Streams, stage: Stage
    ) -> torch.Tensor:
        """Accuracy under input noise and internal noise together, (N,)."""
        return accuracy(
            answers,
            hidden_units,
            data.standard,
            streams,
            stage,
            Probe.COMBINED,
            internal_noise=self.combined_internal_noise,
            input_noise=self.input_noise,
        )


def structure(cohort: Cohort, stage: Stage) -> dict[str, torch.Tensor]:
    """Sparsity in per cent, overall and per layer: metric name to (N,) float64."""
    layers = layer_sparsity(cohort.masks) * 100
    overall = {f"{stage}/sparsity": cohort.sparsity() * 100}
    return overall | {f"{stage}/sparsity/layer_{k}": layers[:, k - 1] for k in range(1, layers.shape[1] + 1)}
