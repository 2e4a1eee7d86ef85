"""Several conditions on the same individuals: which of them may be the best, and how far the others are from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.statistics.proportions import FEWEST_FOR_INFERENCE
from depsim.statistics.resampling import bootstrap_counts, weighted_sums

_ERROR = 0.05
_ROUNDING = 1e-12
"""Variances that are less than this part of the mean square are those of constant differences."""


@dataclass(frozen=True)
class FromBest:
    """A condition's mean minus that of the best condition: 0 for the best itself, else below.

    Args:
        difference: of its mean from the largest mean in the sample.
        low, high: simultaneous 95 % interval of the true one; both hold for all conditions at once. None below
            ten individuals.
    """

    difference: float
    low: float | None
    high: float | None

    @property
    def may_be_best(self) -> bool:
        """Whether the interval holds 0; so does none."""
        return self.high is None or self.high >= 0


def from_best(values: np.ndarray, families: int = 1) -> tuple[FromBest, ...]:
    """Each condition's difference from the best, which is not known.

    Intervals of the differences of all pairs hold together: each is one multiple of its standard error wide, the 95 %
    quantile of the largest studentised difference among whole individuals that are resampled (max-t). A condition
    below another by its interval is not the best, and its difference from the best is the lowest of its differences.

    Args:
        values: (N, K), N individuals under K conditions, more is better, none missing.
        families: how many such comparisons are made beside each other; each errs that much less often (Bonferroni).

    Raises:
        ValueError: for fewer than two conditions.

    References: Edwards & Hsu (1983), "Multiple comparisons with the best treatment", from simultaneous intervals of all
    pairs; Westfall & Young (1993), "Resampling-based multiple testing", for max-t.

    >>> found = from_best(np.arange(20.0)[:, None] * [1, -1, 1] + [0.0, -40.0, 0.5])
    >>> [each.may_be_best for each in found]
    [False, False, True]
    """
    values = np.asarray(values, dtype=np.float64)
    n, k = values.shape
    if k < 2:
        raise ValueError(f"of {k} conditions none is the best; there have to be two or more")
    means = values.mean(axis=0)
    if n < FEWEST_FOR_INFERENCE:
        return tuple(FromBest(float(mean - means.max()), None, None) for mean in means)
    low, high = _simultaneous(values, 1 - _ERROR / families)
    ends = zip(means - means.max(), low.min(axis=1), high.min(axis=1), strict=True)
    return tuple(FromBest(float(mean), float(a), float(b)) for mean, a, b in ends)


def _simultaneous(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends (K, K) of the intervals of all differences, row minus column, which hold together; 0 on the diagonal."""
    n, k = values.shape
    counts, first, second = bootstrap_counts(n), *np.triu_indices(k, 1)
    differences = values[:, first] - values[:, second]
    centre = differences.mean(axis=0)
    centred = differences - centre
    variance = (centred**2).mean(axis=0)
    varied = variance > _ROUNDING * (differences**2).mean(axis=0)
    error, own = np.where(varied, np.sqrt(variance), 0.0), centred[:, varied]
    half = np.zeros_like(centre)
    if varied.any():
        shifts = weighted_sums(counts, own) / n
        spreads = np.sqrt(np.maximum(weighted_sums(counts, own**2) / n - shifts**2, 0.0))
        # Where a resample has no spread, the sample's own stands in.
        studentised = np.abs(shifts) / np.where(spreads > np.sqrt(_ROUNDING) * error[varied], spreads, error[varied])
        half = np.quantile(studentised.max(axis=1), level) * error
    low, high = np.zeros((k, k)), np.zeros((k, k))
    low[first, second], high[first, second] = centre - half, centre + half
    low[second, first], high[second, first] = -high[first, second], -low[first, second]
    return low, high
