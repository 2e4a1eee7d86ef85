"""What a cohort answers: the one place that picks the arithmetic for examining networks."""

from __future__ import annotations

from collections.abc import Callable

from depsim.kernels.arguments import NO_NOISE
from depsim.lazy_torch import torch
from depsim.model.cohort import Cohort
from depsim.model.dense import DenseNetwork
from depsim.model.sparse import SparseNetwork, has_kernels, is_sparse
from depsim.streams import CpuNoise, Noise

Predictor = Callable[["torch.Tensor", float, Noise | None], "torch.Tensor"]
"""Logits (N, B, O) of a cohort for inputs (N, B, I), a standard deviation of internal noise, and the source of that
noise, whose next block is taken if the standard deviation is above 0."""


def make_predictor(cohort: Cohort) -> Predictor:
    """The cohort's outputs in its standing state, by the fastest arithmetic.

    On a CPU each individual is computed, and its arithmetic picked, as if it were alone.
    """
    if has_kernels(cohort) or is_sparse(cohort):
        return _alone(cohort)
    if cohort.device.type == "cpu" and len(cohort) > 1:
        return _one_by_one([make_predictor(cohort.individual(index)) for index in range(len(cohort))])
    return _together(cohort)


def _together(cohort: Cohort) -> Predictor:
    def predict(x: torch.Tensor, sigma: float, noise: Noise | None) -> torch.Tensor:
        block, sd = None, cohort.state.noise_sd(sigma, x)
        if noise is not None and sigma > 0:
            block = noise.block()[:, : x.shape[1]]
            if isinstance(sd, torch.Tensor):
                block, sd = block * sd, 1.0
        return cohort.model.logits(cohort.weights, cohort.biases, x, cohort.state, float(sd), block)

    return predict


def _alone(cohort: Cohort) -> Predictor:
    network = SparseNetwork(cohort) if is_sparse(cohort) else DenseNetwork(cohort)

    def predict(x: torch.Tensor, sigma: float, noise: Noise | None) -> torch.Tensor:
        address = noise.addresses()[0] if isinstance(noise, CpuNoise) and sigma > 0 else NO_NOISE
        return network.logits(x, cohort.state, sigma, address)

    return predict


def _one_by_one(individuals: list[Predictor]) -> Predictor:
    def predict(x: torch.Tensor, sigma: float, noise: Noise | None) -> torch.Tensor:
        own = noise.split() if isinstance(noise, CpuNoise) and sigma > 0 else [None] * len(individuals)
        parts = zip(individuals, x.split(1), own, strict=True)
        return torch.cat([predictor(points, sigma, numbers) for predictor, points, numbers in parts])

    return predict
