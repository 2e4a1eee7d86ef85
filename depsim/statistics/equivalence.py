"""Whether one condition is as good as another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from depsim.statistics.contrasts import paired_differences

_ALPHA = 0.05


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of a paired difference against a margin.

    Args:
        margin: difference that would matter, in the unit of the values.
        low, high: 90 % Student interval of the mean difference, the one that answers both tests at 5 %; None below two
            individuals.
        p: the larger of the two tests' p: small where the difference lies within the margin; None as above.
        answer: ``equivalent``: the interval lies within the margin. ``different``: it lies wholly beyond it, so the
            difference matters. ``undecided``: neither, or fewer than two individuals.
    """

    margin: float
    low: float | None
    high: float | None
    p: float | None
    answer: Literal["equivalent", "different", "undecided"]


def equivalence(a: np.ndarray, b: np.ndarray, margin: float = 2.0) -> Equivalence:
    """Whether ``a`` and ``b``, (N,) each and paired, differ by less than ``margin``; a NaN leaves both out.

    Differences that are all equal have no standard error: they lie within the margin, or beyond it, as they are.

    Raises:
        ValueError: for a margin that is not positive, or arrays of different length.

    References: Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach".

    >>> equivalence(np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 2.5])).answer
    'equivalent'
    """
    if not margin > 0:
        raise ValueError(f"a margin is positive, got {margin}")
    differences = paired_differences(a, b)
    n = differences.size
    if n < 2:
        return Equivalence(margin, None, None, None, "undecided")
    mean = float(differences.mean())
    if np.ptp(differences) == 0:
        mean = float(differences[0])
        low, high, p = mean, mean, float(abs(mean) >= margin)
    else:
        from scipy.special import stdtr, stdtrit

        error = float(differences.std(ddof=1)) / math.sqrt(n)
        reach = float(stdtrit(n - 1, 1 - _ALPHA)) * error
        low, high, p = mean - reach, mean + reach, float(stdtr(n - 1, (abs(mean) - margin) / error))
    if -margin < low and high < margin:
        return Equivalence(margin, low, high, p, "equivalent")
    return Equivalence(margin, low, high, p, "different" if low > margin or high < -margin else "undecided")
