from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import Summary, summarise
from depsim.statistics.resampling import bootstrap_counts


def interval(values: np.ndarray) -> tuple[float, float]:
    found = summarise(np.asarray(values)[:, None])[0].interval
    assert found is not None
    return found


def skewed(n: int, seed: int = 0) -> np.ndarray:
    return np.random.RandomState(seed).lognormal(0, 1, n)


def test_mean_and_sample_standard_deviation_by_hand() -> None:
    summary = summarise(np.array([[1.0], [2.0], [6.0]]))[0]
    assert (summary.n, summary.mean) == (3, 3.0)
    assert summary.sd == pytest.approx(math.sqrt(7), rel=1e-15)


@pytest.mark.parametrize("n", [3, 10, 49])
def test_below_fifty_the_interval_is_students(n: int) -> None:
    values = skewed(n)
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert interval(values) == pytest.approx((expected.low, expected.high), rel=1e-12)


@pytest.mark.parametrize("n", [50, 90])
@pytest.mark.parametrize("seed", [1, 2])
def test_from_fifty_on_the_interval_is_scipys_bca(n: int, seed: int) -> None:
    values = skewed(n, seed)
    low, high = interval(values)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(0)
    ).confidence_interval
    width = expected.high - expected.low
    assert abs(low - expected.low) < 0.03 * width
    assert abs(high - expected.high) < 0.03 * width


@pytest.mark.parametrize("n", [50, 64])
def test_the_interval_is_the_textbooks_on_the_very_resamples(n: int) -> None:
    values = skewed(n)
    means = [float(np.mean(np.repeat(values, counts))) for counts in bootstrap_counts(n)]
    without = np.array([np.delete(values, i).mean() for i in range(n)])
    lean = without.mean() - without
    acceleration = (lean**3).sum() / (6 * (lean**2).sum() ** 1.5)
    bias = stats.norm.ppf(np.mean(np.array(means) < values.mean()))
    expected = []
    for tail in (-1.959963984540054, 1.959963984540054):
        share = stats.norm.cdf(bias + (bias + tail) / (1 - acceleration * (bias + tail)))
        expected.append(float(np.quantile(means, share)))
    assert interval(values) == pytest.approx(expected, rel=1e-9)


def test_the_interval_leans_to_the_long_tail() -> None:
    values = skewed(60)
    low, high = interval(values)
    assert high - values.mean() > 1.1 * (values.mean() - low)
    mirrored = interval(-values)
    assert -mirrored[0] - values.mean() > 1.1 * (values.mean() + mirrored[1])


def test_the_interval_follows_shift_and_scale() -> None:
    values = skewed(30)
    low, high = interval(values)
    shifted = interval(50 + 10 * values)
    assert shifted == pytest.approx((50 + 10 * low, 50 + 10 * high), rel=1e-9)


def test_about_95_of_100_intervals_hold_the_true_mean() -> None:
    values = np.random.RandomState(5).normal(0, 1, (30, 300))
    hits = sum(s.interval is not None and s.interval[0] <= 0 <= s.interval[1] for s in summarise(values))
    assert 0.90 <= hits / 300 <= 0.985


def test_equal_values_have_no_interval_and_no_spread() -> None:
    # 0.1 three times has a mean that floating-point summation would miss.
    assert summarise(np.full((3, 1), 0.1)) == [Summary(3, 0.1, 0.0, None, median=0.1, low=0.1, high=0.1)]


def test_two_individuals_have_a_standard_deviation_but_no_interval() -> None:
    assert summarise(np.array([[1.0], [2.0]])) == [Summary(2, 1.5, math.sqrt(0.5), None, median=1.5, low=1.0, high=2.0)]


def test_one_individual_has_neither() -> None:
    assert summarise(np.array([[3.0]])) == [Summary(1, 3.0, None, None, median=3.0, low=3.0, high=3.0)]


def test_three_individuals_have_an_interval() -> None:
    low, high = interval(np.array([1.0, 2.0, 4.0]))
    assert (low, high) == pytest.approx((7 / 3 - 4.302653 * 0.881917, 7 / 3 + 4.302653 * 0.881917), rel=1e-6)


def test_missing_values_are_left_out_column_by_column() -> None:
    nan = float("nan")
    samples = np.array([[1.0, 5.0, nan], [2.0, nan, nan], [4.0, 7.0, nan], [8.0, 6.5, nan]])
    whole, gap, nothing = summarise(samples)
    assert whole == summarise(samples[:, [0]])[0]
    assert gap == summarise(np.array([[5.0], [7.0], [6.5]]))[0]
    assert (nothing.n, nothing.sd, nothing.interval) == (0, None, None)
    assert math.isnan(nothing.mean)


def test_the_same_numbers_always_get_the_same_interval() -> None:
    values = skewed(60)
    assert interval(values) == interval(values.copy())


def test_a_column_is_summarised_alike_whatever_stands_beside_it() -> None:
    # The tracker and the report summarise different selections of columns and have to print the same interval.
    samples = np.random.RandomState(0).rand(60, 7)
    together = summarise(samples)
    assert together == [summarise(samples[:, [column]])[0] for column in range(7)]


def test_median_and_range_by_hand() -> None:
    odd, even = summarise(np.array([[5.0, 1.0], [1.0, 2.0], [2.0, 7.0], [float("nan"), 4.0]]))
    assert (odd.median, odd.low, odd.high) == (2.0, 1.0, 5.0)
    assert (even.median, even.low, even.high) == (3.0, 1.0, 7.0)


@pytest.mark.parametrize(
    ("values", "constant"),
    [([2.0, 2.0, 2.0], True), ([2.0, 2.0, 2.0 + 1e-12], False), ([2.0], False), ([float("nan")], False)],
)
def test_constant_is_what_several_individuals_share_exactly(values: list[float], constant: bool) -> None:
    assert summarise(np.array(values)[:, None])[0].constant is constant


def test_more_columns_than_are_bootstrapped_at_a_time_keep_their_places() -> None:
    samples = np.random.RandomState(3).rand(50, 70) + np.arange(70)
    samples[:, 66] = 66.5
    found = summarise(samples)
    assert [int(summary.mean) for summary in found] == list(range(70))
    assert [i for i, summary in enumerate(found) if summary.interval is None] == [66]
    assert all(s.low <= s.interval[0] < s.mean < s.interval[1] <= s.high for s in found if s.interval)


@pytest.mark.parametrize("n", [2, 10, 50])
def test_of_equal_values_the_share_that_may_differ_is_bounded_as_clopper_and_pearson_do(n: int) -> None:
    (summary,) = summarise(np.full((n, 1), 100.0))
    assert summary.may_differ == pytest.approx(stats.binomtest(0, n).proportion_ci(method="exact").high)
    (varied,) = summarise(np.arange(n, dtype=float)[:, None])
    assert varied.may_differ is None
