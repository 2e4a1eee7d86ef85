from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import Equivalence, equivalence


def pair(n: int, mean: float, sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Two arms whose differences have just this mean and standard deviation."""
    values = np.random.RandomState(n).randn(n)
    values = mean + sd * (values - values.mean()) / values.std(ddof=1)
    return 50 + values, np.full(n, 50.0)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.5, 3.0), (-1.5, 2.0), (4.0, 1.0), (-4.0, 9.0)])
def test_the_two_tests_are_scipys(mean: float, sd: float) -> None:
    a, b = pair(25, mean, sd)
    found = equivalence(a, b, 2.0)
    above = stats.ttest_1samp(a - b, -2.0, alternative="greater").pvalue
    below = stats.ttest_1samp(a - b, 2.0, alternative="less").pvalue
    assert found.p == pytest.approx(max(above, below), rel=1e-9)
    interval = stats.ttest_1samp(a - b, 0.0).confidence_interval(0.90)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


@pytest.mark.parametrize(
    ("mean", "sd", "answer"),
    [
        (0.0, 1.0, "equivalent"),
        (1.5, 0.5, "equivalent"),
        (0.0, 20.0, "undecided"),
        (2.0, 0.5, "undecided"),
        (5.0, 1.0, "different"),
        (-5.0, 1.0, "different"),
    ],
)
def test_the_answer_is_where_the_interval_lies(mean: float, sd: float, answer: str) -> None:
    found = equivalence(*pair(30, mean, sd))
    assert found.answer == answer
    assert (answer == "equivalent") is (found.p is not None and found.p < 0.05)


def test_the_margin_counts() -> None:
    a, b = pair(30, 1.0, 1.0)
    assert [equivalence(a, b, margin).answer for margin in (0.5, 1.0, 2.0)] == ["different", "undecided", "equivalent"]


@pytest.mark.parametrize(
    ("gap", "p", "answer"), [(0.1, 0.0, "equivalent"), (2.0, 1.0, "undecided"), (3.0, 1.0, "different")]
)
def test_differences_that_are_all_equal_lie_where_they_lie(gap: float, p: float, answer: str) -> None:
    assert equivalence(np.full(3, gap), np.zeros(3)) == Equivalence(2.0, gap, gap, p, answer)  # type: ignore[arg-type]


def test_below_two_individuals_it_is_undecided() -> None:
    nan = float("nan")
    assert equivalence(np.array([1.0, nan]), np.array([1.0, 1.0])) == Equivalence(2.0, None, None, None, "undecided")


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan")])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        equivalence(np.ones(3), np.ones(3), margin)
