from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import (
    Prediction,
    error_logit,
    lies_inside,
    percentile_of,
    predict_accuracy,
    predict_by_order,
    predict_value,
)

NAN = float("nan")


def test_a_plain_interval_by_hand() -> None:
    # Mean 2, SD 1, t(2; 0.975) = 4.302653.
    prediction = predict_value(np.array([1.0, 2.0, 3.0]))
    assert prediction is not None
    reach = 4.3026527 * math.sqrt(4 / 3)
    assert (prediction.low, prediction.high) == pytest.approx((2 - reach, 2 + reach), rel=1e-7)
    assert (prediction.n, prediction.smallest, prediction.largest, prediction.coverage) == (3, 1.0, 3.0, 0.5)


def test_an_accuracys_interval_is_students_on_the_logit_of_the_error() -> None:
    errors, tests = np.array([10, 25, 40, 80, 33]), 1000
    prediction = predict_accuracy(100 * (1 - errors / tests), tests)
    logits = np.log((errors + 0.5) / (tests - errors + 0.5))
    low, high = stats.t.interval(0.95, 4, logits.mean(), logits.std(ddof=1) * math.sqrt(1.2))
    back = [100 * (1 - (1001 / (1 + math.exp(-logit)) - 0.5) / 1000) for logit in (high, low)]
    assert prediction is not None
    assert (prediction.low, prediction.high) == pytest.approx(back, rel=1e-12)


def test_an_accuracys_interval_stays_between_0_and_100_and_leans_away_from_the_ceiling() -> None:
    prediction = predict_accuracy(np.array([100.0, 99.9, 100.0, 99.0]), 1000)
    assert prediction is not None
    assert prediction.high == 100.0
    assert 0 < prediction.low < 98.0
    floor = predict_accuracy(np.array([0.0, 0.1, 0.0, 9.0]), 1000)
    assert floor is not None
    assert floor.low == 0.0


def test_missing_values_do_not_count() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert predict_value(np.array([1.0, NAN, 2.0, 4.0])) == predict_value(values)
    assert predict_accuracy(np.array([NAN, 91.0, 92.0, 94.0]), 100) == predict_accuracy(90 + values, 100)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [1.0, 2.0, NAN]])
def test_below_three_individuals_nothing_is_predicted(values: list[float]) -> None:
    assert predict_value(np.array(values)) is None
    assert predict_accuracy(np.array(values), 100) is None


def test_equal_accuracies_predict_just_that_one_and_equal_values_nothing() -> None:
    assert predict_accuracy(np.full(4, 100.0), 1000) == Prediction(100.0, 100.0, 4, 100.0, 100.0, 0.6)
    assert predict_accuracy(np.full(4, 0.1), 1000) == Prediction(0.1, 0.1, 4, 0.1, 0.1, 0.6)
    assert predict_value(np.full(4, 0.1)) is None


def test_an_exam_without_questions_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one question, got 0"):
        predict_accuracy(np.array([1.0, 2.0, 3.0]), 0)


@pytest.mark.parametrize(("value", "expected"), [(0.0, 0.0), (2.0, 50.0), (3.0, 87.5), (3.5, 100.0), (1.5, 25.0)])
def test_the_percentile_counts_ties_by_half(value: float, expected: float) -> None:
    assert percentile_of(value, np.array([1.0, 2.0, 2.0, 3.0])) == expected


def test_the_percentile_is_scipys_mean_of_weak_and_strict() -> None:
    reference = np.random.RandomState(0).randint(0, 20, 50).astype(float)
    for value in range(-1, 22):
        assert percentile_of(value, reference) == pytest.approx(stats.percentileofscore(reference, value, "mean"))


def test_there_is_no_percentile_without_a_reference() -> None:
    assert math.isnan(percentile_of(1.0, np.array([NAN])))
    assert math.isnan(percentile_of(NAN, np.array([1.0])))
    assert percentile_of(1.0, np.array([NAN, 0.0])) == 100.0


@pytest.mark.parametrize(
    ("value", "decimals", "inside"),
    [(44.0, 1, True), (43.9, 1, False), (48.1, 1, True), (48.2, 1, False), (43.96, 2, True), (43.95, 2, False)],
)
def test_bounds_are_rounded_as_the_published_value_is(value: float, decimals: int, inside: bool) -> None:
    assert lies_inside(value, Prediction(43.96, 48.14, 10, 0.0, 0.0, 0.0), decimals) is inside


@pytest.mark.parametrize(("n", "low", "high"), [(39, 1, 39), (78, 1, 78), (79, 2, 78), (199, 5, 195)])
def test_order_statistics_are_as_narrow_as_95_per_cent_allow(n: int, low: int, high: int) -> None:
    values = np.random.RandomState(n).permutation(np.arange(1.0, n + 1))
    prediction = predict_by_order(np.append(values, np.nan))
    assert prediction is not None
    assert (prediction.low, prediction.high, prediction.n) == (low, high, n)
    assert (high - low) / (n + 1) >= 0.95  # the chance that a new one lies between


def test_below_39_order_statistics_say_nothing() -> None:
    assert predict_by_order(np.arange(38.0)) is None


def test_the_logit_of_the_error_is_finite_at_both_ends() -> None:
    logits = error_logit(np.array([100.0, 50.0, 0.0]), 4000)
    assert logits == pytest.approx([np.log(0.5 / 4000.5), 0.0, np.log(4000.5 / 0.5)])
