"""Learning with sparse arithmetic: one individual on a CPU, only the synapses that exist and matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from depsim.model import Cohort
from depsim.model.sparse import SparseNetwork, backward, flatten, forward
from depsim.streams import Noise


class SparseLearner:
    """The state of one phase of training: the parameters that can change, their gradients, and Adam.

    Args:
        cohort: a cohort of one, on the CPU; left as it is.
        learning_rate: Adam's; its other settings are PyTorch's defaults.
    """

    def __init__(self, cohort: Cohort, learning_rate: float) -> None:
        self._start = cohort
        self._network = network = SparseNetwork(cohort)
        synapses = network.weights.size
        parameters = torch.from_numpy(np.concatenate([network.weights, network.biases]))
        gradients = torch.zeros_like(parameters)
        self._weights, self._biases = parameters[:synapses].numpy(), parameters[synapses:].numpy()
        self._weight_gradients, self._bias_gradients = gradients[:synapses].numpy(), gradients[synapses:].numpy()
        parameters.grad = gradients
        self._adam = torch.optim.Adam([parameters], lr=learning_rate, fused=True)

    def epoch(
        self, batches: Sequence[tuple[torch.Tensor, torch.Tensor]], internal_noise: float, noise: Noise | None
    ) -> torch.Tensor:
        """Learn from each batch in turn; returns the mean loss over the epoch's samples, (1,)."""
        total, samples = 0.0, 0
        for x, y in batches:
            block = noise.block()[:, : x.shape[1]] if noise is not None and internal_noise > 0 else None
            total += self._learn(x, y, internal_noise, block) * x.shape[1]
            samples += x.shape[1]
        return torch.tensor([total / samples])

    def _learn(self, x: torch.Tensor, y: torch.Tensor, internal_noise: float, noise: torch.Tensor | None) -> float:
        """One step; returns the batch's mean loss."""
        wiring, activity = self._network.wiring, self._start.activity
        signal = self._network.signal(x)
        response, error = np.empty_like(signal), np.zeros_like(signal)
        forward(wiring, self._weights, self._biases, activity, internal_noise, noise, response, signal)
        log_share = torch.log_softmax(torch.from_numpy(signal[-wiring.outputs :]), dim=0)
        loss = float(log_share.gather(0, y).mean().neg())
        delta = torch.from_numpy(error[-wiring.outputs :])
        torch.exp(log_share, out=delta)
        delta.scatter_add_(0, y, torch.full_like(delta[:1], -1.0))
        delta /= x.shape[1]
        backward(
            wiring.computed,
            wiring.start,
            wiring.source,
            self._weights,
            wiring.units - wiring.outputs,
            activity.bounded,
            np.float32(activity.damping_factor),
            response,
            signal,
            error,
            self._weight_gradients,
            self._bias_gradients,
        )
        self._adam.step()
        return loss

    def cohort(self) -> Cohort:
        """The network as it is now."""
        wiring = self._network.wiring
        weights, biases = flatten(self._start.weights), flatten(self._start.biases)
        weights[wiring.weight_index] = self._weights
        biases[wiring.bias_index] = self._biases
        return replace(
            self._start,
            weights=_unflatten(weights, self._start.weights),
            biases=_unflatten(biases, self._start.biases),
        )


def _unflatten(flat: np.ndarray, like: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    parts = torch.from_numpy(flat).split([tensor.numel() for tensor in like])
    return tuple(part.view_as(tensor).clone() for part, tensor in zip(parts, like, strict=True))
