"""Simulated studies of intervals of a mean, for the calibration."""

from __future__ import annotations

import numpy as np

from benchmarks.calibration.values import Population, Study
from depsim.statistics.summary import summarise


def interval_holds_the_mean(population: Population, bounded: bool) -> Study:
    """Whether the mean's interval holds the population's.

    Args:
        population: of values.
        bounded: whether they are per cent; else the interval is that of differences.
    """

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        values = population.draw(generator, (n, studies))
        intervals = [summary.interval for summary in summarise(values, bounded=bounded)]
        return np.array([i is not None and i[0] <= population.mean <= i[1] for i in intervals])

    return study
