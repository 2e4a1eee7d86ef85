from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import half_width, half_width_curve, individuals_needed

NAN = float("nan")
VALUES = np.random.RandomState(0).randn(40) * 3


def test_the_half_width_at_hand_is_that_of_students_interval() -> None:
    interval = stats.ttest_1samp(VALUES, 0).confidence_interval(0.95)
    assert half_width(VALUES, 40) == pytest.approx((interval.high - interval.low) / 2)


def test_the_curve_holds_the_half_widths() -> None:
    sizes = [1, 2, 10, 1000]
    curve = half_width_curve(VALUES, sizes)
    assert np.isnan(curve[0])
    assert curve[1:].tolist() == [half_width(VALUES, n) for n in sizes[1:]]
    assert (np.diff(curve[1:]) < 0).all()


@pytest.mark.parametrize("target", [20.0, 3.0, 1.0, 0.5, 0.1, 0.01])
def test_the_fewest_that_suffice(target: float) -> None:
    n = individuals_needed(VALUES, target)
    assert n is not None
    assert half_width(VALUES, n) <= target
    assert n == 2 or half_width(VALUES, n - 1) > target


def test_equal_differences_need_no_more_than_two() -> None:
    assert individuals_needed(np.full(5, 0.1), 0.5) == 2
    assert half_width(np.full(5, 0.1), 5) == 0.0


@pytest.mark.parametrize("values", [[], [1.0], [1.0, NAN]])
def test_one_individual_shows_no_spread(values: list[float]) -> None:
    assert half_width(np.array(values), 10) is None
    assert individuals_needed(np.array(values), 1.0) is None
    assert np.isnan(half_width_curve(np.array(values), [10, 20])).all()


def test_missing_values_do_not_count() -> None:
    assert half_width(np.append(VALUES, NAN), 9) == half_width(VALUES, 9)


def test_an_impossible_target_is_told_from_a_senseless_one() -> None:
    assert individuals_needed(VALUES, 1e-9) is None
    assert half_width(VALUES, 1) is None
    with pytest.raises(ValueError, match="positive, got 0"):
        individuals_needed(VALUES, 0)
