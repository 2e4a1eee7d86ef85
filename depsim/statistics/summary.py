"""Mean, spread and interval of a sample of individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics.resampling import RESAMPLES, bootstrap_counts, weighted_sums
from depsim.statistics.student import t_quantile

MEAN_INTERVAL = "95 % interval of the mean (Student's t below 50 individuals, BCa bootstrap from 50 on)"
"""What :attr:`Summary.interval` is, for captions."""
_FEWEST = 3
"""Individuals below which no interval is given."""
_FEWEST_FOR_BCA = 50
"""Below, the bootstrap's intervals are too short: at n = 10 they hold the mean of normal values in 90 % of samples."""
_LEVEL = 0.95
_COLUMNS = 64
"""Columns that are bootstrapped at a time."""


@dataclass(frozen=True)
class Summary:
    """Centre and spread of a sample, with a 95 % interval of its mean.

    Args:
        n: individuals with a value.
        mean: their mean; NaN where there are none, like the next ones.
        sd: sample standard deviation, None below two individuals.
        interval: of the mean, as in :data:`MEAN_INTERVAL`; None where all values are equal or n < 3.
        median: of them.
        low: the smallest value.
        high: the largest.
    """

    n: int
    mean: float
    sd: float | None
    interval: tuple[float, float] | None
    median: float
    low: float
    high: float

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Of the interval; None, both of them, where there is none."""
        return self.interval or (None, None)

    @property
    def constant(self) -> bool:
        """Whether several individuals all have the same value."""
        return self.n > 1 and self.low == self.high

    @property
    def may_differ(self) -> float | None:
        """Where all values are equal, the upper 95 % bound of the share of others whose value is another one.

        References: Clopper, Pearson (1934), "The use of confidence or fiducial limits", for 0 of n.
        """
        return 1 - ((1 - _LEVEL) / 2) ** (1 / self.n) if self.constant else None


def summarise(samples: np.ndarray, intervals: bool = True) -> list[Summary]:
    """Summaries of the columns of ``samples`` (N, M); NaN marks a missing value.

    Args:
        samples: one row per individual.
        intervals: whether intervals of the mean are wanted, too; else they are None.

    References: Student (1908), "The probable error of a mean"; Efron (1987), "Better bootstrap confidence intervals".

    >>> summarise(np.array([[1.0], [1.0], [1.0]]))
    [Summary(n=3, mean=1.0, sd=0.0, interval=None, median=1.0, low=1.0, high=1.0)]
    """
    samples = np.asarray(samples, dtype=np.float64)
    present = ~np.isnan(samples)
    result: list[Summary | None] = [None] * samples.shape[1]
    # Columns with the same individuals share one set of resamples, as one matrix product.
    for pattern in np.unique(present, axis=1).T:
        columns = np.flatnonzero((present == pattern[:, None]).all(axis=0))
        for column, summary in zip(columns, _complete(samples[pattern][:, columns], intervals), strict=True):
            result[column] = summary
    return [summary for summary in result if summary is not None]


def summarise_individuals(individuals: Sequence[Mapping[str, float]]) -> dict[str, Summary]:
    """A summary of each metric that any individual has, by name; individuals without it do not count.

    >>> summarise_individuals([{"a": 1.0}, {"a": 3.0, "b": 0.0}])["a"].mean
    2.0
    """
    names = sorted({name for individual in individuals for name in individual})
    samples = np.array([[individual.get(name, np.nan) for name in names] for individual in individuals])
    return dict(zip(names, summarise(samples), strict=True))


def _complete(samples: np.ndarray, wanted: bool) -> list[Summary]:
    n, m = samples.shape
    if n == 0:
        nothing = float("nan")
        return [Summary(0, nothing, None, None, nothing, nothing, nothing)] * m
    low, high = samples.min(axis=0), samples.max(axis=0)
    varied = high > low
    means = np.where(varied, samples.mean(axis=0), samples[0])
    sds = np.where(varied, samples.std(axis=0, ddof=1), 0.0) if n > 1 else None
    medians = np.median(samples, axis=0)
    intervals: list[tuple[float, float] | None] = [None] * m
    if wanted and n >= _FEWEST:
        columns, interval_of = np.flatnonzero(varied), _t_of_the_mean if n < _FEWEST_FOR_BCA else _bca_of_the_mean
        for start in range(0, columns.size, _COLUMNS):
            some = columns[start : start + _COLUMNS]
            for column, interval in zip(some, interval_of(samples[:, some]), strict=True):
                intervals[column] = interval
    return [
        Summary(
            n,
            float(means[j]),
            None if sds is None else float(sds[j]),
            intervals[j],
            float(medians[j]),
            float(low[j]),
            float(high[j]),
        )
        for j in range(m)
    ]


def _t_of_the_mean(samples: np.ndarray) -> list[tuple[float, float]]:
    """Student's interval of each column's mean."""
    n = samples.shape[0]
    centre, reach = samples.mean(axis=0), samples.std(axis=0, ddof=1) / np.sqrt(n) * t_quantile((1 + _LEVEL) / 2, n)
    return [(float(low), float(high)) for low, high in zip(centre - reach, centre + reach, strict=True)]


def _bca_of_the_mean(samples: np.ndarray) -> list[tuple[float, float]]:
    """Bias-corrected and accelerated bootstrap interval of each column's mean; no column is constant."""
    from scipy.special import ndtr, ndtri  # imported here: start-up stays quick where no interval is asked for

    n = samples.shape[0]
    centre = samples.mean(axis=0)
    centred = samples - centre
    means = np.sort(weighted_sums(bootstrap_counts(n), centred) / n, axis=0)
    below = ((means < 0).sum(axis=0) + (means <= 0).sum(axis=0)) / (2 * RESAMPLES)
    bias = ndtri(np.clip(below, 0.5 / RESAMPLES, 1 - 0.5 / RESAMPLES))
    # The jackknife values of a mean are -centred / (n - 1) away from it.
    acceleration = (centred**3).sum(axis=0) / (6 * (centred**2).sum(axis=0) ** 1.5)
    tails = ndtri(np.array([[(1 - _LEVEL) / 2], [(1 + _LEVEL) / 2]]))
    shares = ndtr(bias + (bias + tails) / (1 - acceleration * (bias + tails)))
    bounds = [np.quantile(column, share) for column, share in zip(means.T, shares.T, strict=True)]
    return [(float(low + mid), float(high + mid)) for (low, high), mid in zip(bounds, centre, strict=True)]
