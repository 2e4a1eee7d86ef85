"""Classify points of isotropic Gaussian clusters."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from depsim.component import Label, StandardDeviation
from depsim.task.base import Task
from depsim.task.dataset import Dataset, Points, stacked

Coordinate = Annotated[float, Field(allow_inf_nan=False)]
Centre = Annotated[tuple[Coordinate, ...], Field(min_length=1, strict=False)]

_TRAIN, _STANDARD, _CLEAN = 100, 200, 300
"""What the three sets add to the data seed."""
_DIRECTIONS = 20_000
"""Of the plane, so many that shares are right to the fifth decimal and better."""


class GaussianClusters(Task):
    """Points drawn around fixed centres, one class per centre.

    Args:
        centres: the cluster centres; the class is the index.
        spread: standard deviation of the training and the standard test points; the clean points have none.

    References: paper, Methods, "Network architecture and task".
    """

    centres: Annotated[tuple[Centre, ...], Field(min_length=2, strict=False), Label("cluster centres")]
    spread: Annotated[StandardDeviation, Label("spread of each cluster", "SD")]

    @property
    def inputs(self) -> int:
        """Number of input units."""
        return len(self.centres[0])

    @property
    def classes(self) -> int:
        """Number of output units."""
        return len(self.centres)

    @model_validator(mode="after")
    def _centres_agree(self) -> Self:
        if any(len(centre) != self.inputs for centre in self.centres):
            raise ValueError(f"all centres need the same number of coordinates, got {self.centres}")
        if len({*self.centres}) < len(self.centres):
            raise ValueError(f"every class needs a place of its own, got {self.centres}")
        return self

    def draw(
        self,
        seeds: tuple[int, ...],
        data: Literal["shared", "individual"],
        held: tuple[int | None, int | None] = (None, None),
    ) -> Dataset:
        """The data of a cohort; individuals that share them share the tensors."""
        train, test = (
            [0] if data == "shared" else [1000 * k for k in (seeds if one is None else (one,))] for one in held
        )
        count = len(seeds)
        return Dataset(
            train=self._points([base + _TRAIN for base in train], self.train_size, self.spread, count),
            standard=self._points([base + _STANDARD for base in test], self.test_size, self.spread, count),
            clean=self._points([base + _CLEAN for base in test], self.clean_size, 0.0, count),
        )

    def ceiling(self, input_noise: float) -> float:
        """That of whoever names the nearest centre, to the second decimal."""
        return _nearest_is_own(self.centres, self.spread**2 + input_noise**2)

    def _points(self, data_seeds: list[int], size: int, spread: float, count: int) -> Points:
        return stacked([self._sample(seed, size, spread) for seed in data_seeds], count)

    def _sample(self, data_seed: int, size: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
        """Points (size, I) float32 and labels (size,) int64: all labels first, then all deviations."""
        random = np.random.RandomState(data_seed)
        labels = random.randint(0, self.classes, size).astype(np.int64)
        deviations = random.randn(size, self.inputs) * spread
        points = np.asarray(self.centres, dtype=np.float64)[labels] + deviations
        return points.astype(np.float32), labels


@cache
def _nearest_is_own(centres: tuple[Centre, ...], variance: float) -> float:
    """How often a point's nearest centre is the one it was drawn around, in per cent to the second decimal."""
    if variance == 0:
        return 100.0
    places = np.asarray(centres, dtype=np.float64)
    staying = _staying_in_the_plane if places.shape[1] == 2 else _staying
    shares = [staying(np.delete(places, own, axis=0) - places[own], variance) for own in range(len(places))]
    return round(100 * float(np.mean(shares)), 2)


def _staying(away: np.ndarray, variance: float) -> float:
    """How often a point stays nearest to its own centre, the others being so far away, (C - 1, I)."""
    from scipy.stats import multivariate_normal  # slow to import

    # Along the line to another centre a point may go no farther than half-way.
    lines = multivariate_normal(cov=variance * away @ away.T, allow_singular=True, seed=0)
    return float(lines.cdf((away**2).sum(axis=1) / 2))


def _staying_in_the_plane(away: np.ndarray, variance: float) -> float:
    """The same in two dimensions, where a point goes in any direction alike, as far as a Rayleigh variable says."""
    angles = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    towards = away @ np.stack([np.cos(angles), np.sin(angles)])
    with np.errstate(divide="ignore"):  # away from all others there is no end
        reach = ((away**2).sum(axis=1)[:, None] / 2 / np.maximum(towards, 0)).min(axis=0)
    return float(np.mean(-np.expm1(-(reach**2) / (2 * variance))))
