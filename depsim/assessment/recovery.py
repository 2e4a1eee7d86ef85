"""How far an individual was from health before its treatment, and how far it is after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from depsim.assessment.accuracies import Combined
from depsim.lazy_torch import torch
from depsim.stages import BEFORE, COURSE
from depsim.steps import Curve, Exam, Measured, Probe
from depsim.steps.examine import COMBINED_BEFORE

NO_DEFICIT = "there was next to no deficit to treat: the individual is in no rate of response or remission"
_DEFICIT_BEFORE = f"{BEFORE}/depressed_deficit"
_COURSE_LEVELS = (1.0, 2.5)


@dataclass(frozen=True)
class HealthyBefore(Probe):
    """Combined accuracy of the healthy network, and how fast its accuracy falls, on a stream of their own.

    Metrics ``before/healthy_combined`` and ``before/slope``, in points per unit of sigma, by least squares.

    Args:
        combined: the combined stress.
        internal_noise: standard deviations of the slope, beside 0.
    """

    combined: Combined
    internal_noise: tuple[float, ...]

    @property
    def passes(self) -> int:  # type: ignore[override]
        """One for each level of noise, one without, and the combined stress."""
        return 2 + len(self.internal_noise)

    def __call__(self, exam: Exam) -> Measured:
        """Two metrics."""
        levels = (0.0, *self.internal_noise)
        heights = torch.stack([exam.accuracy(exam.chunk.data.standard, internal=sigma) for sigma in levels])
        slope = torch.from_numpy(np.polyfit(levels, heights.numpy(), 1)[0])
        return Measured({COMBINED_BEFORE: _combined(self.combined, exam), f"{BEFORE}/slope": slope})


@dataclass(frozen=True)
class DepressedBefore(Probe):
    """Combined accuracy, deficit and sparsity of the depressed network: ``before/depressed_combined`` and so on.

    Args:
        combined: the combined stress.
    """

    combined: Combined

    def __call__(self, exam: Exam) -> Measured:
        """Three metrics."""
        found = _combined(self.combined, exam)
        deficit = exam.metrics[COMBINED_BEFORE] - found
        sparsity = exam.cohort.sparsity() * 100
        return Measured(
            {f"{BEFORE}/depressed_combined": found, _DEFICIT_BEFORE: deficit, f"{BEFORE}/sparsity": sparsity}
        )


@dataclass(frozen=True)
class Recovery(Probe):
    """What is left of the deficit: ``<exam>/deficit`` in points, ``<exam>/response`` and ``<exam>/remission``, 0 or 1.

    Whoever had next to none before has neither of the last two, and a note.

    Args:
        response: the largest share of the depressed deficit that is left of it.
        remission: the largest deficit of whoever is well, in points.
    """

    response: float
    remission: float
    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """Three metrics."""
        before = exam.metrics[_DEFICIT_BEFORE]
        deficit = exam.metrics[COMBINED_BEFORE] - exam.metrics[f"{exam.name}/combined"]
        healthy = before <= self.remission
        rates = {"response": deficit <= self.response * before, "remission": deficit <= self.remission}
        found = {name: torch.where(healthy, torch.nan, holds.double()) for name, holds in rates.items()}
        return Measured(
            {f"{exam.name}/{name}": values for name, values in {"deficit": deficit, **found}.items()},
            notes={NO_DEFICIT: healthy},
        )


@dataclass(frozen=True)
class Course(Probe):
    """The state of networks at one of several examinations of a name: ``<exam>/<what>/<ordinal>``.

    Curves ``<exam>/<what>/course`` hold the examinations so far. What is measured: ``standard``, ``combined``,
    ``internal_noise_1.0``, ``internal_noise_2.5`` and ``sparsity``.

    Args:
        combined: the combined stress.
    """

    combined: Combined
    passes = 2 + len(_COURSE_LEVELS)

    def __call__(self, exam: Exam) -> Measured:
        """Five metrics and their curves so far."""
        points = exam.chunk.data.standard
        found = {"standard": exam.accuracy(points), "combined": _combined(self.combined, exam)}
        found |= {f"internal_noise_{sigma}": exam.accuracy(points, internal=sigma) for sigma in _COURSE_LEVELS}
        found["sparsity"] = exam.cohort.sparsity() * 100
        metrics = {f"{exam.name}/{what}/{exam.ordinal}": values for what, values in found.items()}
        known = {**exam.metrics, **metrics}
        stems = [f"{exam.name}/{what}" for what in found]
        return Measured(metrics, {stem + COURSE: course_so_far(stem, known, exam.ordinal) for stem in stems})


def course_so_far(name: str, metrics: Mapping[str, torch.Tensor], last: int) -> Curve:
    """A measure at the examinations of a name up to the last, those that were held."""
    steps = tuple(ordinal for ordinal in range(last + 1) if f"{name}/{ordinal}" in metrics)
    return Curve(steps, torch.stack([metrics[f"{name}/{ordinal}"] for ordinal in steps], dim=1))


def _combined(probe: Combined, exam: Exam) -> torch.Tensor:
    """Accuracy under combined stress, in per cent, (N,)."""
    return probe(exam).metrics[f"{exam.name}/combined"]
