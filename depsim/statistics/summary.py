"""Mean, spread and interval of a sample of individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 9_999
"""Bootstrap resamples behind every interval."""
_GENERATOR_SEED = 20_260
"""Fixed: the same numbers always get the same interval."""
_FEWEST = 3
"""Individuals below which no interval is given."""
_LEVEL = 0.95


@dataclass(frozen=True)
class Summary:
    """Mean, standard deviation and 95 % BCa interval of the mean of a sample.

    Args:
        n: individuals with a value.
        mean: their mean.
        sd: sample standard deviation, None below two individuals.
        interval: BCa bootstrap interval of the mean; None where all values are equal or n < 3.
    """

    n: int
    mean: float
    sd: float | None
    interval: tuple[float, float] | None


def summarise(samples: np.ndarray, intervals: bool = True) -> list[Summary]:
    """Summaries of the columns of ``samples`` (N, M); NaN marks a missing value.

    Args:
        samples: one row per individual.
        intervals: whether to bootstrap intervals too; else they are None.

    References: Efron (1987), "Better bootstrap confidence intervals".

    >>> summarise(np.array([[1.0], [1.0], [1.0]]))
    [Summary(n=3, mean=1.0, sd=0.0, interval=None)]
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


def summarise_people(people: Sequence[Mapping[str, float]]) -> dict[str, Summary]:
    """A summary of each metric that any person has, by name; persons without it do not count.

    >>> summarise_people([{"a": 1.0}, {"a": 3.0, "b": 0.0}])["a"].mean
    2.0
    """
    names = sorted({name for person in people for name in person})
    samples = np.array([[person.get(name, np.nan) for name in names] for person in people])
    return dict(zip(names, summarise(samples), strict=True))


def _complete(samples: np.ndarray, bootstrap: bool) -> list[Summary]:
    n, m = samples.shape
    if n == 0:
        return [Summary(0, float("nan"), None, None)] * m
    varied = np.ptp(samples, axis=0) > 0
    means = np.where(varied, samples.mean(axis=0), samples[0])
    sds = np.where(varied, samples.std(axis=0, ddof=1), 0.0) if n > 1 else None
    intervals: list[tuple[float, float] | None] = [None] * m
    if bootstrap and n >= _FEWEST and varied.any():
        low, high = _bca_of_the_mean(samples[:, varied])
        for column, *bounds in zip(np.flatnonzero(varied), low, high, strict=True):
            intervals[column] = (float(bounds[0]), float(bounds[1]))
    return [Summary(n, float(means[j]), None if sds is None else float(sds[j]), intervals[j]) for j in range(m)]


def _bca_of_the_mean(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bias-corrected and accelerated bootstrap interval of each column's mean; no column is constant."""
    from scipy.special import ndtr, ndtri  # imported here: start-up stays quick where no interval is asked for

    n = samples.shape[0]
    counts = np.random.default_rng(_GENERATOR_SEED).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    centred = samples - samples.mean(axis=0)
    # Column by column: a product of several has other last bits than the product of one.
    means = np.sort(np.stack([counts @ column for column in np.ascontiguousarray(centred.T)], axis=1) / n, axis=0)
    below = ((means < 0).sum(axis=0) + (means <= 0).sum(axis=0)) / (2 * RESAMPLES)
    bias = ndtri(np.clip(below, 0.5 / RESAMPLES, 1 - 0.5 / RESAMPLES))
    # The jackknife values of a mean are -centred / (n - 1) away from it.
    acceleration = (centred**3).sum(axis=0) / (6 * (centred**2).sum(axis=0) ** 1.5)
    bounds = []
    for tail in ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2):
        z = bias + ndtri(tail)
        share = ndtr(bias + z / (1 - acceleration * z))
        bounds.append(
            np.array([np.quantile(column, q) for column, q in zip(means.T, share, strict=True)]) + samples.mean(axis=0)
        )
    return bounds[0], bounds[1]
