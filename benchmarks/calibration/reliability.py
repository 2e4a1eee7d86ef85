"""Simulated studies of how much of the variance lies between individuals, for the calibration."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.calibration.values import Draw, Study
from depsim.statistics.reliability import resampled_share


def interval_holds_the_share_of_individuals(draw: Draw, variance: float, share: float) -> Study:
    """Whether the resampled interval holds the share of the variance that is between individuals; two replicates.

    Args:
        draw: individuals.
        variance: of them.
        share: theirs of the variance of a replicate.
    """
    within = math.sqrt(variance * (1 / share - 1))

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        held = []
        for _ in range(studies):
            found = resampled_share(draw(generator, (n, 1)) + within * generator.normal(size=(n, 2)))
            held.append(found is not None and found[0] <= share <= found[1])
        return np.array(held)

    return study
