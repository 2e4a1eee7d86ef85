"""A pass through one sparse network, one loop over its units: arithmetic only where a synapse exists and can matter.

Activity is stored unit by unit, one row of B samples each, so every synapse is one vectorised multiply-add over the
batch. What is the same for all samples is computed once: the response of constant units, what they send where there is
no noise, and their gradients. ``wiring`` is a :class:`depsim.model.wiring.Wiring`.
"""

from __future__ import annotations

import numpy as np

from depsim.kernels.compiling import compiled, compiled_sums
from depsim.kernels.normals import fill_unit
from depsim.kernels.vector_math import relu, tanh


@compiled
def forward(wiring, weights, biases, settings, activations):  # type: ignore[no-untyped-def]
    """Fill in what every computed unit responds and sends.

    Args:
        weights, biases: of the wiring's synapses and computed units.
        settings, activations: see there.
    """
    _, _, noise_sd, noise_mean, noise = settings
    response, signal, level, _ = activations
    start, constant, source = wiring.start, wiring.constant, wiring.source
    units, samples = signal.shape
    noisy = noise_sd > np.float32(0)
    own = noise.room
    for row in range(wiring.bias_index.size):
        unit = wiring.inputs + row
        hidden = unit < units - wiring.outputs
        bounded, damping = settings.bounded[wiring.layer[row]], settings.damping[wiring.layer[row]]
        out, first, last = signal[unit], start[row], start[row + 1]
        if hidden and first == last:
            level[unit] = damping * (_respond(biases[row], bounded) + noise_mean)
            if noisy:
                fill_unit(noise.key, noise.step, wiring.noise_index[row], own)
                for b in range(samples):
                    out[b] = level[unit] + damping * noise_sd * own[b]
            continue
        base = biases[row]
        if not noisy:
            last = constant[row]
            for synapse in range(last, start[row + 1]):
                base += weights[synapse] * level[source[synapse]]
        out[:] = base
        _accumulate(weights[first:last], source[first:last], signal, out)
        if hidden:
            answer = response[unit]
            if bounded:
                for b in range(samples):
                    answer[b] = tanh(out[b])
            else:
                for b in range(samples):
                    answer[b] = relu(out[b])
            if noisy:
                fill_unit(noise.key, noise.step, wiring.noise_index[row], own)
                for b in range(samples):
                    out[b] = damping * ((answer[b] + noise_mean) + noise_sd * own[b])
            else:
                for b in range(samples):
                    out[b] = damping * (answer[b] + noise_mean)


@compiled
def _respond(total, bounded):  # type: ignore[no-untyped-def]
    """What leaves the nonlinearity."""
    return tanh(total) if bounded else relu(total)


@compiled
def _slope(total, bounded):  # type: ignore[no-untyped-def]
    """The derivative of what leaves the nonlinearity."""
    answer = _respond(total, bounded)
    return np.float32(1) - answer * answer if bounded else np.float32(answer > np.float32(0))


@compiled
def _accumulate(weights, source, signal, out):  # type: ignore[no-untyped-def]
    """Add the weighted signals of some synapses, four at a time: one pass over the sums instead of four."""
    fours = source.size // 4
    for four in range(fours):
        s0, s1, s2, s3 = 4 * four, 4 * four + 1, 4 * four + 2, 4 * four + 3
        w0, w1, w2, w3 = weights[s0], weights[s1], weights[s2], weights[s3]
        h0, h1, h2, h3 = signal[source[s0]], signal[source[s1]], signal[source[s2]], signal[source[s3]]
        for b in range(out.size):
            out[b] += w0 * h0[b] + w1 * h1[b] + w2 * h2[b] + w3 * h3[b]
    for synapse in range(4 * fours, source.size):
        w0, h0 = weights[synapse], signal[source[synapse]]
        for b in range(out.size):
            out[b] += w0 * h0[b]


