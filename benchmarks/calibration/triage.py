"""Simulated studies of rules that choose a treatment, for the calibration."""

from __future__ import annotations

import numpy as np

from benchmarks.calibration.values import Study
from depsim.statistics.mean_interval import student_interval
from depsim.statistics.triage import LEARNERS, learn_rule

_MEASURES, _ARMS = 4, 3
_MARGIN = 1.0
"""What a rule has to gain to be useful."""


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
            gains = fresh[np.arange(len(fresh)), chosen] - fresh[:, single]
            useful.append(student_interval(gains[:, None])[0][0] > _MARGIN)
        return np.array(useful)

    return study
