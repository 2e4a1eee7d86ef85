"""The paper's battery, and how networks bear a constant push on all hidden units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, field_validator

from depsim.assessment.battery import Battery
from depsim.assessment.recovery import course_so_far
from depsim.component import Label, rising
from depsim.lazy_torch import torch
from depsim.stages import COURSE
from depsim.steps import Exam, Examining, Measured, Probe
from depsim.steps.examine import NoiseKind

BIAS_NOISE = 1.0
"""Standard deviation of the internal noise around the mean."""
_COURSE_BIAS = 0.5


@dataclass(frozen=True)
class Biased(Probe):
    """Accuracy on the test points under internal noise with a mean: ``<exam>/biased_<mean>``, one draw for all means.

    Args:
        means: of the noise, after the activation and before the scaling.
    """

    means: tuple[float, ...]

    @property
    def passes(self) -> int:  # type: ignore[override]
        """One for each mean."""
        return len(self.means)

    def __call__(self, exam: Exam) -> Measured:
        """Per cent."""
        return Measured({f"{exam.name}/biased_{mean}": biased_accuracy(exam, mean) for mean in self.means})


@dataclass(frozen=True)
class BiasedCourse(Probe):
    """The same at one of several examinations of a name: ``<exam>/biased_<mean>/<ordinal>``.

    Args:
        mean: of the noise.
    """

    mean: float

    def __call__(self, exam: Exam) -> Measured:
        """Per cent, and the curve so far."""
        name = f"{exam.name}/biased_{self.mean}"
        found = {f"{name}/{exam.ordinal}": biased_accuracy(exam, self.mean)}
        return Measured(found, {name + COURSE: course_so_far(name, {**exam.metrics, **found}, exam.ordinal)})


@dataclass(frozen=True)
class ActivityLevel(Probe):
    """Mean size of what hidden units send on the test points, without noise: ``<exam>/activation``.

    The mean over layers of each layer's mean; missing for models that do not tell what their hidden layers send.
    """

    def __call__(self, exam: Exam) -> Measured:
        """One metric."""
        cohort, x = exam.cohort, exam.chunk.data.standard.x
        layers = cohort.model.signals(cohort.weights, cohort.biases, x, cohort.state)
        if not layers:
            return Measured({})
        sizes = torch.stack([layer.double().abs().mean((1, 2)) for layer in layers])
        return Measured({f"{exam.name}/activation": sizes.mean(0).cpu()})


def biased_accuracy(exam: Exam, mean: float) -> torch.Tensor:
    """Accuracy on the test points under internal noise of SD 1 with this mean, in per cent, (N,)."""
    return exam.accuracy(exam.chunk.data.standard, NoiseKind.BIASED, internal=BIAS_NOISE, mean=mean)


class Mood(Battery):
    """The paper's battery, the biased examinations and the level of activity.

    Args:
        bias: means of the biased internal noise, rising, above 0.
    """

    bias: Annotated[
        tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...],
        Field(min_length=1, strict=False),
        Label("means of the biased internal noise"),
    ]

    @field_validator("bias")
    @classmethod
    def _rising_means(cls, means: tuple[float, ...]) -> tuple[float, ...]:
        return rising(means, "means")

    def probes(self) -> tuple[Probe, ...]:
        """The paper's, the biased ones and the activity."""
        return (*super().probes(), Biased(self.bias), ActivityLevel())

    def examining(self) -> Examining:
        """As in the battery, and under a mean of a half."""
        how = super().examining()
        return replace(how, probes=(*how.probes, BiasedCourse(_COURSE_BIAS)))
