from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import Equivalence, equivalence, relevant_margin


def pair(n: int, mean: float, sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Two arms whose differences have just this mean and standard deviation."""
    values = np.random.RandomState(n).randn(n)
    values = mean + sd * (values - values.mean()) / values.std(ddof=1)
    return 50 + values, np.full(n, 50.0)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.5, 3.0), (-1.5, 2.0), (4.0, 1.0), (-4.0, 9.0)])
def test_the_tests_are_scipys(mean: float, sd: float) -> None:
    a, b = pair(25, mean, sd)
    tost = equivalence(a, b, 2.0)

    def p(shift: float, alternative: str) -> float:
        return float(stats.ttest_1samp(a - b, shift, alternative=alternative).pvalue)

    assert tost.within == pytest.approx(max(p(-2.0, "greater"), p(2.0, "less")), rel=1e-9)
    assert tost.beyond == pytest.approx(min(p(-2.0, "less"), p(2.0, "greater")), rel=1e-9)


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
    tost = equivalence(*pair(30, mean, sd), 2.0)
    assert tost.within is not None
    assert tost.beyond is not None
    assert (tost.within < 0.05, tost.beyond < 0.05) == (within, beyond)


def test_who_lacks_one_of_both_is_left_out() -> None:
    a, b = np.array([1.0, np.nan, 3.0, 4.0]), np.array([1.5, 2.0, 2.5, 4.4])
    some = [0, 2, 3]
    assert equivalence(a, b, 2.0) == equivalence(a[some], b[some], 2.0)


@pytest.mark.parametrize(("gap", "within", "beyond"), [(0.125, 0.0, 1.0), (2.0, 1.0, 1.0), (-3.0, 1.0, 0.0)])
def test_differences_that_are_all_equal_lie_where_they_lie(gap: float, within: float, beyond: float) -> None:
    assert equivalence(np.full(3, gap), np.zeros(3), 2.0) == Equivalence(2.0, within, beyond)


def test_below_two_individuals_nothing_is_said() -> None:
    tost = equivalence(np.array([1.0, np.nan]), np.array([1.0, 1.0]), 2.0)
    assert tost == Equivalence(2.0, None, None)


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan")])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        equivalence(np.ones(3), np.ones(3), margin)


@pytest.mark.parametrize(
    ("declared", "ceiling", "better", "tests", "margin"),
    [
        (2.0, None, 97.8, 4000, 2.0),
        (2.0, 98.1, 97.8, None, 2.0),  # no accuracy
        (2.0, 98.1, 84.0, 4000, 2.0),
        (2.0, 98.1, 90.1, 4000, 2.0),  # a quarter of 8 points
        (2.0, 98.1, 96.1, 4000, 0.5),
        (2.0, 98.1, 97.5, 4000, 0.247),  # the exam's own noise: 100 sqrt(0.025 * 0.975 / 4000)
        (2.0, 98.1, 98.5, 4000, 0.217),  # better than can be expected
        (2.0, 100.0, 100.0, 4000, 0.018),
        (5.0, 100.0, 84.0, 4000, 4.0),
        (0.1, 100.0, 97.5, 4000, 0.247),  # whoever declares less than an exam can show gets what it can
        (2.0, 100.0, 50.0, 100, 5.0),
    ],
)
def test_the_margin_is_as_declared_near_a_ceiling_a_quarter_of_the_room_and_never_below_the_exams_noise(
    declared: float, ceiling: float | None, better: float, tests: int | None, margin: float
) -> None:
    assert relevant_margin(declared, ceiling, better, tests) == pytest.approx(margin, abs=6e-4)


@pytest.mark.slow
def test_a_difference_of_the_margin_is_called_within_it_in_one_of_twenty_studies() -> None:
    random = np.random.RandomState(7)
    for n in (10, 50):
        within = [equivalence(2.0 + 3.0 * random.randn(n) / n**0.25, np.zeros(n), 2.0).within for _ in range(2_000)]
        assert 0.035 <= np.mean([p is not None and p <= 0.05 for p in within]) <= 0.065


def test_the_declared_difference_decides_what_is_equivalent_and_not_how_far_both_are_from_the_ceiling() -> None:
    """6.9 points were equivalent at sigma 2.5, by a quarter of what was left to be gained."""
    tost = equivalence(*pair(50, 6.9, 3.0), relevant_margin(5.0, 100.0, 50.2, 4000))
    assert tost.margin == 5.0
    assert tost.within is not None
    assert tost.beyond is not None
    assert (tost.within <= 0.05, tost.beyond <= 0.05) == (False, True)
