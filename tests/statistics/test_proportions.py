from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import Proportion, proportion, verdict


@pytest.mark.parametrize(("count", "n"), [(0, 12), (1, 12), (6, 12), (12, 12), (37, 50), (1, 1)])
def test_the_interval_is_scipys_wilson(count: int, n: int) -> None:
    found = proportion(np.arange(n) < count)
    expected = stats.binomtest(count, n).proportion_ci(0.95, "wilson")
    assert (found.n, found.count, found.share) == (n, count, count / n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_all_and_none_reach_exactly_to_the_end() -> None:
    assert proportion(np.ones(7)).high == 1.0
    assert proportion(np.zeros(7)).low == 0.0


def test_ties_count_half_and_the_unknown_not_at_all() -> None:
    found = proportion(np.array([1.0, 0.5, 0.0, 0.5, float("nan"), 1.0]))
    assert (found.n, found.count, found.share) == (5, 3.0, 0.6)


def test_of_nobody_nothing_is_known() -> None:
    found = proportion(np.array([]))
    assert (found.n, found.count, found.low, found.high, found.too_few) == (0, 0.0, 0.0, 1.0, True)
    assert math.isnan(found.share)
    assert verdict(found) == "undecided"


def test_what_is_no_support_is_refused() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, got -1\.0 to 2\.0"):
        proportion(np.array([-1.0, 2.0]))


@pytest.mark.parametrize(
    ("count", "n", "said"),
    [(18, 20, "supported"), (2, 20, "refuted"), (12, 20, "undecided"), (9, 9, "undecided"), (0, 9, "undecided"),
     (10, 10, "supported"), (0, 10, "refuted")],
)  # fmt: skip
def test_a_claim_is_decided_by_its_interval_and_ten_individuals(count: int, n: int, said: str) -> None:
    found = proportion(np.arange(n) < count)
    assert verdict(found) == said
    assert found.too_few is (n < 10)


def test_an_interval_that_touches_one_half_leaves_it_open() -> None:
    assert verdict(Proportion(30, 20.0, 2 / 3, 0.5, 0.8)) == "undecided"
    assert verdict(Proportion(30, 20.0, 2 / 3, 0.5000001, 0.8)) == "supported"
