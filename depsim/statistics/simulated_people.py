"""Simulated studies of individuals that differ in traits, for the calibration."""

from __future__ import annotations

import math

import numpy as np

from depsim.statistics.best import from_best
from depsim.statistics.families import LEVEL, holm
from depsim.statistics.reliability import resampled_share
from depsim.statistics.simulated_studies import Study
from depsim.statistics.simulated_values import Draw
from depsim.statistics.slopes import slopes
from depsim.statistics.triage import LEARNERS, learn_rule, score

_TRAITS, _OUTCOMES = 3, 6
_MEASURES, _ARMS = 4, 3
_MARGIN = 1.0
"""What a rule has to gain to be useful."""


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


def the_rule_is_useful(apart: float) -> Study:
    """Whether a rule learned on the first individuals is called useful on the others.

    Args:
        apart: points by which one of three treatments is better for half of the individuals, and worse for the others,
            as the first measure says; with 0 individuals differ in no treatment's effect.
    """

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        useful = []
        for _ in range(studies):
            measures = generator.normal(size=(n, _MEASURES))
            outcomes = 80 + 5 * generator.normal(size=(n, 1)) + 3 * generator.normal(size=(n, _ARMS))
            outcomes[:, 1] += apart * np.sign(measures[:, 0])
            rule = learn_rule(measures[:LEARNERS], outcomes[:LEARNERS])
            assert rule is not None
            single, fresh = int(outcomes[:LEARNERS].mean(axis=0).argmax()), outcomes[LEARNERS:]
            chosen = rule.choose(measures[LEARNERS:])
            found = score(fresh[np.arange(len(fresh)), chosen], fresh[:, single], chosen != single, _MARGIN)
            useful.append(found.verdict == "useful")
        return np.array(useful)

    return study


def a_cell_has_a_best(behind: float, cells: int) -> Study:
    """Whether any cell of a map says which of three treatments is the best; each cell has ``n`` individuals.

    Args:
        behind: points, in standard deviations of an outcome, by which two of them are behind in the first cell.
        cells: of the map.
    """

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        told = []
        for _ in range(studies):
            values = generator.normal(size=(cells, n, 1)) + generator.normal(size=(cells, n, _ARMS))
            values[0, :, 0] += behind
            told.append(any(sum(own.may_be_best for own in from_best(cell, cells)) == 1 for cell in values))
        return np.array(told)

    return study


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
