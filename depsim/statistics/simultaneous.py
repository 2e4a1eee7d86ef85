"""Intervals of several mean differences that hold together, for whatever is picked by its result."""

from __future__ import annotations

import math

import numpy as np

from depsim.statistics.families import LEVEL
from depsim.statistics.proportions import FEWEST_FOR_INFERENCE
from depsim.statistics.resampling import RESAMPLES, bootstrap_counts, weighted_sums
from depsim.statistics.student import t_quantile

_FEWEST = 3
"""Individuals below which no interval is given."""
_ROUNDING = 1e-12
"""Variances that are less than this part of the mean square are those of constant differences."""
_COLUMNS = 64
"""Differences that are resampled at a time."""


def simultaneous(differences: np.ndarray, level: float = 1 - LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of mean differences that hold together, so that the one which is largest may be picked.

    Each is one multiple of its standard error wide, the 95 % quantile of the largest studentised difference among
    whole individuals that are resampled (max-t). Below ten individuals, which are too few to resample, the multiple
    is that of Student's t at 5 % by the number of differences (Bonferroni); below three, ends are NaN.

    Args:
        differences: (N, M), of N individuals, none missing; M are all that something is picked from.
        level: how often all intervals hold.

    Shape: low and high end, (M,) each; both the constant where all individuals have the same difference.

    References: Westfall & Young (1993), "Resampling-based multiple testing".

    >>> low, high = simultaneous(np.arange(20.0)[:, None] * [1, -1] + [0.0, 30.0])
    >>> low.round(1).tolist(), high.round(1).tolist()
    ([6.7, 17.7], [12.3, 23.3])
    """
    differences = np.asarray(differences, dtype=np.float64)
    n, m = differences.shape
    if n < _FEWEST:
        return np.full(m, np.nan), np.full(m, np.nan)
    centre = differences.mean(axis=0)
    centred = differences - centre
    variance = (centred**2).mean(axis=0)
    varied = variance > _ROUNDING * (differences**2).mean(axis=0)
    error = np.where(varied, np.sqrt(variance), 0.0)
    half = np.zeros(m)
    if varied.any():
        if n < FEWEST_FOR_INFERENCE:
            tail = (1 - level) / 2 / np.count_nonzero(varied)
            half = t_quantile(1 - tail, n) * error / math.sqrt(n - 1)
        else:
            half = np.quantile(_largest(centred[:, varied], error[varied]), level) * error
    return centre - half, centre + half


def _largest(centred: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The largest studentised difference, by size, of each resample: (RESAMPLES,)."""
    n, counts, largest = len(centred), bootstrap_counts(len(centred)), np.zeros(RESAMPLES)
    for start in range(0, centred.shape[1], _COLUMNS):
        columns, usual = centred[:, start : start + _COLUMNS], error[start : start + _COLUMNS]
        shifts = weighted_sums(counts, columns) / n
        spreads = np.sqrt(np.maximum(weighted_sums(counts, columns**2) / n - shifts**2, 0.0))
        # Where a resample has no spread, the sample's own stands in.
        studentised = np.abs(shifts) / np.where(spreads > np.sqrt(_ROUNDING) * usual, spreads, usual)
        np.maximum(largest, studentised.max(axis=1), out=largest)
    return largest
