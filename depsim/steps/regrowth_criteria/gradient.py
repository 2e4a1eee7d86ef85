"""Synapses regrow where the gradient of the loss is largest."""

from __future__ import annotations

from depsim.lazy_torch import torch
from depsim.steps.base import Path
from depsim.streams import Position


def scores(path: Path, position: Position, batches: int) -> tuple[torch.Tensor, ...]:
    """The gradient's magnitude, summed over training batches (paper, Methods; Evci et al. 2020, "RigL")."""
    return path.chunk.trainer.gradient_magnitudes(path.cohort, position, batches)