@compiled_sums
def backward(wiring, weights, biases, settings, activations, learns, error, weight_gradients, bias_gradients):  # type: ignore[no-untyped-def]
    """Gradients of the loss for every synapse and computed unit of the layers that learn.

    No error passes below the lowest of them.

    Args:
        weights, biases, settings, activations: as the forward pass left them.
        learns: (L,) boolean, whether a layer does.
        error: (units, B), that of the outputs filled in; overwritten.
        weight_gradients, bias_gradients: written, those of layers that learn.
    """
    _, _, noise_sd, _, _ = settings
    response, signal, level, pull = activations
    start, constant, source = wiring.start, wiring.constant, wiring.source
    units, samples = signal.shape
    noisy = noise_sd > np.float32(0)
    zero, lowest = np.float32(0), learns.argmax()
    pull[:] = zero
    error[: units - wiring.outputs] = zero
    for row in range(wiring.bias_index.size - 1, -1, -1):
        unit, layer = wiring.inputs + row, wiring.layer[row]
        if layer < lowest:
            break
        bounded, damping, learning = settings.bounded[layer], settings.damping[layer], learns[layer]
        passing = layer > lowest or lowest == 0  # to inputs, too: one loop for gradient and error rounds as it does
        delta, first, last = error[unit], start[row], start[row + 1]
        if unit < units - wiring.outputs:
            if first == last:
                if learning:
                    bias_gradients[row] = damping * _slope(biases[row], bounded) * pull[unit]
                continue
            _backprop_activation(response[unit], bounded, damping, delta)
        total = zero
        for b in range(samples):
            total += delta[b]
        if passing:
            for synapse in range(constant[row], last):
                pull[source[synapse]] += weights[synapse] * total
        if not learning:
            _pass_on(weights[first : constant[row]], source[first : constant[row]], delta, error)
            continue
        bias_gradients[row] = total
        if passing:
            for synapse in range(first, constant[row]):
                weight, origin, onward = weights[synapse], signal[source[synapse]], error[source[synapse]]
                gradient = zero
                for b in range(samples):
                    gradient += delta[b] * origin[b]
                    onward[b] += weight * delta[b]
                weight_gradients[synapse] = gradient
        else:
            _correlate(source[first : constant[row]], signal, delta, weight_gradients[first : constant[row]])
        if noisy:
            _correlate(source[constant[row] : last], signal, delta, weight_gradients[constant[row] : last])
        else:
            for synapse in range(constant[row], last):
                weight_gradients[synapse] = total * level[source[synapse]]


@compiled
def _backprop_activation(answer, bounded, damping, delta):  # type: ignore[no-untyped-def]
    """From the error of what a unit sends to the error of what it sums up, in place."""
    if bounded:
        for b in range(delta.size):
            delta[b] *= damping * (np.float32(1) - answer[b] * answer[b])
    else:
        for b in range(delta.size):
            delta[b] = damping * delta[b] if answer[b] > np.float32(0) else np.float32(0)


@compiled
def _pass_on(weights, source, delta, error):  # type: ignore[no-untyped-def]
    """Add a unit's error, weighted, to those of the units that some synapses come from."""
    for synapse in range(source.size):
        weight, onward = weights[synapse], error[source[synapse]]
        for b in range(delta.size):
            onward[b] += weight * delta[b]


@compiled_sums
def _correlate(source, signal, delta, gradients):  # type: ignore[no-untyped-def]
    """Gradients of some synapses of one unit, four at a time."""
    fours = source.size // 4
    for four in range(fours):
        s0, s1, s2, s3 = 4 * four, 4 * four + 1, 4 * four + 2, 4 * four + 3
        h0, h1, h2, h3 = signal[source[s0]], signal[source[s1]], signal[source[s2]], signal[source[s3]]
        g0 = g1 = g2 = g3 = np.float32(0)
        for b in range(delta.size):
            g0 += delta[b] * h0[b]
            g1 += delta[b] * h1[b]
            g2 += delta[b] * h2[b]
            g3 += delta[b] * h3[b]
        gradients[s0], gradients[s1], gradients[s2], gradients[s3] = g0, g1, g2, g3
    for synapse in range(4 * fours, source.size):
        h0, g0 = signal[source[synapse]], np.float32(0)
        for b in range(delta.size):
            g0 += delta[b] * h0[b]
        gradients[synapse] = g0
