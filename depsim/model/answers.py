"""How a cohort answers: the one place that picks the arithmetic for examining networks."""

from __future__ import annotations

from typing import Protocol

import torch

from depsim.model import sparse
from depsim.model.cohort import Cohort


class Answers(Protocol):
    """Logits (N, B, O) of a cohort for inputs (N, B, I), under noise (N, B, hidden units) if its SD is above 0."""

    def __call__(self, x: torch.Tensor, internal_noise: float = 0.0, noise: torch.Tensor | None = None) -> torch.Tensor:
        """The logits."""


def answers_of(cohort: Cohort) -> Answers:
    """The cohort's answers, by sparse arithmetic where that is faster.

    On a CPU each individual is computed, and its arithmetic picked, as if it were alone.
    """
    if sparse.applies_to(cohort):
        network = sparse.SparseNetwork(cohort)
        return lambda x, internal_noise=0.0, noise=None: network.logits(x, cohort.activity, internal_noise, noise)
    if cohort.device.type == "cpu" and len(cohort) > 1:
        return _one_by_one([answers_of(cohort.individual(index)) for index in range(len(cohort))])
    return lambda x, internal_noise=0.0, noise=None: cohort.model.logits(
        cohort.weights, cohort.biases, x, cohort.activity, internal_noise, noise
    )


def _one_by_one(people: list[Answers]) -> Answers:
    def answer(x: torch.Tensor, internal_noise: float = 0.0, noise: torch.Tensor | None = None) -> torch.Tensor:
        own = [None] * len(people) if noise is None else list(noise.split(1))
        parts = zip(people, x.split(1), own, strict=True)
        return torch.cat([person(points, internal_noise, numbers) for person, points, numbers in parts])

    return answer
