"""Simulated studies of variance components, for the calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from benchmarks.calibration.values import Population, Study
from depsim.statistics.orthogonal_array import orthogonal_array
from depsim.statistics.variance import VarianceSplit, split_variance

RARE_LEVELS = Population(
    lambda generator, shape: generator.normal(-10.0 * (generator.random(shape) < 0.02), 1.0),
    -0.2,
    math.sqrt(0.02 * 0.98 * 10.0**2 + 1.0),
)
"""Two of a hundred levels of a stream collapse, by ten standard deviations."""
EXPONENTIAL = Population(lambda generator, shape: generator.exponential(size=shape), 1.0, 1.0)


def interval_holds_the_component(name: str, population: Population) -> Study:
    """Eight seeds each of four streams in an orthogonal array; variances 4, 1, 0.25 and 0, residual 1.

    Args:
        name: of the stream.
        population: of levels, whose spread does not matter.
    """

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        sds = {"train": 2.0, "test": 1.0, "init": 0.5, "order": 0.0}
        splits = (_split_of_an_array(generator, population, sds, n) for _ in range(studies))
        shares = [next(c for c in split.components if c.name == name) for split in splits]
        truth = sds[name] ** 2 / 6.25
        return np.array([c.low is not None and c.high is not None and c.low <= truth <= c.high for c in shares])

    return study


def equal_streams_have_a_largest(streams: int, population: Population) -> Study:
    """So many streams of four with a variance of 1, the others 0, residual 1."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        sds = {name: float(place < streams) for place, name in enumerate(("train", "test", "init", "order"))}
        splits = (_split_of_an_array(generator, population, sds, n) for _ in range(studies))
        return np.array([any(component.is_largest for component in split.components) for split in splits])

    return study


def the_largest_is_named(population: Population) -> Study:
    """One stream with an SD of 5, the others of 0.5."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        sds = {"train": 5.0, "test": 0.5, "init": 0.5, "order": 0.5}
        splits = (_split_of_an_array(generator, population, sds, n) for _ in range(studies))
        return np.array([split.components[0].is_largest for split in splits])

    return study


def _split_of_an_array(
    generator: np.random.Generator, population: Population, sds: Mapping[str, float], n: int
) -> VarianceSplit:
    """A simulated study of n networks in an array of strength 2."""
    levels = dict(zip(sds, orthogonal_array(len(sds), 2).T, strict=True))
    draws = (sds[name] / population.sd * population.draw(generator, (8,))[own] for name, own in levels.items())
    return split_variance(sum(draws, generator.normal(size=n)), {name: own.tolist() for name, own in levels.items()})
