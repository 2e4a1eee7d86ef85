"""The weakest synapses go first."""

from __future__ import annotations

from depsim.lazy_torch import torch
from depsim.steps.base import Path
from depsim.streams import Position


def scores(path: Path, _position: Position) -> tuple[torch.Tensor, ...]:
    """|w| (paper, Methods)."""
    return tuple(weight.abs() * mask for weight, mask in zip(path.cohort.weights, path.cohort.masks, strict=True))
