"""Simulated studies of tests of paired differences, for the calibration."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.calibration.values import Population, Study
from depsim.statistics.equivalence import equivalence
from depsim.statistics.families import LEVEL, holm
from depsim.statistics.sign_flip import sign_flip_p

_MARGIN = 2.0


def arms_differ(population: Population, apart: float = 0.0) -> Study:
    """Whether paired arms, so many standard deviations of their difference apart, are called different."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        differences = _differences(population, generator, n, studies) + apart * math.sqrt(2) * population.sd
        return np.array([sign_flip_p(own) <= LEVEL for own in differences])

    return study


def _differences(population: Population, generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Of two arms whose values are spread alike, (studies, n)."""
    return population.draw(generator, (studies, n)) - population.draw(generator, (studies, n))


def skewed_differences_differ(population: Population) -> Study:
    """Whether differences that are skewed about a mean of 0 are called different."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        differences = population.draw(generator, (studies, n)) - population.mean
        return np.array([sign_flip_p(own) <= LEVEL for own in differences])

    return study


def any_of_a_family_differs(population: Population) -> Study:
    """Five arms, four outcomes, forty contrasts; a value is a sum of three draws, of which two are shared."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        individual, arm = population.draw(generator, (studies, n, 1, 4)), population.draw(generator, (studies, n, 5, 1))
        values = individual + arm + population.draw(generator, (studies, n, 5, 4))
        first, second = np.triu_indices(5, 1)
        differences = (values[:, :, first] - values[:, :, second]).reshape(studies, n, -1)
        adjusted = [holm([sign_flip_p(family[:, i]) for i in range(family.shape[1])]) for family in differences]
        return np.array([min(p for p in family if p is not None) <= LEVEL for family in adjusted])

    return study


def arms_are_equivalent(population: Population, part: float) -> Study:
    """A's mean lies this part of the margin of 2 below B's; differences vary by one and a half margins."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        apart = _differences(population, generator, n, studies) / (math.sqrt(2) * population.sd)
        differences = 1.5 * _MARGIN * apart - part * _MARGIN
        found = [equivalence(own, np.zeros(n), _MARGIN) for own in differences]
        return np.array([one.within is not None and one.within < LEVEL for one in found])

    return study
