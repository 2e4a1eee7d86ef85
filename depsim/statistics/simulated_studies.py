"""Simulated studies whose truth is known, for the calibration: each counts in which of them something came out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from depsim.statistics.best import FromBest, from_best
from depsim.statistics.equivalence import equivalence
from depsim.statistics.families import LEVEL, holm
from depsim.statistics.joint import joint_verdict
from depsim.statistics.orthogonal_array import orthogonal_array
from depsim.statistics.prediction import Prediction, predict_accuracy, predict_by_order, predict_value
from depsim.statistics.sign_flip import sign_flip_p
from depsim.statistics.simulated_values import QUANTISED, Draw, Population
from depsim.statistics.summary import summarise
from depsim.statistics.variance import VarianceSplit, split_variance

_MARGIN = 2.0
_QUESTIONS = 1_000

Study = Callable[[np.random.Generator, int, int], np.ndarray]
"""Generator, individuals and number of studies to whether each study came out as counted, (studies,) booleans."""


def interval_holds_the_mean(population: Population) -> Study:
    """Whether the mean's interval holds the population's."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        intervals = [summary.interval for summary in summarise(population.draw(generator, (n, studies)))]
        return np.array([i is not None and i[0] <= population.mean <= i[1] for i in intervals])

    return study


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


def one_more_value_is_inside(population: Population) -> Study:
    """Whether a prediction interval holds one more value."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        values = population.draw(generator, (studies, n + 1))
        return inside([predict_value(own[:-1]) for own in values], values[:, -1])

    return study


def one_more_exam_is_inside(error: Draw) -> Study:
    """Whether it holds one more accuracy, of errors drawn so."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        errors = generator.binomial(_QUESTIONS, error(generator, (studies, n + 1)))
        accuracies = 100 * (1 - errors / _QUESTIONS)
        return inside([predict_accuracy(own[:-1], _QUESTIONS) for own in accuracies], accuracies[:, -1])

    return study


def inside(predictions: list[Prediction | None], values: np.ndarray) -> np.ndarray:
    """Whether each prediction interval holds its value, (studies,)."""
    pairs = zip(predictions, values, strict=True)
    return np.array([p is not None and p.low <= value <= p.high for p, value in pairs])


def one_more_rank_is_inside(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Shares of four questions, most of them faultless."""
    values = QUANTISED.draw(generator, (studies, n + 1))
    return inside([predict_by_order(own[:-1]) for own in values], values[:, -1])


def one_more_individual_stands_out(population: Population, shift: float = 0.0) -> Study:
    """Eight values that share half their variance, as each is a sum of two draws; four are shifted by so many SD."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        values = population.draw(generator, (studies, n + 1, 8)) + population.draw(generator, (studies, n + 1, 1))
        values[:, -1, :4] += shift * values[:, :-1, :4].std(axis=1, ddof=1)
        return np.array([joint_verdict(own[:-1], own[-1], np.full(8, 1e-3)).p <= LEVEL for own in values])

    return study


def arms_are_equivalent(population: Population, part: float) -> Study:
    """A's mean lies this part of the margin of 2 below B's; differences vary by one and a half margins."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        apart = _differences(population, generator, n, studies) / (math.sqrt(2) * population.sd)
        differences = 1.5 * _MARGIN * apart - part * _MARGIN
        found = [equivalence(own, np.zeros(n), _MARGIN) for own in differences]
        return np.array([one.within is not None and one.within < LEVEL for one in found])

    return study


def differences_from_the_best_are_held(population: Population) -> Study:
    """Whether the intervals of five conditions, of which two are best, hold all of their differences from the best."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        truth = -population.sd * np.array([0.0, 0.0, 1.0, 1.0, 2.0])
        found = [from_best(own + truth) for own in _correlated(population, generator, n, studies)]
        return np.array([all_held(own, truth) for own in found])

    return study


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


def interval_holds_the_component(name: str) -> Study:
    """Eight seeds each of four streams in an orthogonal array; variances 4, 1, 0.25 and 0, residual 1."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        sds = {"train": 2.0, "test": 1.0, "init": 0.5, "order": 0.0}
        splits = (_split_of_an_array(generator, sds, n) for _ in range(studies))
        shares = [next(c for c in split.components if c.name == name) for split in splits]
        truth = sds[name] ** 2 / 6.25
        return np.array([c.low is not None and c.high is not None and c.low <= truth <= c.high for c in shares])

    return study


def equal_streams_have_a_largest(streams: int) -> Study:
    """So many streams of four with a variance of 1, the others 0, residual 1."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        sds = {name: float(place < streams) for place, name in enumerate(("train", "test", "init", "order"))}
        leads = [_split_of_an_array(generator, sds, n).lead for _ in range(studies)]
        return np.array([lead is not None and lead.is_certain for lead in leads])

    return study


def _split_of_an_array(generator: np.random.Generator, sds: Mapping[str, float], n: int) -> VarianceSplit:
    """A simulated study of n networks in an array of strength 2."""
    levels = dict(zip(sds, orthogonal_array(len(sds), 2).T, strict=True))
    draws = (generator.normal(0, sds[name], 8)[own] for name, own in levels.items())
    return split_variance(sum(draws, generator.normal(size=n)), {name: own.tolist() for name, own in levels.items()})
