from __future__ import annotations

import math
import re

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import Summary, interval_note, summarise
from depsim.statistics.resampling import RESAMPLES, bootstrap_counts


def interval(values: np.ndarray, bounded: bool = False) -> tuple[float, float]:
    summary_interval = summarise(np.asarray(values)[:, None], bounded=bounded)[0].interval
    assert summary_interval is not None
    return summary_interval


def skewed(n: int, seed: int = 0) -> np.ndarray:
    return np.random.RandomState(seed).lognormal(0, 1, n)


def accuracies(n: int) -> np.ndarray:
    return 100 - 2 * skewed(n)


def test_mean_and_sample_standard_deviation_by_hand() -> None:
    summary = summarise(np.array([[1.0], [2.0], [6.0]]))[0]
    assert (summary.n, summary.mean) == (3, 3.0)
    assert summary.sd == pytest.approx(math.sqrt(7), rel=1e-15)


@pytest.mark.parametrize("n", [3, 10, 49, 50, 200])
def test_without_bounds_the_interval_is_students_at_every_size(n: int) -> None:
    values = skewed(n)
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert interval(values) == pytest.approx((expected.low, expected.high), rel=1e-12)


@pytest.mark.parametrize("n", [3, 10, 64])
def test_of_per_cent_the_interval_is_the_textbooks_percentile_t_on_the_very_resamples(n: int) -> None:
    values = accuracies(n)
    usual = values.std(ddof=1)
    places = np.repeat(np.tile(np.arange(n), RESAMPLES), bootstrap_counts(n).ravel())
    drawn = values[places.reshape(RESAMPLES, n)]
    spreads = np.maximum(drawn.std(axis=1, ddof=1), 0.2 * usual)
    studentised = (drawn.mean(axis=1) - values.mean()) / (spreads / math.sqrt(n))
    low, high = np.quantile(studentised, [0.025, 0.975])
    error = usual / math.sqrt(n)
    expected = max(values.mean() - high * error, 0.0), min(values.mean() - low * error, 100.0)
    assert interval(values, bounded=True) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [3, 5, 10, 50])
def test_no_interval_of_per_cent_leaves_0_to_100(n: int) -> None:
    samples = 100 * np.random.RandomState(n).beta(20.0, 0.5, (n, 40))
    for sign in (samples, 100 - samples):
        intervals = [summary.interval for summary in summarise(sign, bounded=True)]
        assert all(ends is not None and 0 <= ends[0] < ends[1] <= 100 for ends in intervals)


def test_an_interval_of_per_cent_that_would_reach_beyond_100_ends_there() -> None:
    values = np.array([98.0, 97.0, 99.0, 98.5, 60.0, 98.0])
    assert interval(values)[1] > 108
    assert interval(values, bounded=True)[1] == 100
    assert interval(100 - values, bounded=True)[0] == 0


def test_bounds_are_asked_for_column_by_column() -> None:
    samples = 100 * np.random.RandomState(2).beta(20.0, 0.5, (12, 3))
    samples[3, 1] = np.nan
    mixed = summarise(samples, bounded=np.array([True, True, False]))
    inside, without = summarise(samples, bounded=True), summarise(samples)
    assert mixed == [*inside[:2], without[2]]
    assert [one.interval == other.interval for one, other in zip(inside, without, strict=True)] == [False] * 3


@pytest.mark.parametrize("value", [-0.1, 100.1])
def test_a_value_that_is_no_per_cent_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=f"lie between 0 and 100, got {value}"):
        summarise(np.array([[50.0], [60.0], [value]]), bounded=True)
    assert summarise(np.array([[50.0], [60.0], [100 + 1e-9]]), bounded=True)[0].interval is not None


def test_the_interval_of_per_cent_leans_to_the_long_tail_and_mirrors() -> None:
    values = accuracies(60)
    low, high = interval(values, bounded=True)
    assert values.mean() - low > 1.1 * (high - values.mean())
    assert interval(100 - values, bounded=True) == pytest.approx((100 - high, 100 - low), rel=1e-9)


