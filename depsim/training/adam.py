"""Adam on one flat buffer, for parameters on a CPU."""

from __future__ import annotations

import math

from depsim.kernels.adam import BETA_1, BETA_2, adam_step, masked_adam_step
from depsim.kernels.arguments import Array, aligned_zeros


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
        self.moments = aligned_zeros(2, -(-size // 16) * 16)[:, :size]
        self._learning_rate = learning_rate
        self._steps = 0

    def step(self, parameters: Array, gradients: Array, may_change: Array | None = None) -> None:
        """Move the parameters, in place; all of them, or those that may change."""
        self._steps += 1
        size = self._learning_rate / (1 - BETA_1**self._steps)
        spread = math.sqrt(1 - BETA_2**self._steps)
        if may_change is None:
            adam_step(parameters, gradients, *self.moments, size, spread)
        else:
            masked_adam_step(parameters, gradients, may_change, *self.moments, size, spread)
