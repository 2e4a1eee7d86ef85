"""Simulated studies of shares of individuals, for the calibration."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from benchmarks.calibration.values import Study
from depsim.statistics.families import LEVEL, holm
from depsim.statistics.paired_rates import PairedRates, paired_rates
from depsim.statistics.proportions import Proportion, share_p

_REQUIRED = (0.5, 0.95) * 10 + (0.5,)
"""Shares of individuals for whom the claims of a family have to hold."""


def interval_holds_the_share(share: float, interval: Callable[[np.ndarray], Proportion]) -> Study:
    """Whether the interval holds the share."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        found = [interval(support) for support in generator.random((studies, n)) < share]
        return np.array([p.low <= share <= p.high for p in found])

    return study


def interval_holds_the_difference_of_rates(first: float, second: float) -> Study:
    """Whether the interval holds the difference of two rates of the same individuals."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        found = _rates(generator, n, studies, first, second)
        return np.array([one.low <= first - second <= one.high for one in found])

    return study


def rates_differ(first: float, second: float) -> Study:
    """Whether two rates of the same individuals are called different."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        return np.array([one.p is not None and one.p <= LEVEL for one in _rates(generator, n, studies, first, second)])

    return study


def _rates(generator: np.random.Generator, n: int, studies: int, first: float, second: float) -> list[PairedRates]:
    """Who has either of two outcomes that go together."""
    from scipy.special import ndtri

    common, own = generator.normal(size=(studies, n, 1)), generator.normal(size=(studies, n, 2))
    yes = ((common + own) / math.sqrt(2) < ndtri([first, second])).astype(float)  # correlation 0.5
    return [paired_rates(each[:, 0], each[:, 1]) for each in yes]


def any_of_the_claims_is_decided(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Claims that hold for exactly the required share are neither true nor false."""
    return np.array([min(ps) <= LEVEL for ps in _claims(generator, n, studies, _REQUIRED)])


def a_claim_is_supported(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """The first of them holds for more individuals than the half that it needs."""
    return np.array([ps[0] <= LEVEL for ps in _claims(generator, n, studies, (0.75, *_REQUIRED[1:]))])


def _claims(generator: np.random.Generator, n: int, studies: int, shares: tuple[float, ...]) -> list[list[float]]:
    """Holm's p of independent claims that hold for these shares of individuals, study by study."""
    counts = generator.binomial(n, shares, size=(studies, len(shares)))
    tests = [[share_p(int(count), n, own) for count, own in zip(row, _REQUIRED, strict=True)] for row in counts]
    return [[p for p in holm(row) if p is not None] for row in tests]
