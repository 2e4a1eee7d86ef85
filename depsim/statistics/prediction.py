"""Where one new individual is expected."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from depsim.statistics.student import t_quantile

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
        miss: chance that the interval from ``low`` to ``high`` does not hold one.
    """

    low: float
    high: float
    n: int
    smallest: float
    largest: float
    coverage: float
    miss: float = 1 - _LEVEL


def error_logit(values: np.ndarray, tests: int) -> np.ndarray:
    """Logit of the error of accuracies, (errors + 0.5) / (tests + 1), which is finite for a faultless exam too.

    Args:
        values: per cent.
        tests: questions of the exam.

    >>> error_logit(np.array([50.0, 100.0]), 1000).round(2).tolist()
    [0.0, -7.6]
    """
    share = error_share(values, tests)
    return np.asarray(np.log(share / (1 - share)))


def error_share(values: np.ndarray | float, tests: int) -> np.ndarray:
    """Share of errors behind accuracies in per cent, (errors + 0.5) / (tests + 1): never 0 and never 1."""
    return np.asarray(((1 - np.asarray(values) / 100) * tests + 0.5) / (tests + 1))


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
    reach = _t_interval(error_logit(values, tests))
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


def predict_by_order(values: np.ndarray) -> Prediction | None:
    """Prediction interval from order statistics, for values that take few levels: as narrow as 95 % allow.

    None below 39 individuals, whose smallest and largest do not reach 95 %.

    Args:
        values: (N,); NaN is missing.

    References: Wilks (1941), "Determination of sample sizes for setting tolerance limits".

    >>> p = predict_by_order(np.arange(79.0))
    >>> p.low, p.high, round(p.coverage, 3)
    (1.0, 77.0, 0.975)
    """
    values = np.sort(_present(values))
    outside = int((values.size + 1) * (1 - _LEVEL) / 2 + 1e-9)
    if not outside:
        return None
    prediction = _prediction(float(values[outside - 1]), float(values[-outside]), values)
    return replace(prediction, miss=2 * outside / (values.size + 1))


def percentile_of(value: float, reference: np.ndarray) -> float:
    """Per cent of the reference that lies below ``value``, ties by half; NaN without a reference.

    >>> percentile_of(2.0, np.array([1.0, 2.0, 3.0, 4.0]))
    37.5
    """
    reference = _present(reference)
    if reference.size == 0 or math.isnan(value):
        return float("nan")
    return 100 * float((reference < value).sum() + 0.5 * (reference == value).sum()) / reference.size


def lies_inside(value: float, prediction: Prediction, decimals: int = 1) -> bool:
    """Whether ``value`` lies in the prediction interval, its bounds rounded as the value was when it was published.

    >>> interval = Prediction(91.26, 99.94, 50, 90.0, 100.0, 49 / 51)
    >>> lies_inside(99.9, interval), lies_inside(91.2, interval)
    (True, False)
    """
    low, high = round(prediction.low, decimals), round(prediction.high, decimals)
    return low <= round(value, decimals) <= high


def _t_interval(values: np.ndarray) -> tuple[float, float]:
    n = values.size
    reach = t_quantile((1 + _LEVEL) / 2, n) * float(values.std(ddof=1)) * math.sqrt(1 + 1 / n)
    return float(values.mean()) - reach, float(values.mean()) + reach


def _prediction(low: float, high: float, values: np.ndarray) -> Prediction:
    n = values.size
    return Prediction(low, high, n, float(values.min()), float(values.max()), (n - 1) / (n + 1))


def _present(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64).ravel()
    return values[~np.isnan(values)]
