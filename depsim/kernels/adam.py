"""One step of Adam."""

from __future__ import annotations

import numpy as np

from depsim.kernels.compiling import compiled, inlined

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
_KEEP_1, _TAKE_1 = np.float32(BETA_1), np.float32(1 - BETA_1)
_KEEP_2, _TAKE_2 = np.float32(BETA_2), np.float32(1 - BETA_2)
_EPSILON = np.float32(EPSILON)


@inlined
def _moved(parameter, gradient, first, second, size, scale):  # type: ignore[no-untyped-def]
    """Both moments and the parameter after the step."""
    mean = _KEEP_1 * first + _TAKE_1 * gradient
    square = _KEEP_2 * second + _TAKE_2 * gradient * gradient
    return mean, square, parameter - size * mean / (np.sqrt(square) * scale + _EPSILON)


@compiled
def adam_step(parameters, gradients, first, second, size, spread):  # type: ignore[no-untyped-def]
    """Move the parameters, in place.

    Args:
        parameters, gradients, first, second: (P,) float32; parameters and both moments are written.
        size: learning rate over the bias correction of the first moment.
        spread: square root of the bias correction of the second moment.
    """
    size, scale = np.float32(size), np.float32(1 / spread)
    for p in range(parameters.size):
        first[p], second[p], parameters[p] = _moved(parameters[p], gradients[p], first[p], second[p], size, scale)


@compiled
def masked_adam_step(parameters, gradients, may_change, first, second, size, spread):  # type: ignore[no-untyped-def]
    """The same for parameters of which some hold still: their gradient counts as 0.

    Args:
        may_change: (P,) boolean.
    """
    size, scale = np.float32(size), np.float32(1 / spread)
    for p in range(parameters.size):
        gradient = gradients[p] if may_change[p] else np.float32(0)
        first[p], second[p], parameters[p] = _moved(parameters[p], gradient, first[p], second[p], size, scale)
