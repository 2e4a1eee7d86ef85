"""Data as functions of a seed that give tensors, to be copied from."""

from __future__ import annotations

from depsim.lazy_torch import torch

Pair = tuple["torch.Tensor", "torch.Tensor"]


def spirals(seed: int) -> tuple[Pair, Pair]:
    """Three arms of a spiral in the plane, 2,400 points to learn and 1,200 to be examined on."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(3600) % 3
    radius = 0.3 + 2.7 * torch.rand(3600, generator=generator)
    angle = 1.2 * radius + 2 * torch.pi / 3 * y + 0.15 * torch.randn(3600, generator=generator)
    x = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    return (x[:2400], y[:2400]), (x[2400:], y[2400:])
