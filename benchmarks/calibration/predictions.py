"""Simulated studies of who is one of a sample, for the calibration."""

from __future__ import annotations

import numpy as np

from benchmarks.calibration.values import QUANTISED, REAL_QUESTIONS, Draw, Population, Study, real_values
from depsim.statistics.families import LEVEL
from depsim.statistics.joint import joint_verdict
from depsim.statistics.prediction import Prediction, predict_accuracy, predict_by_order, predict_value

_QUESTIONS = 1_000


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


def one_more_real_accuracy_is_inside(condition: str) -> Study:
    """Whether a prediction interval holds one more individual's accuracy."""
    values = real_values()[condition]

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        drawn = generator.choice(values, (studies, n + 1))
        return inside([predict_accuracy(own[:-1], REAL_QUESTIONS) for own in drawn], drawn[:, -1])

    return study


def one_more_rank_is_inside(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Shares of four questions, most of them faultless."""
    values = QUANTISED.draw(generator, (studies, n + 1))
    return inside([predict_by_order(own[:-1]) for own in values], values[:, -1])


def inside(predictions: list[Prediction | None], values: np.ndarray) -> np.ndarray:
    """Whether each prediction interval holds its value, (studies,)."""
    pairs = zip(predictions, values, strict=True)
    return np.array([p is not None and p.low <= value <= p.high for p, value in pairs])


def one_more_individual_stands_out(population: Population, shift: float = 0.0) -> Study:
    """Eight values that share half their variance, as each is a sum of two draws; four are shifted by so many SD."""

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        values = population.draw(generator, (studies, n + 1, 8)) + population.draw(generator, (studies, n + 1, 1))
        values[:, -1, :4] += shift * values[:, :-1, :4].std(axis=1, ddof=1)
        return np.array([joint_verdict(own[:-1], own[-1], np.full(8, 1e-3)).p <= LEVEL for own in values])

    return study


def one_more_real_individual_stands_out(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether one more is told apart by its accuracies under all conditions."""
    values = np.stack(list(real_values().values()), axis=1)
    drawn = values[generator.integers(len(values), size=(studies, n + 1))]
    floors = np.full(values.shape[1], 100 / REAL_QUESTIONS)
    return np.array([joint_verdict(own[:-1], own[-1], floors).p <= LEVEL for own in drawn])
