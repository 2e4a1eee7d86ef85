"""Adam on one flat buffer, for parameters on a CPU."""

from __future__ import annotations

import math

import numpy as np

from depsim.model.wiring import Array
from depsim.vectormath import compiled

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """The state of Adam with PyTorch's default settings.

    Args:
        size: number of parameters.
        learning_rate: the step size.

    Attributes:
        moments: (2, size), the running means of the gradient and of its square.

    References: Kingma & Ba (2015), "Adam"; ``torch.optim.Adam`` for the order of the operations.
    """

    def __init__(self, size: int, learning_rate: float) -> None:
        self.moments = np.zeros((2, size), dtype=np.float32)
        self._learning_rate = learning_rate
        self._steps = 0

    def step(self, parameters: Array, gradients: Array) -> None:
        """Move the parameters, in place."""
        self._steps += 1
        size = self._learning_rate / (1 - _BETA_1**self._steps)
        spread = math.sqrt(1 - _BETA_2**self._steps)
        descend(parameters, gradients, self.moments[0], self.moments[1], size, spread)


@compiled
def descend(parameters, gradients, first, second, size, spread):  # type: ignore[no-untyped-def]
    """One step.

    Args:
        parameters, gradients, first, second: (P,) float32; parameters and both moments are written.
        size: learning rate over the bias correction of the first moment.
        spread: square root of the bias correction of the second moment.
    """
    keep_1, take_1 = np.float32(_BETA_1), np.float32(1 - _BETA_1)
    keep_2, take_2 = np.float32(_BETA_2), np.float32(1 - _BETA_2)
    size, scale, epsilon = np.float32(size), np.float32(1 / spread), np.float32(_EPSILON)
    for p in range(parameters.size):
        gradient = gradients[p]
        mean = keep_1 * first[p] + take_1 * gradient
        square = keep_2 * second[p] + take_2 * gradient * gradient
        moved = parameters[p] - size * mean / (np.sqrt(square) * scale + epsilon)
        first[p], second[p], parameters[p] = mean, square, moved
