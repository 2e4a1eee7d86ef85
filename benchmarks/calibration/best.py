"""Simulated studies of differences from the best, for the calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.calibration.values import Population, Study, real_values
from depsim.statistics.best import FromBest, from_best

_ARMS = 3


def differences_from_the_best_are_held(population: Population) -> Study:
    """Whether the intervals of five conditions, of which two are best, hold all of their differences from the best."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        truth = -population.sd * np.array([0.0, 0.0, 1.0, 1.0, 2.0])
        found = [from_best(own + truth) for own in _correlated(population, generator, n, studies)]
        return np.array([all_held(own, truth) for own in found])

    return study


def real_differences_from_the_best_are_held(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether the intervals hold all differences from the best of the conditions of real individuals, drawn whole."""
    values = np.stack(list(real_values().values()), axis=1)
    truth = values.mean(axis=0) - values.mean(axis=0).max()
    drawn = generator.integers(len(values), size=(studies, n))
    return np.array([all_held(from_best(values[own]), truth) for own in drawn])


def all_held(found: Sequence[FromBest], truth: np.ndarray) -> bool:
    """Whether every interval holds its difference from the best."""
    pairs = zip(found, truth, strict=True)
    return all(f.low is not None and f.high is not None and f.low <= true <= f.high for f, true in pairs)


def an_equal_condition_is_ruled_out(population: Population) -> Study:
    """Whether any of five equal conditions is said not to be the best."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        found = [from_best(own) for own in _correlated(population, generator, n, studies)]
        return np.array([not all(each.may_be_best for each in own) for own in found])

    return study


def the_best_stands_alone(population: Population) -> Study:
    """Whether all of four conditions that are half an SD of the difference behind the best are said not to be it."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        truth = np.array([0.0, *[-population.sd * math.sqrt(0.5)] * 4])
        found = [from_best(own + truth) for own in _correlated(population, generator, n, studies)]
        return np.array([[each.may_be_best for each in own] == [True] + [False] * 4 for own in found])

    return study


def _correlated(population: Population, generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Values (studies, n, 5); each individual has a part in common under all conditions."""
    return population.draw(generator, (studies, n, 1)) + population.draw(generator, (studies, n, 5))
