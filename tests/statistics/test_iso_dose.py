"""Curves at equal dose: by hand, never beyond what both have, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import at_equal_doses, contrast, dose_curve
from depsim.statistics.iso_dose import SHARES, DoseCurve


def curve(dose: list[float], outcome: list[float]) -> DoseCurve:
    made = dose_curve(np.array(dose), np.array(outcome)[:, None])
    assert made is not None
    return made


def test_by_hand() -> None:
    """Powers of 2: one drug at 1, 4, 16, the other at 2, 8, 32; in common 2 to 16, that is 1 to 4 in log2."""
    one = curve([16.0, 1.0, 4.0], [80.0, 10.0, 20.0])
    other = curve([2.0, 32.0, 8.0], [50.0, 90.0, 30.0])
    equal = at_equal_doses([one, other])
    assert equal is not None
    assert (equal.low, equal.high) == pytest.approx((2.0, 16.0))
    assert np.log2(equal.doses) == pytest.approx([1.75, 2.5, 3.25])
    # One: 10 at 0, 20 at 2, 80 at 4. Other: 50 at 1, 30 at 3, 90 at 5.
    assert equal.outcomes[0, :, 0] == pytest.approx([10 + 10 * 1.75 / 2, 20 + 60 * 0.25, 20 + 60 * 0.625])
    assert equal.outcomes[1, :, 0] == pytest.approx([50 - 20 * 0.375, 50 - 20 * 0.75, 30 + 60 * 0.125])


def test_points_of_one_dose_are_their_mean_and_what_is_missing_is_left_out() -> None:
    points = curve([2.0, 2.0, 2.0, 1.0, 0.0, np.nan, 8.0], [30.0, 60.0, 90.0, 5.0, 7.0, 7.0, np.nan])
    assert np.exp(points.log_dose) == pytest.approx([1.0, 2.0])
    assert points.outcomes.ravel().tolist() == [5.0, 60.0]
    assert dose_curve(np.array([0.0, np.nan, -1.0, 2.0]), np.array([[1.0], [1.0], [1.0], [np.nan]])) is None


def test_a_point_that_lacks_one_of_several_outcomes_is_in_no_curve() -> None:
    points = dose_curve(np.array([1.0, 2.0, 4.0]), np.array([[1.0, 10.0], [np.nan, 99.0], [3.0, 30.0]]))
    assert points is not None
    assert points.outcomes.tolist() == [[1.0, 10.0], [3.0, 30.0]]
    assert points.at(np.log([2.0])).ravel() == pytest.approx([2.0, 20.0])


def test_an_outcome_that_is_not_monotone_in_the_dose_is_followed_as_it_is() -> None:
    bent = curve([1.0, 2.0, 4.0], [10.0, 90.0, 20.0])
    assert bent.at(np.log([1.0, 2.0, np.sqrt(8), 4.0])).ravel() == pytest.approx([10, 90, 55, 20])


@pytest.mark.parametrize(
    ("first", "second"),
    [([1.0, 2.0], [3.0, 4.0]), ([3.0, 4.0], [1.0, 2.0]), ([1.0, 2.0], [2.0, 4.0]), ([1.0, 4.0], [2.0]), ([2.0], [2.0])],
    ids=["below", "above", "touching", "one dose within", "one dose each"],
)
def test_without_a_range_in_common_nothing_is_compared(first: list[float], second: list[float]) -> None:
    assert at_equal_doses([curve(first, [1.0] * len(first)), curve(second, [1.0] * len(second))]) is None


def test_a_third_curve_narrows_the_range_of_all() -> None:
    curves = [curve([1.0, 8.0], [0.0, 3.0]), curve([2.0, 16.0], [0.0, 3.0]), curve([4.0, 64.0], [0.0, 3.0])]
    equal = at_equal_doses(curves)
    assert equal is not None
    assert (equal.low, equal.high) == pytest.approx((4.0, 8.0))
    assert at_equal_doses([*curves, curve([9.0, 10.0], [0.0, 0.0])]) is None


@pytest.mark.parametrize("outside", [0.99, 4.01])
def test_a_curve_says_nothing_beyond_its_ends(outside: float) -> None:
    with pytest.raises(ValueError, match="allowed are those from"):
        curve([1.0, 4.0], [0.0, 1.0]).at(np.log([2.0, outside]))


def test_nothing_is_ever_extrapolated() -> None:
    """Random curves: what is compared lies between neighbouring points that were measured, whatever lies outside."""
    generator = np.random.default_rng(3)
    compared = 0
    for _ in range(300):
        sizes = generator.integers(1, 6, 3)
        doses = [np.exp(generator.normal(k / 2, 1, size)) for k, size in enumerate(sizes)]
        outcomes = [generator.normal(50, 20, size) for size in sizes]
        equal = at_equal_doses([curve(list(d), list(o)) for d, o in zip(doses, outcomes, strict=True)])
        low, high = max(map(np.min, doses)), min(map(np.max, doses))
        assert (equal is None) == (low >= high)
        if equal is None:
            continue
        compared += 1
        assert (equal.doses > low).all()
        assert (equal.doses < high).all()
        for own_dose, own_outcome, values in zip(doses, outcomes, equal.outcomes[:, :, 0], strict=True):
            for dose, value in zip(equal.doses, values, strict=True):
                below = own_outcome[own_dose == own_dose[own_dose <= dose].max()].item()
                above = own_outcome[own_dose == own_dose[own_dose >= dose].min()].item()
                assert min(below, above) - 1e-9 <= value <= max(below, above) + 1e-9
    assert compared > 50


MIDDLE = SHARES.index(0.5)


def study_p(generator: np.random.Generator, n: int, gain: float) -> float:
    """The p of n individuals, whose two drugs lie on one curve of their own but for a gain of the first."""
    both = []
    for _ in range(n):
        level, slope = generator.normal(60, 8), generator.normal(6, 2)
        drugs = []
        for start, extra in ((0.0, gain), (1.0, 0.0)):
            log_dose = start + np.arange(5) * 0.8 + generator.normal(0, 0.1, 5)
            drugs.append(
                curve(list(np.exp(log_dose)), list(level + slope * log_dose + extra + generator.normal(0, 2, 5)))
            )
        equal = at_equal_doses(drugs)
        assert equal is not None
        both.append(equal.outcomes[:, MIDDLE, 0])
    values = np.array(both)
    p = contrast(values[:, 0], values[:, 1]).p
    assert p is not None
    return p


@pytest.mark.slow
def test_drugs_on_one_curve_differ_no_more_often_than_they_should() -> None:
    generator = np.random.default_rng(1)
    rejected = sum(study_p(generator, 12, 0.0) <= 0.05 for _ in range(600))
    assert 14 <= rejected <= 46  # 5 % of 600 and three standard errors


def test_a_difference_at_equal_dose_is_found() -> None:
    generator = np.random.default_rng(12)
    assert sum(study_p(generator, 12, 3.0) <= 0.05 for _ in range(100)) >= 90