def test_the_interval_of_per_cent_holds_the_mean_where_students_does_not() -> None:
    # Values near a ceiling: Student's holds the mean in 88 of 100 samples of ten.
    samples, mean = 100 * np.random.RandomState(6).beta(20.0, 0.5, (10, 300)), 100 * 20 / 20.5
    held = [np.mean([s.interval is not None and s.interval[0] <= mean <= s.interval[1] for s in summaries])
            for summaries in (summarise(samples, bounded=True), summarise(samples))]  # fmt: skip
    assert held[0] == pytest.approx(0.945, abs=0.03)
    assert held[1] == pytest.approx(0.875, abs=0.03)


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
    values = accuracies(60)
    assert interval(values, bounded=True) == interval(values.copy(), bounded=True)


def test_a_column_is_summarised_alike_whatever_stands_beside_it() -> None:
    # The tracker and the report summarise different selections of columns and have to print the same interval.
    samples = np.random.RandomState(0).rand(60, 7)
    for bounded in (False, True):
        together = summarise(samples, bounded=bounded)
        assert together == [summarise(samples[:, [column]], bounded=bounded)[0] for column in range(7)]


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


def test_more_columns_than_are_resampled_at_a_time_keep_their_places() -> None:
    samples = np.random.RandomState(3).rand(50, 70) + np.arange(70)
    samples[:, 66] = 66.5
    summaries = summarise(samples, bounded=True)
    assert [int(summary.mean) for summary in summaries] == list(range(70))
    assert [i for i, summary in enumerate(summaries) if summary.interval is None] == [66]
    assert all(s.low <= s.interval[0] < s.mean < s.interval[1] <= s.high for s in summaries if s.interval)


@pytest.mark.parametrize("n", [2, 10, 50])
def test_of_equal_values_the_share_that_may_differ_is_bounded_as_clopper_and_pearson_do(n: int) -> None:
    (summary,) = summarise(np.full((n, 1), 100.0))
    assert summary.may_differ == pytest.approx(stats.binomtest(0, n).proportion_ci(method="exact").high)
    (varied,) = summarise(np.arange(n, dtype=float)[:, None])
    assert varied.may_differ is None


def test_a_caption_says_where_intervals_fall_short_and_is_silent_from_two_hundred_on() -> None:
    assert [interval_note(n, bounded) for n in (200, 5_000) for bounded in (True, False)] == [""] * 4
    assert interval_note(12, True) == "intervals hold the mean in 22 % of samples where 2 % of individuals collapse"
    assert interval_note(5, True) == interval_note(10, True), "the lower one of the sizes around it"
    assert interval_note(199, False).endswith("in 86 % of samples where 2 % of individuals collapse under one of the "
                                              "two conditions")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize("n", [3, 12, 50, 100])
def test_the_share_in_a_caption_is_what_samples_with_far_collapses_reach(n: int, bounded: bool) -> None:
    """Collapses lie 100 standard deviations of the others below them."""
    generator, studies = np.random.default_rng(n), 600
    usual, other = 97 + 0.5 * generator.standard_normal((2, n, studies))
    values = usual - 50.0 * (generator.random((n, studies)) < 0.02)
    held = [s.interval is not None and s.interval[0] <= mean <= s.interval[1]
            for mean, samples in ((96.0, values),) if bounded for s in summarise(samples, bounded=True)]  # fmt: skip
    if not bounded:
        found = summarise(values - other, bounded=False)
        held = [s.interval is not None and s.interval[0] <= -1.0 <= s.interval[1] for s in found]
    (share,) = re.findall(r"in (\d+) %", interval_note(n, bounded))
    assert np.mean(held) == pytest.approx(int(share) / 100, abs=4 * np.sqrt(0.25 / studies))
