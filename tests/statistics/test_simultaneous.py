"""Intervals that hold together, so that the largest difference may be picked."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import from_best, simultaneous
from depsim.statistics.resampling import bootstrap_counts


def test_of_one_difference_it_is_the_bootstrap_t_interval() -> None:
    differences, n = np.random.default_rng(1).normal(1.0, 1.0, 40), 40
    counts = bootstrap_counts(n).astype(float)
    means = counts @ differences / n
    multiple = np.quantile(np.abs(means - differences.mean()) / np.sqrt(counts @ differences**2 / n - means**2), 0.95)
    low, high = simultaneous(differences[:, None])
    assert (low[0], high[0]) == pytest.approx(
        (differences.mean() - multiple * differences.std(), differences.mean() + multiple * differences.std())
    )


def test_all_are_one_multiple_of_their_standard_error_wide_however_many_there_are() -> None:
    values = np.random.default_rng(2).normal(size=(30, 150)) * np.linspace(1, 9, 150)
    low, high = simultaneous(values)
    multiples = (high - low) / 2 / values.std(axis=0)
    assert multiples == pytest.approx(np.full(150, multiples[0]))
    some = simultaneous(values[:, :60])
    assert (some[1] - some[0] < high[:60] - low[:60]).all()  # picked from fewer
    assert (low + high) / 2 == pytest.approx(values.mean(axis=0))


def test_the_difference_from_the_best_of_two_is_the_same_interval() -> None:
    values = np.random.default_rng(3).normal(size=(25, 2)) + np.array([0.0, 1.0])
    low, high = simultaneous((values[:, 0] - values[:, 1])[:, None])
    worse = from_best(values)[0]
    assert (worse.low, worse.high) == (low[0], min(high[0], 0.0))


def test_below_ten_individuals_it_is_students_t_by_the_number_of_differences_and_below_three_there_is_none() -> None:
    values = np.random.default_rng(4).normal(size=(9, 5))
    low, high = simultaneous(values)
    expected = stats.t.ppf(1 - 0.025 / 5, 8) * values.std(axis=0, ddof=1) / 3
    assert (high - low) / 2 == pytest.approx(expected)
    assert np.isnan(simultaneous(values[:2])).all()


@pytest.mark.parametrize("n", [5, 20])
def test_a_difference_that_all_share_is_known_and_widens_no_other(n: int) -> None:
    values = np.random.default_rng(5).normal(size=(n, 2))
    low, high = simultaneous(np.column_stack([values, np.full(n, 3.0)]))
    assert (low[2], high[2]) == (3.0, 3.0)
    assert np.array([low, high])[:, :2] == pytest.approx(np.array(simultaneous(values)))


def excluded(k: int, n: int, studies: int, seed: int) -> tuple[float, float]:
    """How often the largest of k equal conditions beside a control, and the two farthest apart, exclude 0."""
    generator, first, second = np.random.default_rng(seed), *np.triu_indices(k, 1)
    beside: list[bool] = []
    apart: list[bool] = []
    for _ in range(studies):
        values = generator.normal(size=(n, k + 1)) + generator.normal(size=(n, 1))
        for differences, excluding in (
            (values[:, 1:] - values[:, :1], beside),
            (values[:, first] - values[:, second], apart),
        ):
            low, high = simultaneous(differences)
            largest = np.abs(differences.mean(axis=0)).argmax()
            excluding.append(bool(low[largest] > 0 or high[largest] < 0))
    return float(np.mean(beside)), float(np.mean(apart))


@pytest.mark.parametrize("k", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_the_largest_of_several_equal_ones_excludes_0_in_one_of_twenty_studies(k: int) -> None:
    """Unadjusted, the two farthest apart of 3 and of 8 did so in 13 and in 45 %."""
    assert max(excluded(k, 20, 60 if k == 3 else 150, seed=6)) <= (0.12 if k == 3 else 0.1)


@pytest.mark.slow
def test_the_largest_of_twenty_settings_beside_a_control_excludes_0_in_one_of_twenty_studies() -> None:
    """Unadjusted, in 39 %."""
    generator, ends = np.random.default_rng(7), []
    for _ in range(150):
        values = generator.normal(size=(20, 21)) + generator.normal(size=(20, 1))
        low, high = simultaneous(values[:, 1:] - values[:, :1])
        largest = np.abs(low + high).argmax()
        ends.append(bool(low[largest] > 0 or high[largest] < 0))
    assert np.mean(ends) <= 0.1


@pytest.mark.slow
def test_a_real_difference_is_noticed_among_many() -> None:
    generator, ends = np.random.default_rng(8), []
    for _ in range(100):
        values = generator.normal(size=(50, 8)) + np.array([1.0] + [0.0] * 7)
        low, _ = simultaneous(values)
        ends.append(low[0] > 0)
    assert np.mean(ends) >= 0.9
