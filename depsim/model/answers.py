"""How a cohort answers: the one place that picks the arithmetic for examining networks."""

from __future__ import annotations

from collections.abc import Callable

import torch

from depsim.model.cohort import Cohort
from depsim.model.sparse import NOWHERE, SparseNetwork, applies_to
from depsim.streams import CpuNoise, Noise

Answers = Callable[["torch.Tensor", float, Noise | None], "torch.Tensor"]
"""Logits (N, B, O) of a cohort for inputs (N, B, I), a standard deviation of internal noise, and the source of that
noise, whose next block is taken if the standard deviation is above 0."""


def answers_of(cohort: Cohort) -> Answers:
    """The cohort's answers, by sparse arithmetic where that is faster.

    On a CPU each individual is computed, and its arithmetic picked, as if it were alone.
    """
    if applies_to(cohort):
        return _sparse(SparseNetwork(cohort))
    if cohort.device.type == "cpu" and len(cohort) > 1:
        return _one_by_one([answers_of(cohort.individual(index)) for index in range(len(cohort))])
    return _together(cohort)


def _together(cohort: Cohort) -> Answers:
    def answer(x: torch.Tensor, internal_noise: float, noise: Noise | None) -> torch.Tensor:
        block = noise.block()[:, : x.shape[1]] if noise is not None and internal_noise > 0 else None
        return cohort.model.logits(cohort.weights, cohort.biases, x, cohort.activity, internal_noise, block)

    return answer


def _sparse(network: SparseNetwork) -> Answers:
    def answer(x: torch.Tensor, internal_noise: float, noise: Noise | None) -> torch.Tensor:
        address = noise.addresses()[0] if isinstance(noise, CpuNoise) and internal_noise > 0 else NOWHERE
        return network.logits(x, internal_noise, address)

    return answer


def _one_by_one(people: list[Answers]) -> Answers:
    def answer(x: torch.Tensor, internal_noise: float, noise: Noise | None) -> torch.Tensor:
        own = noise.split() if isinstance(noise, CpuNoise) and internal_noise > 0 else [None] * len(people)
        parts = zip(people, x.split(1), own, strict=True)
        return torch.cat([person(points, internal_noise, numbers) for person, points, numbers in parts])

    return answer
