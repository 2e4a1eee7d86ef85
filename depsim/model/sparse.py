"""One sparse network on a CPU: arithmetic only where a synapse exists and can matter.

The whole network is one compressed-row matrix over all its units, numbered from the inputs to the outputs, so a pass
is one loop over units in that order. Units from which no path leads to an output are left out: nothing they do can
be seen, and their gradients are exactly 0. Activities are stored unit by unit, one row of B samples each, so every
synapse is one vectorised multiply-add over the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import torch

from depsim.model.cohort import Activity, Cohort
from depsim.model.mlp import Mlp

Array = np.ndarray[Any, Any]

WORTHWHILE = 0.8
"""Sparsity from which sparse arithmetic beats dense; see ``benchmarks/``."""

_LOOP = numba.njit(cache=True, nogil=True, fastmath={"contract"})
_REDUCTION = numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})


def applies_to(cohort: Cohort) -> bool:
    """Whether a cohort is one individual that sparse arithmetic can compute, and faster."""
    alone = cohort.device.type == "cpu" and len(cohort) == 1 and isinstance(cohort.model, Mlp)
    return alone and float(cohort.sparsity()[0]) >= WORTHWHILE


@dataclass(frozen=True)
class Wiring:
    """Which synapses of one network matter, as compressed rows over all units.

    Args:
        inputs, outputs: numbers of input and output units; inputs come first, outputs last.
        computed: the units to compute, ascending: every output and every hidden unit that reaches one.
        start: where each computed unit's incoming synapses begin, one more entry than ``computed``.
        source: the unit each synapse comes from.
        weight_index, bias_index: where the synapses' weights and the computed units' biases lie in the
            network's flattened weights and biases, layer after layer.
    """

    inputs: int
    outputs: int
    computed: Array
    start: Array
    source: Array
    weight_index: Array
    bias_index: Array

    @classmethod
    def of(cls, cohort: Cohort) -> Wiring:
        """The wiring of a cohort of one."""
        masks = [mask[0].numpy() for mask in cohort.masks]
        reaching = [np.ones(masks[-1].shape[0], dtype=bool)]
        for mask in reversed(masks[1:]):
            reaching.insert(0, mask[reaching[0]].any(axis=0))
        sizes = [masks[0].shape[1], *(mask.shape[0] for mask in masks)]
        first_unit = np.concatenate([[0], np.cumsum(sizes)])
        first_weight = np.concatenate([[0], np.cumsum([mask.size for mask in masks])])
        computed, source, index, counts = [], [], [], []
        for layer, (mask, reaches) in enumerate(zip(masks, reaching, strict=True)):
            alive = mask & reaches[:, None]
            rows, columns = np.nonzero(alive)
            computed.append(first_unit[layer + 1] + np.flatnonzero(reaches))
            counts.append(alive.sum(axis=1)[reaches])
            source.append(first_unit[layer] + columns)
            index.append(first_weight[layer] + rows * mask.shape[1] + columns)
        units = np.concatenate(computed)
        return cls(
            inputs=sizes[0],
            outputs=sizes[-1],
            computed=units,
            start=np.concatenate([[0], np.cumsum(np.concatenate(counts))]),
            source=np.concatenate(source),
            weight_index=np.concatenate(index),
            bias_index=units - sizes[0],
        )

    @property
    def units(self) -> int:
        """Number of units, the inputs included."""
        return int(self.computed[-1]) + 1


class SparseNetwork:
    """Answers of one sparse network.

    Args:
        cohort: a cohort of one, on the CPU.
    """

    def __init__(self, cohort: Cohort) -> None:
        self.wiring = Wiring.of(cohort)
        self.weights = flatten(cohort.weights)[self.wiring.weight_index]
        self.biases = flatten(cohort.biases)[self.wiring.bias_index]

    def logits(
        self, x: torch.Tensor, activity: Activity, internal_noise: float, noise: torch.Tensor | None
    ) -> torch.Tensor:
        """Answers to inputs (1, B, I) with noise (1, B, hidden units): (1, B, O)."""
        signal = self.signal(x)
        response = np.empty_like(signal)
        forward(self.wiring, self.weights, self.biases, activity, internal_noise, noise, response, signal)
        return torch.from_numpy(signal[-self.wiring.outputs :].T.copy()).unsqueeze(0)

    def signal(self, x: torch.Tensor) -> Array:
        """Room for the activity of all units, (units, B), with the inputs (1, B, I) filled in."""
        signal = np.zeros((self.wiring.units, x.shape[1]), dtype=np.float32)
        signal[: self.wiring.inputs] = x[0].numpy().T
        return signal


def flatten(tensors: tuple[torch.Tensor, ...]) -> Array:
    """The values of a cohort of one, layer after layer, as a new flat array."""
    return np.concatenate([tensor[0].numpy().ravel() for tensor in tensors])


def forward(
    wiring: Wiring,
    weights: Array,
    biases: Array,
    activity: Activity,
    internal_noise: float,
    noise: torch.Tensor | None,
    response: Array,
    signal: Array,
) -> None:
    """Fill in what every computed unit answers.

    Args:
        weights, biases: of the wiring's synapses and computed units.
        noise: standard normal numbers (1, B, hidden units).
        response: (units, B), written: what leaves the nonlinearity.
        signal: (units, B), inputs filled in, the rest written: what the next layer receives.
    """
    if internal_noise > 0 and noise is None:
        raise ValueError(f"internal_noise is {internal_noise}, but no noise was given")
    numbers = np.empty((0, 0), dtype=np.float32) if noise is None else noise[0].mT.contiguous().numpy()
    _forward(
        wiring.computed,
        wiring.start,
        wiring.source,
        weights,
        biases,
        wiring.inputs,
        wiring.units - wiring.outputs,
        activity.bounded,
        np.float32(activity.damping_factor),
        np.float32(internal_noise),
        numbers,
        response,
        signal,
    )


@_LOOP
def _forward(computed, start, source, weights, biases, inputs, first_output, bounded, damping, sigma, noise, response, signal):  # type: ignore[no-untyped-def]  # noqa: E501  # fmt: skip
    samples = signal.shape[1]
    for row in range(computed.size):
        unit = computed[row]
        out = signal[unit]
        out[:] = biases[row]
        synapse, last = start[row], start[row + 1]
        while synapse + 4 <= last:  # four at a time: one pass over the sums instead of four
            w0, w1, w2, w3 = weights[synapse], weights[synapse + 1], weights[synapse + 2], weights[synapse + 3]
            h0, h1 = signal[source[synapse]], signal[source[synapse + 1]]
            h2, h3 = signal[source[synapse + 2]], signal[source[synapse + 3]]
            for b in range(samples):
                out[b] += w0 * h0[b] + w1 * h1[b] + w2 * h2[b] + w3 * h3[b]
            synapse += 4
        while synapse < last:
            w0, h0 = weights[synapse], signal[source[synapse]]
            for b in range(samples):
                out[b] += w0 * h0[b]
            synapse += 1
        if unit < first_output:
            answer = response[unit]
            if bounded:
                for b in range(samples):
                    answer[b] = np.tanh(out[b])
            else:
                for b in range(samples):
                    answer[b] = max(out[b], np.float32(0))
            if sigma > 0:
                own = noise[unit - inputs]
                for b in range(samples):
                    out[b] = damping * (answer[b] + sigma * own[b])
            else:
                for b in range(samples):
                    out[b] = damping * answer[b]


@_REDUCTION
def backward(computed, start, source, weights, first_output, bounded, damping, response, signal, error, weight_gradients, bias_gradients):  # type: ignore[no-untyped-def]  # noqa: E501  # fmt: skip
    """Gradients of the loss for every synapse and computed unit.

    Args:
        error: (units, B), the outputs' filled in, the rest 0 on entry and the error of each unit's signal on return.
        weight_gradients, bias_gradients: written.
    """
    samples = signal.shape[1]
    zero, one = np.float32(0), np.float32(1)
    for row in range(computed.size - 1, -1, -1):
        unit = computed[row]
        delta = error[unit]
        if unit < first_output:
            answer = response[unit]
            if bounded:
                for b in range(samples):
                    delta[b] *= damping * (one - answer[b] * answer[b])
            else:
                for b in range(samples):
                    delta[b] = damping * delta[b] if answer[b] > zero else zero
        total = zero
        for b in range(samples):
            total += delta[b]
        bias_gradients[row] = total
        for synapse in range(start[row], start[row + 1]):
            weight, origin, onward = weights[synapse], signal[source[synapse]], error[source[synapse]]
            gradient = zero
            for b in range(samples):
                gradient += delta[b] * origin[b]
                onward[b] += weight * delta[b]
            weight_gradients[synapse] = gradient
