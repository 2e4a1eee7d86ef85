"""Values of simulated individuals, for the calibration: kinds of distribution, and real individuals drawn again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

REAL = Path(__file__).with_name("real_individuals.csv")
"""Accuracy under combined stress of treated individuals, a column a condition; written by ``benchmarks/finding.py``."""
REAL_QUESTIONS = 4_000
"""Points of the exam behind it."""
Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
Study = Callable[[np.random.Generator, int, int], np.ndarray]
"""Generator, individuals and number of studies to whether each study came out as counted, (studies,) booleans."""


@cache
def real_values() -> Mapping[str, np.ndarray]:
    """Of real individuals, by condition, in per cent; the same individual at the same place everywhere.

    Shape: (N,) each.
    """
    table = np.genfromtxt(REAL, delimiter=",", names=True)
    assert table.dtype.names is not None
    return {name: table[name] for name in table.dtype.names if name != "seed"}


@dataclass(frozen=True)
class Population:
    """Values of individuals.

    Args:
        draw: them.
        mean, sd: of all that there can be.
    """

    draw: Draw
    mean: float
    sd: float


NORMAL = Population(lambda generator, shape: generator.normal(size=shape), 0.0, 1.0)
BIMODAL = Population(
    lambda generator, shape: generator.normal(4.0 * (generator.random(shape) < 0.3), 0.5),
    1.2,
    math.sqrt(0.3 * 0.7 * 4.0**2 + 0.5**2),
)
SKEWED = Population(
    lambda generator, shape: generator.lognormal(size=shape), math.exp(0.5), math.sqrt((math.e - 1) * math.e)
)
CEILING = Population(
    lambda generator, shape: 100 * generator.beta(20.0, 0.5, size=shape),
    100 * 20 / 20.5,
    100 * math.sqrt(20 * 0.5 / 20.5**2 / 21.5),
)
QUANTISED = Population(
    lambda generator, shape: 25.0 * generator.binomial(4, 0.9, size=shape), 90.0, 25 * math.sqrt(0.36)
)
"""Shares of four questions."""
RARE = Population(
    lambda generator, shape: generator.normal(-50.0 * (generator.random(shape) < 0.02), 1.0),
    -1.0,
    math.sqrt(0.02 * 0.98 * 50.0**2 + 1.0),
)
"""Two of a hundred are far off."""


HEAVY_TAILED = Population(lambda generator, shape: generator.standard_t(3, size=shape), 0.0, math.sqrt(3))


def _in_per_cent(population: Population, place: float, scale: float) -> Population:
    """The same values moved and stretched, and cut off at 0 and 100, which hardly any reaches."""
    return Population(
        lambda generator, shape: (place + scale * population.draw(generator, shape)).clip(0.0, 100.0),
        place + scale * population.mean,
        abs(scale) * population.sd,
    )


PER_CENT: Mapping[str, Population] = {
    "normal": _in_per_cent(NORMAL, 80.0, 4.0),
    "bimodal": _in_per_cent(BIMODAL, 60.0, 5.0),
    "skewed": _in_per_cent(SKEWED, 100.0, -2.0),
    "ceiling": CEILING,
    "quantised": QUANTISED,
    "rare": _in_per_cent(RARE, 97.0, 0.9),
}
"""Kinds of values as per cent, by name."""


def difference_of_two(population: Population) -> Population:
    """Differences of two arms of this kind within individuals."""
    return Population(
        lambda generator, shape: population.draw(generator, shape) - population.draw(generator, shape),
        0.0,
        math.sqrt(2) * population.sd,
    )


def real_difference(one: str, other: str) -> Population:
    """Differences of two conditions within real individuals, drawn again."""
    return drawn_again(real_values()[one] - real_values()[other])


def drawn_again(values: np.ndarray) -> Population:
    """Individuals drawn from these, (N,), any of them several times."""
    return Population(
        lambda generator, shape: generator.choice(values, shape), float(values.mean()), float(values.std())
    )


def usual_error(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Shares of errors as most individuals have them."""
    return 1 / (1 + np.exp(-generator.normal(-3.0, 0.6, size=shape)))


def rare_error(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Shares of errors near none."""
    return 1 - generator.beta(20.0, 0.5, size=shape)
