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
    """The cohort's answers, by sparse arithmetic where that is faster."""
    if not sparse.applies_to(cohort):

        def dense(x: torch.Tensor, internal_noise: float = 0.0, noise: torch.Tensor | None = None) -> torch.Tensor:
            return cohort.model.logits(cohort.weights, cohort.biases, x, cohort.activity, internal_noise, noise)

        return dense
    networks = [sparse.SparseNetwork(cohort.individual(index)) for index in range(len(cohort))]

    def one_by_one(x: torch.Tensor, internal_noise: float = 0.0, noise: torch.Tensor | None = None) -> torch.Tensor:
        own = [None] * len(networks) if noise is None else list(noise.split(1))
        parts = zip(networks, x.split(1), own, strict=True)
        return torch.cat([network.logits(x, cohort.activity, internal_noise, n) for network, x, n in parts])

    return one_by_one
