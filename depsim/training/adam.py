"""Adam on one flat buffer, for parameters on a CPU."""

from __future__ import annotations

import math

import numpy as np

from depsim.kernels.adam import BETA_1, BETA_2, adam_step
from depsim.kernels.arguments import Array


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
        size = self._learning_rate / (1 - BETA_1**self._steps)
        spread = math.sqrt(1 - BETA_2**self._steps)
        adam_step(parameters, gradients, self.moments[0], self.moments[1], size, spread)
