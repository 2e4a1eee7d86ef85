"""One sparse layered network on a CPU, ready for the compiled pass of :mod:`depsim.kernels.sparse`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from depsim.kernels.arguments import NO_NOISE, Activations, Array, ForwardSettings, NoiseAddress, aligned, aligned_zeros
from depsim.lazy_torch import torch
from depsim.model.cohort import Cohort
from depsim.model.state import StandingState
from depsim.model.wiring import flatten, wiring_of

SPARSE_FROM = 0.8
"""Sparsity from which sparse arithmetic beats dense, see DECISIONS 3."""


def has_kernels(cohort: Cohort) -> bool:
    """Whether a cohort is one layered network on a CPU, which compiled kernels can compute."""
    return _is_one(cohort) and cohort.model.is_layered


def is_sparse(cohort: Cohort) -> bool:
    """Whether a cohort is one individual that sparse arithmetic can compute, and faster."""
    can = _is_one(cohort) and (cohort.model.is_layered or cohort.model.is_unrolled)
    return can and float(cohort.sparsity()[0]) >= SPARSE_FROM


def _is_one(cohort: Cohort) -> bool:
    return cohort.device.type == "cpu" and len(cohort) == 1


class SparseNetwork:
    """One sparse network.

    Args:
        cohort: a cohort of one, on the CPU.
    """

    def __init__(self, cohort: Cohort) -> None:
        self.layers = cohort.architecture.stages[-1].layer + 1
        self.wiring = wiring_of(cohort)
        self.weights = flatten(cohort.weights)[self.wiring.weight_index]
        self.biases = flatten(cohort.biases)[self.wiring.bias_index]

    def logits(self, x: torch.Tensor, state: StandingState, sigma: float, noise: NoiseAddress) -> torch.Tensor:
        """Outputs for inputs (1, B, I), B at most the rows of the noise: (1, B, O)."""
        from depsim.kernels.sparse import forward  # what only plans needs no compiler

        activations = self.activations(x.shape[1])
        activations.signal[: self.wiring.inputs] = x[0].numpy().T
        settings = self.settings(state, sigma, noise, x.shape[1])
        forward(self.wiring, self.weights, self.biases, settings, activations)
        return torch.from_numpy(activations.signal[-self.wiring.outputs :].T.copy()).unsqueeze(0)

    def settings(self, state: StandingState, sigma: float, noise: NoiseAddress, samples: int) -> ForwardSettings:
        """How its hidden units respond to so many samples in this state, under noise."""
        return forward_settings(state, self.layers, sigma, noise, samples)

    def activations(self, samples: int) -> Activations:
        """Room for a pass."""
        shape = (self.wiring.units, samples)
        return Activations(aligned(*shape), aligned(*shape), aligned_zeros(shape[0]), aligned_zeros(shape[0]))


def forward_settings(
    state: StandingState, layers: int, sigma: float, noise: NoiseAddress, samples: int
) -> ForwardSettings:
    """How the hidden units of one network of so many layers respond to samples in this state, under noise."""
    if sigma > 0 and noise is NO_NOISE:
        raise ValueError(f"the internal noise is {sigma}, but no noise was given")
    if sigma > 0 and noise.room.size < samples:
        raise ValueError(f"{samples} samples, but noise for {noise.room.size} only")
    gain, mean = state.noise_alone
    return ForwardSettings(*_by_layer(state, layers), np.float32(sigma * gain), np.float32(mean), noise)


@lru_cache(maxsize=16)
def _by_layer(state: StandingState, layers: int) -> tuple[Array, Array]:
    """Whether each layer's response is bounded, and its damping factor; asked for at every batch."""
    drugs = [state.in_layer(layer) for layer in range(1, layers + 1)]
    damping = np.array([drug.damping_factor for drug in drugs], dtype=np.float32)
    return np.array([drug.bounded for drug in drugs]), damping
