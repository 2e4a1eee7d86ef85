"""One sparse network on a CPU: arithmetic only where a synapse exists and can matter.

A pass is one loop over the units of a :class:`~depsim.model.wiring.Wiring`. Activities are stored unit by unit, one
row of B samples each, so every synapse is one vectorised multiply-add over the batch. What is the same for all
samples is computed once: the response of silent units, what they send where there is no noise, and their gradients.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from depsim.model.cohort import Cohort
from depsim.model.mlp import Mlp
from depsim.model.wiring import Array, flatten, wiring_of
from depsim.normals import fill_unit
from depsim.streams import Address
from depsim.vectormath import compiled, compiled_sums, relu, tanh

WORTHWHILE = 0.8
"""Sparsity from which sparse arithmetic beats dense, see DECISIONS 3."""


NOWHERE = Address(np.zeros(2, dtype=np.uint32), 0, 4)
"""The address to give where there is no noise."""


def is_alone(cohort: Cohort) -> bool:
    """Whether a cohort is one fully connected network on a CPU, for which there is arithmetic of its own."""
    return cohort.device.type == "cpu" and len(cohort) == 1 and isinstance(cohort.model, Mlp)


def applies_to(cohort: Cohort) -> bool:
    """Whether a cohort is one individual that sparse arithmetic can compute, and faster."""
    return is_alone(cohort) and float(cohort.sparsity()[0]) >= WORTHWHILE


class Disturbance(NamedTuple):
    """How hidden units respond in one pass, as compiled code takes it.

    Args:
        bounded, damping: tanh in place of ReLU, and the multiplier of the hidden activity.
        sigma: standard deviation of the internal noise.
        noise: where its numbers are; not looked at where ``sigma`` is 0.
    """

    bounded: bool
    damping: np.float32
    sigma: np.float32
    noise: Address


class Traces(NamedTuple):
    """What a pass leaves in the units, the inputs included; B samples.

    Args:
        response: (units, B), what leaves the nonlinearity of driven units.
        signal: (units, B), what the next layer receives; the inputs are filled in before a pass.
        level: (units,), what the next layer receives from silent units, without noise.
    """

    response: Array
    signal: Array
    level: Array


class SparseNetwork:
    """Answers of one sparse network.

    Args:
        cohort: a cohort of one, on the CPU.
    """

    def __init__(self, cohort: Cohort) -> None:
        self.wiring = wiring_of(cohort)
        self.activity = cohort.activity
        self.weights = flatten(cohort.weights)[self.wiring.weight_index]
        self.biases = flatten(cohort.biases)[self.wiring.bias_index]

    def logits(self, x: torch.Tensor, internal_noise: float, noise: Address) -> torch.Tensor:
        """Answers to inputs (1, B, I), B at most the rows of the noise: (1, B, O)."""
        traces = self.traces(x.shape[1])
        traces.signal[: self.wiring.inputs] = x[0].numpy().T
        disturbance = self.disturbance(internal_noise, noise, x.shape[1])
        forward(self.wiring, self.weights, self.biases, disturbance, traces)
        return torch.from_numpy(traces.signal[-self.wiring.outputs :].T.copy()).unsqueeze(0)

    def traces(self, samples: int) -> Traces:
        """Room for a pass."""
        shape = (self.wiring.units, samples)
        return Traces(np.empty(shape, np.float32), np.empty(shape, np.float32), np.zeros(shape[0], np.float32))

    def disturbance(self, internal_noise: float, noise: Address, samples: int) -> Disturbance:
        """How the hidden units respond to so many samples."""
        if internal_noise > 0 and noise is NOWHERE:
            raise ValueError(f"internal_noise is {internal_noise}, but no noise was given")
        if internal_noise > 0 and noise.rows < samples:
            raise ValueError(f"{samples} samples, but noise for {noise.rows} only")
        return Disturbance(
            self.activity.bounded, np.float32(self.activity.damping_factor), np.float32(internal_noise), noise
        )


@compiled
def forward(wiring, weights, biases, disturbance, traces):  # type: ignore[no-untyped-def]
    """Fill in what every computed unit answers.

    Args:
        weights, biases: of the wiring's synapses and computed units.
        disturbance, traces: see there.
    """
    bounded, damping, sigma, noise = disturbance
    response, signal, level = traces
    start, silent, source = wiring.start, wiring.silent, wiring.source
    units, samples = signal.shape
    noisy = sigma > np.float32(0)
    own = np.empty(noise.rows, dtype=np.float32)
    for row in range(wiring.bias_index.size):
        unit = wiring.inputs + row
        hidden = unit < units - wiring.outputs
        out, first, last = signal[unit], start[row], start[row + 1]
        if hidden and first == last:
            level[unit] = damping * _respond(biases[row], bounded)
            if noisy:
                fill_unit(noise.key, noise.step, wiring.bias_index[row], own)
                for b in range(samples):
                    out[b] = level[unit] + damping * sigma * own[b]
            continue
        base = biases[row]
        if not noisy:
            last = silent[row]
            for synapse in range(last, start[row + 1]):
                base += weights[synapse] * level[source[synapse]]
        out[:] = base
        _accumulate(weights, source, signal, first, last, out)
        if hidden:
            answer = response[unit]
            if bounded:
                for b in range(samples):
                    answer[b] = tanh(out[b])
            else:
                for b in range(samples):
                    answer[b] = relu(out[b])
            if noisy:
                fill_unit(noise.key, noise.step, wiring.bias_index[row], own)
                for b in range(samples):
                    out[b] = damping * (answer[b] + sigma * own[b])
            else:
                for b in range(samples):
                    out[b] = damping * answer[b]


@compiled
def _respond(total, bounded):  # type: ignore[no-untyped-def]
    """What leaves the nonlinearity."""
    return tanh(total) if bounded else relu(total)


@compiled
def _accumulate(weights, source, signal, first, last, out):  # type: ignore[no-untyped-def]
    """Add the weighted signals of some synapses, four at a time: one pass over the sums instead of four."""
    synapse = first
    while synapse + 4 <= last:
        w0, w1, w2, w3 = weights[synapse], weights[synapse + 1], weights[synapse + 2], weights[synapse + 3]
        h0, h1 = signal[source[synapse]], signal[source[synapse + 1]]
        h2, h3 = signal[source[synapse + 2]], signal[source[synapse + 3]]
        for b in range(out.size):
            out[b] += w0 * h0[b] + w1 * h1[b] + w2 * h2[b] + w3 * h3[b]
        synapse += 4
    while synapse < last:
        w0, h0 = weights[synapse], signal[source[synapse]]
        for b in range(out.size):
            out[b] += w0 * h0[b]
        synapse += 1


@compiled_sums
def backward(wiring, weights, biases, disturbance, traces, error, weight_gradients, bias_gradients):  # type: ignore[no-untyped-def]
    """Gradients of the loss for every synapse and computed unit.

    Args:
        weights, biases, disturbance, traces: as the forward pass left them.
        error: (units, B), that of the outputs filled in; overwritten.
        weight_gradients, bias_gradients: written.
    """
    bounded, damping, sigma, _ = disturbance
    response, signal, level = traces
    start, silent, source = wiring.start, wiring.silent, wiring.source
    units, samples = signal.shape
    noisy = sigma > np.float32(0)
    zero, one = np.float32(0), np.float32(1)
    pull = np.zeros(units, dtype=np.float32)  # error of silent units, summed over samples
    error[: units - wiring.outputs] = zero
    for row in range(wiring.bias_index.size - 1, -1, -1):
        unit = wiring.inputs + row
        delta, first, last = error[unit], start[row], start[row + 1]
        if unit < units - wiring.outputs:
            if first == last:
                answer = _respond(biases[row], bounded)
                slope = one - answer * answer if bounded else np.float32(answer > zero)
                bias_gradients[row] = damping * slope * pull[unit]
                continue
            _through_activation(response[unit], bounded, damping, delta)
        total = zero
        for b in range(samples):
            total += delta[b]
        bias_gradients[row] = total
        for synapse in range(first, silent[row]):
            weight, origin, onward = weights[synapse], signal[source[synapse]], error[source[synapse]]
            gradient = zero
            for b in range(samples):
                gradient += delta[b] * origin[b]
                onward[b] += weight * delta[b]
            weight_gradients[synapse] = gradient
        for synapse in range(silent[row], last):
            pull[source[synapse]] += weights[synapse] * total
        if noisy:
            _correlate(source, signal, silent[row], last, delta, weight_gradients)
        else:
            for synapse in range(silent[row], last):
                weight_gradients[synapse] = total * level[source[synapse]]


@compiled
def _through_activation(answer, bounded, damping, delta):  # type: ignore[no-untyped-def]
    """From the error of what a unit sends to the error of what it summed up, in place."""
    if bounded:
        for b in range(delta.size):
            delta[b] *= damping * (np.float32(1) - answer[b] * answer[b])
    else:
        for b in range(delta.size):
            delta[b] = damping * delta[b] if answer[b] > np.float32(0) else np.float32(0)


@compiled_sums
def _correlate(source, signal, first, last, delta, gradients):  # type: ignore[no-untyped-def]
    """Gradients of some synapses of one unit, four at a time."""
    synapse = first
    while synapse + 4 <= last:
        h0, h1 = signal[source[synapse]], signal[source[synapse + 1]]
        h2, h3 = signal[source[synapse + 2]], signal[source[synapse + 3]]
        g0 = g1 = g2 = g3 = np.float32(0)
        for b in range(delta.size):
            g0 += delta[b] * h0[b]
            g1 += delta[b] * h1[b]
            g2 += delta[b] * h2[b]
            g3 += delta[b] * h3[b]
        gradients[synapse], gradients[synapse + 1], gradients[synapse + 2], gradients[synapse + 3] = g0, g1, g2, g3
        synapse += 4
    while synapse < last:
        h0, g0 = signal[source[synapse]], np.float32(0)
        for b in range(delta.size):
            g0 += delta[b] * h0[b]
        gradients[synapse] = g0
        synapse += 1
