"""One layered network on a CPU by dense products, examined as :mod:`depsim.model.sparse` does."""

from __future__ import annotations

import numpy as np

from depsim.kernels.arguments import NoiseAddress, aligned
from depsim.kernels.products import multiply
from depsim.lazy_torch import torch
from depsim.model.cohort import Cohort
from depsim.model.sparse import forward_settings
from depsim.model.state import StandingState


class DenseNetwork:
    """One network.

    Args:
        cohort: a cohort of one, on the CPU.
    """

    def __init__(self, cohort: Cohort) -> None:
        self._layers = [(w[0].numpy(), b[0].numpy()) for w, b in zip(cohort.weights, cohort.biases, strict=True)]

    @np.errstate(over="ignore", invalid="ignore")  # a network that diverged is found by its parameters
    def logits(self, x: torch.Tensor, state: StandingState, sigma: float, noise: NoiseAddress) -> torch.Tensor:
        """Outputs for inputs (1, B, I), B at most the rows of the noise: (1, B, O)."""
        from depsim.kernels.dense import respond  # what only plans needs no compiler

        settings = forward_settings(state, len(self._layers), sigma, noise, x.shape[1])
        signal, first = x[0].numpy().T, 0
        for layer, (weights, biases) in enumerate(self._layers[:-1]):
            sums = aligned(len(biases), x.shape[1])
            multiply(weights, signal, sums)
            respond(sums, biases, settings, layer, first)
            signal, first = sums, first + len(biases)
        weights, biases = self._layers[-1]
        return torch.from_numpy(np.matmul(weights, signal).T + biases).unsqueeze(0)
