"""Shares of individuals, and what they say about a claim."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

FEWEST_FOR_INFERENCE = 10
"""Individuals below which nothing is inferred."""

Verdict = Literal["supported", "refuted", "undecided"]
_Z = 1.959963984540054
"""Two-sided 5 % point of the normal distribution."""


@dataclass(frozen=True)
class Proportion:
    """A share of individuals with its 95 % Wilson interval.

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
    def too_few(self) -> bool:
        """Whether there are fewer individuals than an inference needs."""
        return self.n < FEWEST_FOR_INFERENCE


def proportion(support: np.ndarray) -> Proportion:
    """The share of individuals for whom something holds.

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
    share, weight = count / n, _Z**2 / n
    middle = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    # At 0 and 1 the bound is exact, where rounding would miss it.
    low, high = 0.0 if count == 0 else middle - reach, 1.0 if count == n else middle + reach
    return Proportion(n, count, share, low, high)


def verdict(p: Proportion) -> Verdict:
    """Whether a claim holds for the majority: its interval wholly above one half, wholly below, or neither.

    Below ten individuals always undecided (``p.too_few``).

    >>> verdict(proportion(np.ones(10))), verdict(proportion(np.ones(9)))
    ('supported', 'undecided')
    """
    if p.too_few or p.low <= 0.5 <= p.high:
        return "undecided"
    return "supported" if p.low > 0.5 else "refuted"
