"""Adam with a learning rate for each row of the parameters, for individuals that differ, held together on a GPU."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.kernels.adam import BETA_1, BETA_2, EPSILON
from depsim.lazy_torch import torch


class RowAdam:
    """The state of Adam, with PyTorch's default settings; its steps can be recorded.

    Args:
        parameters: (N, P), moved in place; their ``grad`` is read.
        learning_rates: N step sizes.

    References: Kingma & Ba (2015), "Adam"; ``torch.optim.Adam`` for the order of the operations.
    """

    def __init__(self, parameters: torch.Tensor, learning_rates: Sequence[float]) -> None:
        self._parameters = parameters
        self._first, self._second = torch.zeros_like(parameters), torch.zeros_like(parameters)
        self._rates = torch.tensor(learning_rates, dtype=torch.float64, device=parameters.device).unsqueeze(1)
        self._steps = torch.zeros((), dtype=torch.float64, device=parameters.device)

    def step(self) -> None:
        """Move the parameters."""
        gradients = self._parameters.grad
        assert gradients is not None
        self._steps.add_(1)
        self._first.lerp_(gradients, 1 - BETA_1)
        self._second.mul_(BETA_2).addcmul_(gradients, gradients, value=1 - BETA_2)
        size = (self._rates / (1 - BETA_1**self._steps)).to(self._first.dtype)
        spread = torch.sqrt(1 - BETA_2**self._steps).to(self._first.dtype)
        self._parameters.sub_(size * self._first / ((self._second.sqrt() / spread).add_(EPSILON)))
