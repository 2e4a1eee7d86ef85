"""Accuracy under biased noise and threshold biases, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import share_p
from depsim.study.analyses.bias import Bias, bias_of, individual_rows, sign_rows, threshold_rows
from depsim.study.analyses.course import ConditionCurve
from depsim.study.groups import Condition
from depsim.study.reading import StudyArm
from tests.people import arm
from tests.studies_course import BIASES, biased

NAN, INF = float("nan"), float("inf")


def thresholds(made: StudyArm) -> list[float]:
    exam = bias_of(Condition("ketamine", made))
    assert exam is not None
    return exam.thresholds.tolist()


def test_the_threshold_is_where_half_of_the_own_accuracy_is_first_reached() -> None:
    rows = [
        [100, 100, 60, 40, 0],  # from 60 to 40: half of 100 lies in the middle of 0.5 and 0.75
        [90, 45, 80, 20, 20],  # reached at 0.25 itself, whatever comes later
        [44, 90, 90, 90, 90],  # below half already without a mean
        [90, 80, 70, 60, 55],  # not reached
        [90, 80, 70, 60, 50],  # reached at the very end
    ]
    assert thresholds(biased([100, 90, 90, 100, 100], rows)) == [0.625, 0.25, 0.0, INF, 1.0]


def test_who_has_a_half_below_chance_has_no_threshold() -> None:
    halves = thresholds(biased([49.9, 50.0, 60.0], [[40, 30, 20, 20, 20]] * 3))
    assert np.isnan(halves[0])  # 24.95 of four classes
    assert halves[1:] == pytest.approx([0.375, 0.25])
    assert np.isnan(thresholds(biased([100.0], [[100, 100, 60, 40, 0]], task="gone"))).all()  # of who knows how many


def test_without_internal_noise_of_mean_zero_there_is_a_curve_and_no_threshold() -> None:
    bare = arm("ketamine", {f"treated/biased_{mean}": [50.0] for mean in BIASES} | {"treated/standard": [100.0]})
    exam = bias_of(Condition("ketamine", bare))
    assert exam is not None
    assert exam.curve.x == BIASES
    assert np.isnan(exam.thresholds).all()


def test_a_curve_has_those_with_every_value_and_no_other_stage() -> None:
    made = biased([100, 100], [[100, 90, 80, 70, 60], [100, NAN, 80, 70, 60]])
    exam = bias_of(Condition("ketamine", made))
    assert exam is not None
    assert (exam.curve.seeds, exam.curve.people.tolist()) == ((0,), [[100, 90, 80, 70, 60]])
    assert bias_of(Condition("ketamine", made, "withdrawn")) is None


def having(*values: float, name: str = "ketamine", first: int = 0) -> Bias:
    n = len(values)
    condition = Condition(name, arm(name, {}))
    curve = ConditionCurve(condition, ("a", "b"), (0.0, 1.0), tuple(range(first, first + n)), np.zeros((n, 2)))
    return Bias(curve, np.array(values))


def test_the_median_counts_what_is_not_reached_as_larger() -> None:
    assert having(0.2, INF, 0.4, NAN).median == 0.4
    assert np.isnan(having(NAN).median)
    row, beyond = threshold_rows([having(0.2, INF, 0.4, NAN), having(0.2, INF, INF)])
    assert (row.n, row.value, row.more["largest"], row.more["not_reached"], row.more["no_threshold"]) == (
        3, 0.4, "> 1.0", 1, 1
    )  # fmt: skip
    assert (beyond.value, beyond.more["median"], beyond.more["smallest"]) == (None, "> 1.0", 0.2)
    people = individual_rows([having(0.2, INF, NAN)])
    assert [(person.key["seed"], person.value) for person in people] == [(0, 0.2), (1, None)]


def test_thresholds_are_compared_by_direction_alone() -> None:
    a = having(0.5, INF, INF, 0.2, NAN, 0.3, 0.9, INF)
    b = having(0.4, 0.9, INF, 0.8, 0.1, 0.3, 0.1, 0.2, name="ssri")
    (row,) = sign_rows([a, b])
    assert (row.more["higher"], row.more["lower"], row.more["ties"]) == (4, 1, 2)
    assert (row.n, row.value) == (7, pytest.approx(500 / 7))
    assert row.p == row.p_holm == share_p(4, 5, 0.5) == 0.375
    assert row.verdict == "too few"
    (sure,) = sign_rows([having(*[0.9] * 12), having(*[0.1] * 12, name="ssri")])
    assert sure.verdict == "yes"


def test_those_without_a_partner_are_not_compared() -> None:
    assert sign_rows([having(0.5, 0.4), having(0.1, 0.2, name="ssri", first=5)]) == ()
    (row,) = sign_rows([having(INF, INF), having(INF, INF, name="ssri")])
    assert (row.more["ties"], row.p) == (2, None)
