"""The examination battery of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

import numpy as np
import torch
from pydantic import Field, field_validator

from depsim.assessment.probes import Probe, accuracy
from depsim.component import Component, Share, StandardDeviation
from depsim.model import Cohort
from depsim.model.answers import Answers, answers_of
from depsim.model.masks import layer_sparsity
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


def area_under_curve(x: Sequence[float], y: np.ndarray) -> np.ndarray:
    """Mean height of each row of ``y`` over ``x``, by trapezoids.

    Args:
        x: rising positions, K of them.
        y: heights (N, K).

    Shape: (N,).

    >>> area_under_curve([0, 1, 3], np.array([[100.0, 80.0, 40.0]])).tolist()
    [70.0]
    """
    return np.asarray(np.trapezoid(y, x, axis=1) / (x[-1] - x[0]))


def structure(cohort: Cohort, stage: Stage) -> dict[str, torch.Tensor]:
    """What is there of a network: metric name to (N,) float64.

    Sparsity in per cent, overall and per layer; and, per hidden layer, how many units have no synapse from below
    (``units_without_input``) or none to above (``units_without_output``).
    """
    layers = layer_sparsity(cohort.masks) * 100
    metrics = {f"{stage}/sparsity": cohort.sparsity() * 100}
    metrics |= {f"{stage}/sparsity/layer_{k}": layers[:, k - 1] for k in range(1, layers.shape[1] + 1)}
    for k, (below, above) in enumerate(pairwise(cohort.masks), start=1):
        metrics[f"{stage}/units_without_input/layer_{k}"] = (~below.any(2)).sum(1).double().cpu()
        metrics[f"{stage}/units_without_output/layer_{k}"] = (~above.any(1)).sum(1).double().cpu()
    return metrics
