"""Two rates among the same individuals: their difference, its interval and a test.

References:
    Bonett & Price (2012), "Adjusted Wald confidence interval for a difference of binomial proportions based on paired
    data"; McNemar (1947), exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from depsim.statistics.proportions import TWO_SIDED_5_PER_CENT


@dataclass(frozen=True)
class PairedRates:
    """The rate under one condition minus that under another.

    Args:
        n: individuals with both.
        first, second: the rates; NaN where n is 0.
        difference: first minus second.
        low, high: its 95 % interval.
        p: exact, of the hypothesis that those who differ do so either way alike; 1 where none differs.
    """

    n: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float

    @property
    def per_cent(self) -> tuple[float, float, float]:
        """The difference and both ends of its interval, in points."""
        return 100 * self.difference, 100 * self.low, 100 * self.high


def paired_rates(first: np.ndarray, second: np.ndarray) -> PairedRates:
    """Compare two rates of the same individuals.

    Args:
        first, second: (N,) 1 for yes, 0 for no, NaN for whoever is in no rate; those with both count.
    """
    from scipy.special import bdtr

    both = np.isfinite(first) & np.isfinite(second)
    one, other, n = first[both] > 0.5, second[both] > 0.5, int(both.sum())
    if n == 0:
        return PairedRates(0, math.nan, math.nan, math.nan, -1.0, 1.0, p=1.0)
    gained, lost = int((one & ~other).sum()), int((other & ~one).sum())
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    middle, half = up - down, TWO_SIDED_5_PER_CENT * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    p = min(1.0, 2 * float(bdtr(min(gained, lost), gained + lost, 0.5)))
    rates = float(one.mean()), float(other.mean())
    return PairedRates(n, *rates, (gained - lost) / n, max(middle - half, -1.0), min(middle + half, 1.0), p=p)
