"""The points an individual is trained and examined on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.lazy_torch import torch


@dataclass(frozen=True)
class Points:
    """Labelled points of a cohort.

    Shape: ``x`` (N, B, I) float32, ``y`` (N, B) int64; N may be a broadcast axis where all individuals share them.
    """

    x: torch.Tensor
    y: torch.Tensor

    def to(self, device: torch.device) -> Points:
        """The same points on another device."""
        return Points(self.x.to(device), self.y.to(device))


def stacked(sets: Sequence[tuple[np.ndarray, np.ndarray]], count: int) -> Points:
    """Points of so many individuals from what each has, (B, I) float32 and (B,) int64; one set serves all."""
    x, y = (torch.from_numpy(np.stack(part)) for part in zip(*sets, strict=True))
    return Points(x.expand(count, -1, -1), y.expand(count, -1))


@dataclass(frozen=True)
class Dataset:
    """Training points, the standard (noisy) test set and the clean test set of a cohort."""

    train: Points
    standard: Points
    clean: Points

    def to(self, device: torch.device) -> Dataset:
        """The same data on another device."""
        return Dataset(self.train.to(device), self.standard.to(device), self.clean.to(device))
