"""Synapses regrow at random."""

from __future__ import annotations

from depsim.lazy_torch import torch
from depsim.steps.base import Path
from depsim.streams import Position


def scores(path: Path, _position: Position, _batches: int) -> tuple[torch.Tensor, ...]:
    """All equal: ties are broken at random."""
    return tuple(torch.zeros_like(weight) for weight in path.cohort.weights)
