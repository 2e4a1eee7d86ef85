"""Simulated studies of real individuals, drawn again, for the calibration."""

from __future__ import annotations

import numpy as np

from depsim.statistics.best import from_best
from depsim.statistics.families import LEVEL
from depsim.statistics.joint import joint_verdict
from depsim.statistics.prediction import predict_accuracy
from depsim.statistics.simulated_studies import Study, all_held, inside
from depsim.statistics.simulated_values import REAL_QUESTIONS, real_values


def one_more_real_accuracy_is_inside(condition: str) -> Study:
    """Whether a prediction interval holds one more individual's accuracy."""
    values = real_values()[condition]

    def study(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        drawn = generator.choice(values, (studies, n + 1))
        return inside([predict_accuracy(own[:-1], REAL_QUESTIONS) for own in drawn], drawn[:, -1])

    return study


def real_differences_from_the_best_are_held(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether the intervals hold all differences from the best of the conditions of real individuals, drawn whole."""
    values = np.stack(list(real_values().values()), axis=1)
    truth = values.mean(axis=0) - values.mean(axis=0).max()
    drawn = generator.integers(len(values), size=(studies, n))
    return np.array([all_held(from_best(values[own]), truth) for own in drawn])


def one_more_real_individual_stands_out(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether one more is told apart by its accuracies under all conditions."""
    values = np.stack(list(real_values().values()), axis=1)
    drawn = values[generator.integers(len(values), size=(studies, n + 1))]
    floors = np.full(values.shape[1], 100 / REAL_QUESTIONS)
    return np.array([joint_verdict(own[:-1], own[-1], floors).p <= LEVEL for own in drawn])
