"""The 95 % interval of a mean: Student's t, and for values in per cent one that stays between 0 and 100."""

from __future__ import annotations

import numpy as np

from depsim.statistics.resampling import bootstrap_counts, weighted_sums
from depsim.statistics.student import t_quantile

LARGEST_PER_CENT = 100.0
_TAILS = (0.025, 0.975)
_LEAST_SPREAD = 0.2
"""Part of the sample's standard deviation that that of a resample is at least taken to be."""
_ROUNDING = 1e-6
"""By how much a value may leave the range from 0 to 100."""
_COLUMNS = 64
"""Columns that are resampled at a time."""


def student_interval(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Student's interval of each column's mean.

    Args:
        samples: (N, M), none missing, N at least 2.

    Shape: low and high end, (M,) each.

    References: Student (1908), "The probable error of a mean".

    >>> [end.round(2).tolist() for end in student_interval(np.array([[1.0], [2.0], [6.0]]))]
    [[-3.57], [9.57]]
    """
    n = samples.shape[0]
    centre = samples.mean(axis=0)
    reach = samples.std(axis=0, ddof=1) / np.sqrt(n) * t_quantile(_TAILS[1], n)
    return centre - reach, centre + reach


def per_cent_interval(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Percentile-t bootstrap interval of each column's mean, for values from 0 to 100; it never leaves that range.

    As Student's, with quantiles of the resampled t statistic in place of those of the t distribution: of skewed values
    the interval is longer on the side of the long tail. A resample that left out the few values which are far off has
    hardly any spread, so its standard deviation is taken to be at least a fifth of the sample's.

    Args:
        samples: (N, M) per cent, none missing, no column constant.

    Shape: low and high end, (M,) each.

    Raises:
        ValueError: for a value below 0 or above 100.

    References: Efron, Tibshirani (1993), "An introduction to the bootstrap", chapter 12.

    >>> low, high = per_cent_interval(np.array([[98.0], [97.0], [99.0], [98.5], [60.0], [98.0]]))
    >>> low.round().tolist(), high.round().tolist()
    ([58.0], [100.0])
    """
    outside = samples[(samples < -_ROUNDING) | (samples > LARGEST_PER_CENT + _ROUNDING)]
    if outside.size:
        raise ValueError(f"values in per cent lie between 0 and 100, got {outside[0]}")
    parts = [_percentile_t(samples[:, start : start + _COLUMNS]) for start in range(0, samples.shape[1], _COLUMNS)]
    low, high = np.concatenate([np.empty((2, 0)), *parts], axis=1).clip(0.0, LARGEST_PER_CENT)
    return low, high


def _percentile_t(samples: np.ndarray) -> np.ndarray:
    """Both ends of each column's interval, (2, M)."""
    n, m = samples.shape
    centre = samples.mean(axis=0)
    centred = samples - centre
    sums = weighted_sums(bootstrap_counts(n), np.concatenate([centred, centred**2], axis=1)) / n
    shifts, variance = sums[:, :m], (centred**2).mean(axis=0)
    spreads = np.sqrt(np.maximum(sums[:, m:] - shifts**2, _LEAST_SPREAD**2 * variance))
    # Factors of n are the same in the sample's standard error and in the resamples', and cancel.
    quantiles = np.quantile(shifts / spreads, _TAILS, axis=0)
    return np.asarray(centre - quantiles[::-1] * np.sqrt(variance))
