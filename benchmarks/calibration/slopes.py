"""Simulated studies of slopes along traits, for the calibration."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.calibration.values import Study
from depsim.statistics.families import LEVEL, holm
from depsim.statistics.slopes import slopes

_TRAITS, _OUTCOMES = 3, 6


def interval_holds_the_slope(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether the interval of the first trait's slope holds it, where outcomes spread more the higher the trait is."""
    held = []
    for _ in range(studies):
        traits = generator.normal(size=(n, _TRAITS))
        outcome = traits[:, 0] + np.exp(traits[:, 0] / 2) * generator.normal(size=n)
        found = slopes(traits, outcome)[0]
        truth = float(traits[:, 0].std(ddof=1))  # a slope is per standard deviation of the sample
        held.append(found is not None and found.low <= truth <= found.high)
    return np.array(held)


def any_of_the_slopes_is_told(correlation: float) -> Study:
    """Whether the first of 18 slopes is beyond chance after Holm; without a correlation, whether any is."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        told = []
        for _ in range(studies):
            traits = generator.normal(size=(n, _TRAITS))
            outcomes = generator.normal(size=(n, _OUTCOMES))
            outcomes[:, 0] = correlation * traits[:, 0] + math.sqrt(1 - correlation**2) * outcomes[:, 0]
            found = [one for outcome in outcomes.T for one in slopes(traits, outcome)]
            ps = holm([None if one is None else one.p for one in found])
            judged = ps[:1] if correlation else ps
            told.append(any(p is not None and p <= LEVEL for p in judged))
        return np.array(told)

    return study
