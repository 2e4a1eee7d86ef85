"""Products of a cohort's matrices, one pair an individual."""

from __future__ import annotations

import numpy as np

from depsim.kernels.products import numpy_is_faster
from depsim.lazy_torch import torch


@np.errstate(over="ignore", invalid="ignore")  # a network that diverged is found by its parameters
def multiply(left: torch.Tensor, right: torch.Tensor, out: torch.Tensor) -> None:
    """Write the products of N pairs of matrices, (N, A, K) and (N, K, B), to ``out``, (N, A, B)."""
    if by_numpy(left, right):
        np.matmul(left.numpy(), right.numpy(), out=out.numpy())
    else:
        torch.bmm(left, right, out=out)


@np.errstate(over="ignore", invalid="ignore")
def affine(bias: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The products plus a bias, (N, 1, B) or (N, A, B)."""
    if by_numpy(bias, left, right):
        return torch.from_numpy(np.matmul(left.numpy(), right.numpy())).add_(bias)
    return torch.baddbmm(bias, left, right)


def by_numpy(*operands: torch.Tensor) -> bool:
    """Whether NumPy multiplies these: the faster one on a CPU, unless PyTorch must follow them to differentiate."""
    recorded = torch.is_grad_enabled() and any(operand.requires_grad for operand in operands)
    return operands[0].device.type == "cpu" and not recorded and numpy_is_faster()
