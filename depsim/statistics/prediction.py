"""Where one new individual is expected, and whether a published one looks like ours."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

_FEWEST = 3
"""Individuals below which nothing is predicted."""
_LEVEL = 0.95


@dataclass(frozen=True)
class Prediction:
    """A 95 % prediction interval for one new individual, and the range of those at hand.

    Args:
        low, high: bounds of the interval.
        n: individuals that it rests on.
        smallest, largest: of them: the empirical interval.
        coverage: chance that the empirical interval holds a new individual, (n - 1) / (n + 1) for continuous values.
    """

    low: float
    high: float
    n: int
    smallest: float
    largest: float
    coverage: float


@dataclass(frozen=True)
class Joint:
    """Whether several values of one individual are typical together.

    Args:
        deviation: the largest deviation of any value, in standard deviations of one new individual; None where
            fewer than two individuals are there to compare with.
        rank: its place among all, 1 for the one farthest out; ties count as farther out.
        n: individuals of the reference.
        p: rank / (n + 1): how often one of the same kind would lie at least as far out.
        can_reject: whether n suffices for a p of 0.05 at all (n >= 19).
        typical: whether p > 0.05; None where it could not have come out otherwise.
    """

    deviation: float | None
    rank: int
    n: int
    p: float
    can_reject: bool
    typical: bool | None


def predict_accuracy(values: np.ndarray, tests: int) -> Prediction | None:
    """Prediction interval of an accuracy: Student's t on the logit of the error, (errors + 0.5) / (tests + 1).

    Where all values are equal the interval is that one value: individuals then differ by less than the exam
    resolves. None below three individuals.

    Args:
        values: (N,) per cent; NaN is missing.
        tests: questions of the exam.

    Raises:
        ValueError: without a question.

    >>> p = predict_accuracy(np.array([90.0, 92.0, 95.0, 97.0, 99.0]), 1000)
    >>> print(f"{p.low:.1f} to {p.high:.1f}, {p.smallest} to {p.largest}, {p.coverage:.2f}")
    56.6 to 99.8, 90.0 to 99.0, 0.67
    """
    if tests < 1:
        raise ValueError(f"an exam needs at least one question, got {tests}")
    values = _present(values)
    if values.size < _FEWEST:
        return None
    if np.ptp(values) == 0:
        return _prediction(float(values[0]), float(values[0]), values)
    share = ((1 - values / 100) * tests + 0.5) / (tests + 1)
    reach = _t_interval(np.log(share / (1 - share)))
    # More errors, less accuracy: the bounds change places.
    high, low = (100 * (1 - ((tests + 1) / (1 + math.exp(-logit)) - 0.5) / tests) for logit in reach)
    return _prediction(max(low, 0.0), min(high, 100.0), values)


def predict_value(values: np.ndarray) -> Prediction | None:
    """Prediction interval of a drop, an area or another plain value: Student's t.

    None below three individuals and where all are equal, as nothing is then known of the spread.

    Args:
        values: (N,); NaN is missing.

    >>> p = predict_value(np.array([1.0, 2.0, 3.0]))
    >>> print(f"{p.low:.3f} to {p.high:.3f}")
    -2.968 to 6.968
    """
    values = _present(values)
    if values.size < _FEWEST or np.ptp(values) == 0:
        return None
    return _prediction(*_t_interval(values), values)


def percentile_of(value: float, reference: np.ndarray) -> float:
    """Per cent of the reference that lies below ``value``, ties by half; NaN without a reference.

    >>> percentile_of(2.0, np.array([1.0, 2.0, 3.0, 4.0]))
    37.5
    """
    reference = _present(reference)
    if reference.size == 0 or math.isnan(value):
        return float("nan")
    return 100 * float((reference < value).sum() + 0.5 * (reference == value).sum()) / reference.size


def is_typical(value: float, prediction: Prediction, decimals: int = 1) -> bool:
    """Whether ``value`` lies in the prediction interval, its bounds rounded as the value was when it was published.

    >>> interval = Prediction(91.26, 99.94, 50, 90.0, 100.0, 49 / 51)
    >>> is_typical(99.9, interval), is_typical(91.2, interval)
    (True, False)
    """
    low, high = round(prediction.low, decimals), round(prediction.high, decimals)
    return low <= round(value, decimals) <= high


def joint_verdict(reference: np.ndarray, value: np.ndarray, decimals: int | None = 1) -> Joint:
    """Whether ``value`` could be one more individual of the reference, all its entries taken together.

    Each one, the published included, is compared with all others: its largest deviation from their means, in their
    standard deviations times sqrt(1 + 1 / their number). If the published individual is of the same kind, each place
    in that ranking is equally likely for it, whatever the distributions and correlations; so p is exact.

    Args:
        reference: (N, K); individuals with a NaN are left out.
        value: (K,); entries that were not published are NaN and leave their column out.
        decimals: of the published values; ours are rounded alike. None: as they are.

    References: Vovk, Gammerman, Shafer (2005), "Algorithmic learning in a random world" (the ranking).

    >>> joint_verdict(np.arange(40.0).reshape(20, 2), np.array([100.0, 3.0])).typical
    False
    """
    value = np.asarray(value, dtype=np.float64)
    reference = np.asarray(reference, dtype=np.float64).reshape(-1, value.size)[:, ~np.isnan(value)]
    reference = reference[~np.isnan(reference).any(axis=1)]
    pooled = np.vstack([reference, value[~np.isnan(value)]])
    if decimals is not None:
        pooled = np.round(pooled, decimals)
    n, known = reference.shape
    if n < 2 or known == 0:
        return Joint(None, n + 1, n, 1.0, False, None)
    deviations = np.array([_largest_deviation(np.delete(pooled, i, axis=0), pooled[i]) for i in range(n + 1)])
    rank = int((deviations >= deviations[-1] * (1 - 1e-12)).sum())
    p, can_reject = rank / (n + 1), 1 / (n + 1) <= 1 - _LEVEL + 1e-12
    return Joint(float(deviations[-1]), rank, n, p, can_reject, p > 1 - _LEVEL + 1e-12 if can_reject else None)


def _largest_deviation(others: np.ndarray, one: np.ndarray) -> float:
    distance = np.abs(one - others.mean(axis=0))
    constant = np.ptp(others, axis=0) == 0
    distance[constant & (one == others[0])] = 0.0
    spread = np.where(constant, 0.0, others.std(axis=0, ddof=1)) * math.sqrt(1 + 1 / others.shape[0])
    # Off a value that all others share: infinitely far.
    return float(np.divide(distance, spread, out=np.where(distance > 0, np.inf, 0.0), where=spread > 0).max())


def _t_interval(values: np.ndarray) -> tuple[float, float]:
    from scipy.special import stdtrit

    n = values.size
    reach = float(stdtrit(n - 1, (1 + _LEVEL) / 2)) * float(values.std(ddof=1)) * math.sqrt(1 + 1 / n)
    return float(values.mean()) - reach, float(values.mean()) + reach


def _prediction(low: float, high: float, values: np.ndarray) -> Prediction:
    n = values.size
    return Prediction(low, high, n, float(values.min()), float(values.max()), (n - 1) / (n + 1))


def _present(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64).ravel()
    return values[~np.isnan(values)]
