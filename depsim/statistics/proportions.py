"""Shares of individuals, their intervals, and tests of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

FEWEST_FOR_INFERENCE = 10
"""Individuals below which nothing is inferred."""

TWO_SIDED_5_PER_CENT = 1.959963984540054
"""Two-sided 5 % point of the normal distribution."""


@dataclass(frozen=True)
class Proportion:
    """A share of individuals with its 95 % interval.

    Args:
        n: individuals that could be counted.
        count: those for whom it holds; ties count half.
        share: count / n; NaN where n is 0, and the interval then 0 to 1.
        low, high: the interval.
    """

    n: int
    count: float
    share: float
    low: float
    high: float

    @property
    def per_cent(self) -> tuple[float, float, float]:
        """The share and both ends of its interval, per cent."""
        return 100 * self.share, 100 * self.low, 100 * self.high


def proportion(support: np.ndarray) -> Proportion:
    """The share of individuals for whom something holds, with Wilson's interval.

    Args:
        support: (N,) whether it holds: booleans, or numbers with 0.5 for a tie and NaN for unknown.

    Raises:
        ValueError: for a number outside 0 to 1.

    References: Wilson (1927), "Probable inference, the law of succession, and statistical inference".

    >>> p = proportion(np.array([True, True, True, False]))
    >>> print(f"{p.count:g} of {p.n}: {p.share} ({p.low:.3f} to {p.high:.3f})")
    3 of 4: 0.75 (0.301 to 0.954)
    """
    support = np.asarray(support, dtype=np.float64).ravel()
    support = support[~np.isnan(support)]
    if ((support < 0) | (support > 1)).any():
        raise ValueError(f"support lies between 0 and 1, got {support.min()} to {support.max()}")
    n, count = support.size, float(support.sum())
    if n == 0:
        return Proportion(0, 0.0, float("nan"), 0.0, 1.0)
    share, weight = count / n, TWO_SIDED_5_PER_CENT**2 / n
    middle = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    # At 0 and 1 the bound is exact, where rounding would miss it.
    low, high = 0.0 if count == 0 else middle - reach, 1.0 if count == n else middle + reach
    return Proportion(n, count, share, low, high)


def exact_proportion(holds: np.ndarray) -> Proportion:
    """The share of individuals for whom something holds, with the interval that is never too short.

    Args:
        holds: (N,) booleans.

    References: Clopper, Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the
    binomial".

    >>> p = exact_proportion(np.array([True, True, True, False]))
    >>> print(f"{p.count:g} of {p.n}: {p.share} ({p.low:.3f} to {p.high:.3f})")
    3 of 4: 0.75 (0.194 to 0.994)
    """
    from scipy.special import betaincinv  # imported here: start-up stays quick where no interval is asked for

    n, count = int(holds.size), int(holds.sum())
    if n == 0:
        return Proportion(0, 0.0, float("nan"), 0.0, 1.0)
    low = float(betaincinv(count, n - count + 1, 0.025)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 0.975)) if count < n else 1.0
    return Proportion(n, float(count), count / n, low, high)


def collapsed(values: np.ndarray, threshold: float) -> Proportion:
    """The share of individuals whose value lies below a threshold, with the interval that is never too short.

    Args:
        values: (N,) NaN is missing.
        threshold: in their unit; a value that equals it has not collapsed.

    >>> collapsed(np.array([97.0, 90.0, 49.7, np.nan]), 90.0).share
    0.3333333333333333
    """
    values = np.asarray(values, dtype=np.float64).ravel()
    return exact_proportion(values[~np.isnan(values)] < threshold)


def sign_test_p(differences: np.ndarray) -> float | None:
    """Exact two-sided p that differences are as often above 0 as below; None where none is either.

    Args:
        differences: (N,); 0 and NaN are left out.

    References: Conover (1999), "Practical nonparametric statistics", 3.4.

    >>> round(sign_test_p(np.array([1.0, 2.0, 0.0, 0.5, 3.0, 1.0, 9.0])), 5)
    0.03125
    """
    above, below = int((differences > 0).sum()), int((differences < 0).sum())
    return share_p(above, above + below, 0.5) if above + below else None


@lru_cache(maxsize=4096)
def share_p(count: int, n: int, required: float) -> float:
    """Exact p that something holds for this share of all individuals: the smaller of the two one-sided ones, doubled.

    So a claim that holds for exactly the required share is called true or false, either of them, with this p at most.

    Args:
        count, n: for how many it holds, of how many.
        required: the share, 0 to 1.

    >>> share_p(10, 10, 0.5), share_p(0, 10, 0.5), share_p(5, 10, 0.5)
    (0.001953125, 0.001953125, 1.0)
    """
    from scipy.special import bdtr, bdtrc

    at_least = float(bdtrc(count - 1, n, required)) if count else 1.0
    return min(1.0, 2 * min(at_least, float(bdtr(count, n, required))))


def smallest_share_p(n: int, required: float) -> float:
    """What :func:`share_p` gives when something holds for all of ``n``: no claim can be supported more.

    >>> smallest_share_p(10, 0.5), round(smallest_share_p(50, 0.95), 3)
    (0.001953125, 0.154)
    """
    return min(1.0, 2 * required**n)
