from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import Equivalence, equivalence, room_margin


def pair(n: int, mean: float, sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Two arms whose differences have just this mean and standard deviation."""
    values = np.random.RandomState(n).randn(n)
    values = mean + sd * (values - values.mean()) / values.std(ddof=1)
    return 50 + values, np.full(n, 50.0)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.5, 3.0), (-1.5, 2.0), (4.0, 1.0), (-4.0, 9.0)])
def test_the_tests_are_scipys(mean: float, sd: float) -> None:
    a, b = pair(25, mean, sd)
    found = equivalence(a, b, 2.0)

    def p(shift: float, alternative: str) -> float:
        return float(stats.ttest_1samp(a - b, shift, alternative=alternative).pvalue)

    assert found.within == pytest.approx(max(p(-2.0, "greater"), p(2.0, "less")), rel=1e-9)
    assert found.beyond == pytest.approx(min(p(-2.0, "less"), p(2.0, "greater")), rel=1e-9)


@pytest.mark.parametrize(
    ("mean", "sd", "within", "beyond"),
    [
        (0.0, 1.0, True, False),
        (1.5, 0.5, True, False),
        (0.0, 20.0, False, False),
        (2.0, 0.5, False, False),
        (5.0, 1.0, False, True),
        (-5.0, 1.0, False, True),
    ],
)
def test_the_answer_is_where_the_interval_lies(mean: float, sd: float, within: bool, beyond: bool) -> None:
    found = equivalence(*pair(30, mean, sd), 2.0)
    assert found.within is not None
    assert found.beyond is not None
    assert (found.within < 0.05, found.beyond < 0.05) == (within, beyond)


def test_a_margin_that_is_itself_a_mean_is_as_uncertain_as_it_is() -> None:
    a, b = pair(30, 1.0, 1.0)
    even = equivalence(a, b, 1.6)
    assert equivalence(a, b, np.full(30, 1.6)) == even
    spread = np.where(np.arange(30) % 2, 0.1, 3.1)
    wide = equivalence(a, b, spread)
    assert wide.margin == pytest.approx(1.6)
    assert wide.within is not None
    assert even.within is not None
    assert wide.within > even.within
    above = stats.ttest_1samp(a - b + spread, 0.0, alternative="greater").pvalue
    assert wide.within == pytest.approx(max(above, stats.ttest_1samp(a - b - spread, 0.0, alternative="less").pvalue))


def test_a_margin_goes_with_its_individual_where_one_is_missing() -> None:
    a, b = np.array([1.0, np.nan, 3.0, 4.0]), np.array([1.5, 2.0, 2.5, 4.4])
    some = [0, 2, 3]
    margins = np.array([1.0, 50.0, 2.0, 3.0])
    assert equivalence(a, b, margins) == equivalence(a[some], b[some], margins[some])


@pytest.mark.parametrize(("gap", "within", "beyond"), [(0.125, 0.0, 1.0), (2.0, 1.0, 1.0), (-3.0, 1.0, 0.0)])
def test_differences_that_are_all_equal_lie_where_they_lie(gap: float, within: float, beyond: float) -> None:
    assert equivalence(np.full(3, gap), np.zeros(3), 2.0) == Equivalence(2.0, within, beyond)


def test_below_two_individuals_nothing_is_said() -> None:
    found = equivalence(np.array([1.0, np.nan]), np.array([1.0, 1.0]), 2.0)
    assert found == Equivalence(2.0, None, None)


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan")])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        equivalence(np.ones(3), np.ones(3), margin)


def test_the_margin_is_a_quarter_of_the_room_and_never_below_a_fifth_of_a_point() -> None:
    assert room_margin(np.array([8.0, 0.0, -1.0])).tolist() == [2.0, 0.0, -0.25]
    assert room_margin(np.array([0.8, 0.8])).tolist() == [0.2, 0.2]
    assert room_margin(np.array([0.7, 0.8])).tolist() == [0.2, 0.2]
    assert room_margin(np.array([-0.5, 0.1])).tolist() == [0.2, 0.2]
