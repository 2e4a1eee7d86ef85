"""Learning with sparse arithmetic: one network on a CPU, only the synapses that exist and matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from depsim.kernels.arguments import NO_NOISE, Array, aligned, aligned_zeros
from depsim.kernels.loss import cross_entropy
from depsim.kernels.sparse import backward, forward
from depsim.lazy_torch import torch
from depsim.model import Cohort, StandingState
from depsim.model.sparse import SparseNetwork
from depsim.model.wiring import flatten
from depsim.streams import CpuNoise
from depsim.training.adam import Adam
from depsim.training.schedules import NORM_ABOVE_0, Layers, learning


class SparseLearner:
    """The state of one phase of training: the parameters that can change, their gradients, and Adam.

    Args:
        cohort: a cohort of one, on the CPU; left as it is.
        learning_rate: Adam's; its other settings are PyTorch's defaults.
        layers: that learn, from 1; None for all.
    """

    def __init__(self, cohort: Cohort, learning_rate: float, layers: Layers = None) -> None:
        self._start = cohort
        self._network = network = SparseNetwork(cohort)
        synapses = network.weights.size
        self._parameters = np.concatenate([network.weights, network.biases])
        self._gradients = np.zeros_like(self._parameters)
        network.weights, network.biases = self._parameters[:synapses], self._parameters[synapses:]
        self._learns, layer = learning(layers, network.layers), network.wiring.layer
        self._tied = _Tied(network, learning_rate) if cohort.model.is_unrolled else None
        own = np.concatenate([np.repeat(layer, np.diff(network.wiring.start)), layer])
        edges = np.flatnonzero(np.diff(self._learns[own], prepend=False, append=False)).reshape(-1, 2)
        self._parts = [(slice(first, end), Adam(int(end - first), learning_rate)) for first, end in edges]

    def epoch(
        self,
        batches: Sequence[tuple[torch.Tensor, torch.Tensor]],
        state: StandingState,
        sigma: float,
        noise: CpuNoise | None,
    ) -> torch.Tensor:
        """Learn from each batch in turn; returns the mean loss over the epoch's samples, (1,)."""
        network, synapses = self._network, self._network.weights.size
        total, samples = 0.0, 0
        activations = error = room = None
        for x, y in batches:
            size = x.shape[1]
            if activations is None or error is None or error.shape[1] != size:
                activations = network.activations(size)
                error, room = aligned_zeros(*activations.signal.shape), aligned(2, size)
            activations.signal[: network.wiring.inputs] = x[0].numpy().T
            address = noise.addresses()[0] if noise is not None and sigma > 0 else NO_NOISE
            settings = network.settings(state, sigma, address, size)
            forward(network.wiring, network.weights, network.biases, settings, activations)
            outputs = slice(-network.wiring.outputs, None)
            total += size * cross_entropy(activations.signal[outputs], y[0].numpy(), error[outputs], room)
            backward(
                network.wiring,
                network.weights,
                network.biases,
                settings,
                activations,
                self._learns,
                error,
                self._gradients[:synapses],
                self._gradients[synapses:],
            )
            self._descend()
            samples += size
        return torch.tensor([total / samples])

    def _descend(self) -> None:
        if self._tied is not None:
            self._tied.step(self._parameters, self._gradients, self._start.model.largest_gradient)
            return
        for part, adam in self._parts:
            adam.step(self._parameters[part], self._gradients[part])

    def cohort(self) -> Cohort:
        """The network as it is now."""
        wiring = self._network.wiring
        weights, biases = flatten(self._start.weights), flatten(self._start.biases)
        weights[wiring.weight_index] = self._network.weights
        biases[wiring.bias_index] = self._network.biases
        return replace(
            self._start, weights=_unflatten(weights, self._start.weights), biases=_unflatten(biases, self._start.biases)
        )


class _Tied:
    """Parameters that come again in every step of a network: each learns from the sum of its gradients.

    Args:
        network: whose they are.
        learning_rate: Adam's.
    """

    def __init__(self, network: SparseNetwork, learning_rate: float) -> None:
        wiring = network.wiring
        # Biases lie behind all weights.
        places = np.concatenate([wiring.weight_index, wiring.weight_index.max(initial=0) + 1 + wiring.bias_index])
        _, first, self._where = np.unique(places, return_index=True, return_inverse=True)
        self._own = np.concatenate([network.weights, network.biases])[first]
        self._adam = Adam(self._own.size, learning_rate)

    def step(self, parameters: Array, gradients: Array, largest: float | None) -> None:
        """Let Adam move the parameters, in place."""
        summed: Array = np.bincount(self._where, gradients, self._own.size)
        if largest is not None:
            summed = summed * min(1.0, largest / (float(np.linalg.norm(summed)) + NORM_ABOVE_0))
        self._adam.step(self._own, summed.astype(np.float32))
        np.take(self._own, self._where, out=parameters)


def _unflatten(flat: Array, like: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    parts = torch.from_numpy(flat).split([tensor.numel() for tensor in like])
    return tuple(part.view_as(tensor).clone() for part, tensor in zip(parts, like, strict=True))
