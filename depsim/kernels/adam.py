"""One step of Adam."""

from __future__ import annotations

import numpy as np

from depsim.kernels.compiling import compiled

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@compiled
def adam_step(parameters, gradients, first, second, size, spread):  # type: ignore[no-untyped-def]
    """Move the parameters, in place.

    Args:
        parameters, gradients, first, second: (P,) float32; parameters and both moments are written.
        size: learning rate over the bias correction of the first moment.
        spread: square root of the bias correction of the second moment.
    """
    keep_1, take_1 = np.float32(BETA_1), np.float32(1 - BETA_1)
    keep_2, take_2 = np.float32(BETA_2), np.float32(1 - BETA_2)
    size, scale, epsilon = np.float32(size), np.float32(1 / spread), np.float32(EPSILON)
    for p in range(parameters.size):
        gradient = gradients[p]
        mean = keep_1 * first[p] + take_1 * gradient
        square = keep_2 * second[p] + take_2 * gradient * gradient
        moved = parameters[p] - size * mean / (np.sqrt(square) * scale + epsilon)
        first[p], second[p], parameters[p] = mean, square, moved
