"""Whether the effect of one setting depends on another one, in individuals that have every combination of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depsim.statistics.resampling import RESAMPLES, sign_flips, weighted_sums
from depsim.statistics.sign_flip import ENUMERATED, ROUNDING, flips_for
from depsim.statistics.simultaneous import simultaneous

_ADDITIVE = 1e-12
"""What is left of an individual beside its additive part is 0 if it is less than this part of the largest value."""


@dataclass(frozen=True)
class Interaction:
    """Two levels of each of two settings between which the effect of one depends most clearly on the other.

    The tetrad is (mean at x_high - mean at x_low) where y is y_high, less the same where y is y_low.

    Args:
        n: individuals.
        x_low, x_high: places of two levels of the first setting.
        y_low, y_high: of the second.
        difference: the tetrad's mean.
        low, high: its 95 % interval, simultaneous over all tetrads; None below three individuals.
        p: of the hypothesis that all tetrads are 0: effects add up. None below two individuals.
    """

    n: int
    x_low: int
    x_high: int
    y_low: int
    y_high: int
    difference: float
    low: float | None
    high: float | None
    p: float | None


def interaction(values: np.ndarray, tests: int = 1) -> Interaction:
    """Whether effects of two settings add up: a test of the largest of all tetrads, by sign flips of individuals.

    An individual's tetrads all change their sign together, so the test needs no assumption on how they depend on each
    other, and holds wherever they are as likely to have the one sign as the other (symmetry). The largest is the one
    with the largest t. All flips are tried for up to 16 individuals, else as many random ones as in
    :func:`~depsim.statistics.sign_flip.sign_flip_p`.

    Args:
        values: (N, X, Y), of N individuals at X levels of one setting and Y of the other.
        tests: of the family that its p will be adjusted in.

    Raises:
        ValueError: for fewer than two levels of either, for nobody, or for a missing value.

    References: Westfall & Young (1993), "Resampling-based multiple testing", for the largest t; Winkler et al. (2014),
    "Permutation inference for the general linear model", for sign flips of whole individuals.

    >>> additive = np.arange(12.0)[:, None, None] ** 2 + np.array([[0.0, 5.0], [3.0, 8.0]])
    >>> interaction(additive).p
    1.0
    >>> beside = interaction(additive + np.linspace(1, 2, 12)[:, None, None] * np.array([[0, 0], [0, 4]]))
    >>> round(beside.difference, 9), beside.p == 2**-11
    (6.0, True)
    """
    values = np.asarray(values, dtype=np.float64)
    n, x, y = values.shape
    if x < 2 or y < 2 or not n or np.isnan(values).any():
        raise ValueError(f"two or more levels of both settings and no gaps, got {n} individuals, {x} by {y} levels")
    residuals = _beside_additive(values)
    tetrads = np.concatenate([*_tetrads(residuals)], axis=1)
    sizes = np.sqrt((tetrads**2).sum(axis=0))
    largest = int((np.abs(tetrads.sum(axis=0)) / np.where(sizes > 0, sizes, 1.0)).argmax())
    low, high = simultaneous(tetrads)
    places = [(*one, *other) for one in combinations(range(x), 2) for other in combinations(range(y), 2)]
    return Interaction(
        n,
        *places[largest],
        difference=float(tetrads[:, largest].mean()),
        low=None if np.isnan(low[largest]) else float(low[largest]),
        high=None if np.isnan(high[largest]) else float(high[largest]),
        p=_p(residuals, sizes, tests) if n > 1 else None,
    )


def _beside_additive(values: np.ndarray) -> np.ndarray:
    """Each individual's values less its own row and column means: the tetrads are the same, and 0 where effects add."""
    residuals = values - values.mean(axis=1, keepdims=True)
    residuals -= residuals.mean(axis=2, keepdims=True)
    return np.where(np.abs(residuals) > _ADDITIVE * np.abs(values).max(), residuals, 0.0)


def _tetrads(cells: np.ndarray) -> Iterator[np.ndarray]:
    """All tetrads, (R, X, Y) to (R, pairs of Y) for each pair of X."""
    first, second = np.triu_indices(cells.shape[2], 1)
    for low, high in combinations(range(cells.shape[1]), 2):
        effects = cells[:, high] - cells[:, low]
        yield effects[:, second] - effects[:, first]


def _p(residuals: np.ndarray, sizes: np.ndarray, tests: int) -> float:
    """How often the largest tetrad is as large as the one at hand, in units of its size, which no flip changes."""
    moved = residuals[residuals.any(axis=(1, 2))]
    if not len(moved):
        return 1.0
    limit = _largest(moved.sum(axis=0)[None], sizes)[0] * (1 - ROUNDING)
    if len(moved) <= ENUMERATED:
        signs = np.arange(2 ** (len(moved) - 1))[:, None] >> np.arange(len(moved)) & 1  # the last sign stays as it is
        return float((_largest(_flipped(moved, signs), sizes) >= limit).mean())
    for count in sorted({RESAMPLES, flips_for(tests)}):
        if reached := int((_largest(_flipped(moved, sign_flips(len(moved), count)), sizes) >= limit).sum()):
            break
    return (reached + 1) / (count + 1)


def _flipped(residuals: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Sums over individuals whose sign stays, 1, or flips, 0: (R, N) to (R, X, Y)."""
    cells = residuals.reshape(len(residuals), -1)
    return np.asarray(2 * weighted_sums(signs, cells) - cells.sum(axis=0)).reshape(-1, *residuals.shape[1:])


def _largest(sums: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The largest tetrad of each row of sums, (R, X, Y) to (R,), each in units of its own size."""
    units = np.where(sizes > 0, sizes, np.inf)
    largest, start = np.zeros(len(sums)), 0
    for some in _tetrads(sums):
        np.maximum(largest, (np.abs(some) / units[start : start + some.shape[1]]).max(axis=1), out=largest)
        start += some.shape[1]
    return largest
