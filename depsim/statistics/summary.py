"""Mean, spread and interval of a sample of individuals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics.mean_interval import per_cent_interval, student_interval

_FEWEST = 3
"""Individuals below which no interval is given."""
_LEVEL = 0.95


@dataclass(frozen=True)
class Summary:
    """Centre and spread of a sample, with a 95 % interval of its mean.

    Args:
        n: individuals with a value.
        mean: their mean; NaN where there are none, like the next ones.
        sd: sample standard deviation, None below two individuals.
        interval: 95 % interval of the mean; None where all values are equal or n < 3.
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


def summarise(samples: np.ndarray, bounded: bool | np.ndarray = False) -> list[Summary]:
    """Summaries of the columns of ``samples`` (N, M); NaN marks a missing value.

    Args:
        samples: one row per individual.
        bounded: whether values are per cent from 0 to 100, which no interval leaves; of all columns, or (M,).

    Raises:
        ValueError: for values below 0 or above 100 in a bounded column.

    >>> summarise(np.array([[1.0], [1.0], [1.0]]))
    [Summary(n=3, mean=1.0, sd=0.0, interval=None, median=1.0, low=1.0, high=1.0)]
    """
    samples = np.asarray(samples, dtype=np.float64)
    present, limited = ~np.isnan(samples), np.broadcast_to(bounded, samples.shape[1:])
    result: list[Summary | None] = [None] * samples.shape[1]
    # Columns with the same individuals share one set of resamples.
    for pattern in np.unique(present, axis=1).T:
        columns = np.flatnonzero((present == pattern[:, None]).all(axis=0))
        summaries = _complete(samples[pattern][:, columns], limited[columns])
        for column, summary in zip(columns, summaries, strict=True):
            result[column] = summary
    return [summary for summary in result if summary is not None]


def summarise_individuals(
    individuals: Sequence[Mapping[str, float]], is_bounded: Callable[[str], bool]
) -> dict[str, Summary]:
    """A summary of each metric that any individual has, by name; individuals without it do not count.

    Args:
        individuals: metrics of each.
        is_bounded: whether a metric of this name is per cent from 0 to 100.

    >>> summarise_individuals([{"a": 1.0}, {"a": 3.0, "b": 0.0}], lambda name: False)["a"].mean
    2.0
    """
    names = sorted({name for individual in individuals for name in individual})
    samples = np.array([[individual.get(name, np.nan) for name in names] for individual in individuals])
    bounded = np.array([is_bounded(name) for name in names], dtype=bool)
    return dict(zip(names, summarise(samples, bounded=bounded), strict=True))


def _complete(samples: np.ndarray, bounded: np.ndarray) -> list[Summary]:
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
    if n >= _FEWEST:
        for interval_of, asked in ((per_cent_interval, bounded), (student_interval, ~bounded)):
            columns = np.flatnonzero(varied & asked)
            for column, *ends in zip(columns, *interval_of(samples[:, columns]), strict=True):
                intervals[column] = float(ends[0]), float(ends[1])
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
