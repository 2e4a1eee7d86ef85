from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import collapsed, exact_proportion, proportion, share_p, smallest_share_p


@pytest.mark.parametrize(("count", "n"), [(0, 12), (1, 12), (6, 12), (12, 12), (37, 50), (1, 1)])
def test_the_interval_is_scipys_wilson(count: int, n: int) -> None:
    share = proportion(np.arange(n) < count)
    expected = stats.binomtest(count, n).proportion_ci(0.95, "wilson")
    assert (share.n, share.count, share.share) == (n, count, count / n)
    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_all_and_none_reach_exactly_to_the_end() -> None:
    assert proportion(np.ones(7)).high == 1.0
    assert proportion(np.zeros(7)).low == 0.0


def test_ties_count_half_and_the_unknown_not_at_all() -> None:
    share = proportion(np.array([1.0, 0.5, 0.0, 0.5, float("nan"), 1.0]))
    assert (share.n, share.count, share.share) == (5, 3.0, 0.6)


def test_of_nobody_nothing_is_known() -> None:
    share = proportion(np.array([]))
    assert (share.n, share.count, share.low, share.high) == (0, 0.0, 0.0, 1.0)
    assert math.isnan(share.share)


def test_what_is_no_support_is_refused() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, got -1\.0 to 2\.0"):
        proportion(np.array([-1.0, 2.0]))


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.30849710781876083),  # 1 - 0.025 ** (1 / 10)
        (10, 10, 0.6915028921812392, 1.0),
        (34, 50, stats.beta.ppf(0.025, 34, 17), stats.beta.ppf(0.975, 35, 16)),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_exact_interval_is_clopper_and_pearsons(count: int, n: int, low: float, high: float) -> None:
    share = exact_proportion(np.arange(n) < count)
    assert (share.n, share.count) == (n, count)
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(
    ("count", "n", "required", "p"),
    [
        (10, 10, 0.5, 2 / 1024),
        (8, 10, 0.5, 2 * (45 + 10 + 1) / 1024),
        (2, 10, 0.5, 2 * (45 + 10 + 1) / 1024),
        (5, 10, 0.5, 1.0),
        (50, 50, 0.95, 2 * 0.95**50),
        (49, 50, 0.95, 2 * (0.95**50 + 50 * 0.95**49 * 0.05)),
        (0, 3, 0.95, 2 * 0.05**3),
        (1, 3, 0.95, 2 * (0.05**3 + 3 * 0.95 * 0.05**2)),
    ],
)
def test_the_p_of_a_share_is_binomial_in_either_direction(count: int, n: int, required: float, p: float) -> None:
    assert share_p(count, n, required) == pytest.approx(min(1.0, p), rel=1e-12)


@pytest.mark.parametrize("n", [1, 10, 50, 200])
def test_the_smallest_p_for_a_claim_is_that_of_all(n: int) -> None:
    for required in (0.5, 0.95):
        assert smallest_share_p(n, required) == pytest.approx(share_p(n, n, required), rel=1e-9)


def test_whoever_lies_below_the_threshold_has_collapsed_and_the_unknown_do_not_count() -> None:
    share = collapsed(np.array([97.0, 90.0, 89.9, 49.7, float("nan")]), 90.0)
    assert (share.n, share.count, share.share) == (4, 2.0, 0.5)
    assert share == exact_proportion(np.array([False, False, True, True]))
    assert collapsed(np.array([]), 90.0).n == 0
