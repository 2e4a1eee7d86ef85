"""Accuracy, undisturbed and under noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.lazy_torch import torch
from depsim.steps import Curve, Exam, Measured, Probe
from depsim.steps.examine import NoiseKind


@dataclass(frozen=True)
class Clean(Probe):
    """Accuracy on the clean test points: ``<exam>/clean``."""

    def __call__(self, exam: Exam) -> Measured:
        """Per cent."""
        return Measured({f"{exam.name}/clean": exam.accuracy(exam.chunk.data.clean)})


@dataclass(frozen=True)
class Combined(Probe):
    """Accuracy on the test points under input noise and internal noise together: ``<exam>/combined``.

    Args:
        input_noise, internal_noise: standard deviations.
    """

    input_noise: float
    internal_noise: float

    def __call__(self, exam: Exam) -> Measured:
        """Per cent."""
        found = exam.accuracy(
            exam.chunk.data.standard, NoiseKind.COMBINED, internal=self.internal_noise, external=self.input_noise
        )
        return Measured({f"{exam.name}/combined": found})


@dataclass(frozen=True)
class Resilience(Probe):
    """Accuracy on the test points without noise and under rising internal noise.

    Metrics ``<exam>/standard``, ``<exam>/internal_noise_<sigma>`` and ``<exam>/resilience_auc``, the mean height of the
    curve ``<exam>/resilience``, whose step is 100 sigma.

    Args:
        internal_noise: standard deviations, rising, above 0.
    """

    internal_noise: tuple[float, ...]

    @property
    def passes(self) -> int:  # type: ignore[override]
        """One for each level of noise, and one without."""
        return 1 + len(self.internal_noise)

    def __call__(self, exam: Exam) -> Measured:
        """Per cent."""
        points, levels = exam.chunk.data.standard, (0.0, *self.internal_noise)
        heights = [exam.accuracy(points, internal=sigma) for sigma in levels]
        names = ["standard", *(f"internal_noise_{sigma}" for sigma in self.internal_noise)]
        metrics = {f"{exam.name}/{name}": height for name, height in zip(names, heights, strict=True)}
        curve = torch.stack(heights, dim=1)
        area = torch.from_numpy(area_under_curve(levels, curve.numpy()))
        steps = tuple(round(100 * sigma) for sigma in levels)
        return Measured(
            {**metrics, f"{exam.name}/resilience_auc": area}, {f"{exam.name}/resilience": Curve(steps, curve)}
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


@dataclass(frozen=True)
class Drop(Probe):
    """How much of a metric is lost since an earlier examination, in points; positive is worse.

    Args:
        name: what it is called.
        of: the metric, without its examination.
        since: the earlier examination.
    """

    name: str
    of: str
    since: str
    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """Before minus now."""
        return Measured({self.name: exam.metrics[f"{self.since}/{self.of}"] - exam.metrics[f"{exam.name}/{self.of}"]})
