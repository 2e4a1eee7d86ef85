"""The loops around dense products: from what units sum up to what they send, and back."""

from __future__ import annotations

import numpy as np

from depsim.kernels.compiling import compiled
from depsim.kernels.normals import fill_unit
from depsim.kernels.vector_math import relu, tanh


@compiled
def respond(sums, biases, settings, layer, first):  # type: ignore[no-untyped-def]
    """From what hidden units sum up to what they send, in place, with internal noise.

    Args:
        sums: (units, B).
        biases: (units,).
        settings: see :class:`depsim.kernels.arguments.ForwardSettings`.
        layer: of these units, from 0.
        first: where the numbers of the first of these units stand in the noise.
    """
    bounded, damping = settings.bounded[layer], settings.damping[layer]
    _, _, noise_sd, noise_mean, noise = settings
    own = noise.room
    for unit in range(biases.size):
        row, bias = sums[unit], biases[unit]
        if noise_sd > np.float32(0):
            fill_unit(noise.key, noise.step, first + unit, own)
            for b in range(row.size):
                total = row[b] + bias
                row[b] = damping * (((tanh(total) if bounded else relu(total)) + noise_mean) + noise_sd * own[b])
        else:
            for b in range(row.size):
                total = row[b] + bias
                row[b] = damping * ((tanh(total) if bounded else relu(total)) + noise_mean)


@compiled
def activate(sums, base, bounded, damping, active, peak):  # type: ignore[no-untyped-def]
    """From what the units sum up to what they send, in place; returns whether all units from ``active`` on send 0.

    Args:
        sums: (B, units).
        base: (units,), added to every sample.
        active: the first unit that is guessed to be inactive.
        peak: (units,), raised to the highest sum.
    """
    samples, units = sums.shape
    highest = np.float32(0)
    for b in range(samples):
        row = sums[b]
        for u in range(units):
            total = row[u] + base[u]
            peak[u] = max(peak[u], total)
            row[u] = damping * (tanh(total) if bounded else relu(total))
        for u in range(active, units):
            highest = max(highest, row[u])
    return highest <= np.float32(0)


@compiled
def backprop_activation(error, signal, bounded, damping, total):  # type: ignore[no-untyped-def]
    """From the error of what units send to the error of what they sum up, in place, and its sum over samples.

    Args:
        error: (B, width).
        signal: (at least B, at least width), as :func:`activate` left it.
        total: (width,), written.
    """
    samples, width = error.shape
    total[:] = np.float32(0)
    for b in range(samples):
        row, sent = error[b], signal[b]
        for u in range(width):
            response = sent[u] / damping
            slope = np.float32(1) - response * response if bounded else np.float32(sent[u] > np.float32(0))
            row[u] *= damping * slope
            total[u] += row[u]
