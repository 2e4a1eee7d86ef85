"""Bias curves and threshold biases, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from depsim.statistics import share_p
from depsim.study.bias import BiasCurve, bias_curve, compare_thresholds
from depsim.study.reading import StudyArm
from tests.people import arm

NAN, INF = float("nan"), float("inf")
MEANS = (0.25, 0.5, 0.75, 1.0)


def examined(standard: Sequence[float], curves: Sequence[Sequence[float]], **changed: str) -> StudyArm:
    """Individuals by their accuracy without noise and at the means 0, 0.25 ... 1."""
    table = np.array(curves)
    values = {"treated/standard": standard, "treated/internal_noise_1.0": table[:, 0]}
    values |= {f"treated/biased_{mean}": table[:, place + 1] for place, mean in enumerate(MEANS)}
    return arm("ketamine", values, changed={key.replace("__", "."): value for key, value in changed.items()})


def thresholds(arm_: StudyArm) -> list[float]:
    found = bias_curve(arm_, "treated")
    assert found is not None
    return found.thresholds.tolist()


def test_the_threshold_is_where_half_of_the_own_accuracy_is_first_reached() -> None:
    rows = [
        [100, 100, 60, 40, 0],  # from 60 to 40: half of 100 lies in the middle of 0.5 and 0.75
        [90, 45, 80, 20, 20],  # reached at 0.25 itself, whatever comes later
        [44, 90, 90, 90, 90],  # below half already without a mean
        [90, 80, 70, 60, 55],  # not reached
        [90, 80, 70, 60, 50],  # reached at the very end
    ]
    assert thresholds(examined([100, 90, 90, 100, 100], rows)) == [0.625, 0.25, 0.0, INF, 1.0]


def test_who_has_a_half_below_chance_has_no_threshold() -> None:
    found = thresholds(examined([49.9, 50.0, 60.0], [[40, 30, 20, 20, 20]] * 3))
    assert np.isnan(found[0])  # 24.95 of four classes
    assert found[1:] == pytest.approx([0.375, 0.25])
    assert np.isnan(thresholds(examined([100.0], [[100, 100, 60, 40, 0]], task="gone"))).all()  # of who knows how many


def test_without_internal_noise_of_mean_zero_there_is_a_curve_and_no_threshold() -> None:
    bare = arm("ketamine", {f"treated/biased_{mean}": [50.0] for mean in MEANS} | {"treated/standard": [100.0]})
    found = bias_curve(bare, "treated")
    assert found is not None
    assert found.means.tolist() == [*MEANS]
    assert np.isnan(found.thresholds).all()


def test_a_curve_has_those_with_every_value_and_no_other_stage() -> None:
    found = bias_curve(examined([100, 100], [[100, 90, 80, 70, 60], [100, NAN, 80, 70, 60]]), "treated")
    assert found is not None
    assert (found.seeds, found.people.tolist()) == ((0,), [[100, 90, 80, 70, 60]])
    assert bias_curve(examined([100], [[100, 90, 80, 70, 60]]), "withdrawn") is None
    ordinals = arm("ketamine", {"withdrawal/biased_0.5/0": [50.0], "treated/combined": [1.0]})
    assert bias_curve(ordinals, "withdrawal") is None


def curve(*values: float, first: int = 0) -> BiasCurve:
    n = len(values)
    return BiasCurve(tuple(range(first, first + n)), np.array([0.0, 1.0]), np.zeros((n, 2)), np.array(values))


def test_the_median_counts_what_is_not_reached_as_larger() -> None:
    assert curve(0.2, INF, 0.4, NAN).median == 0.4
    assert curve(0.2, INF, INF).median == INF
    assert np.isnan(curve(NAN).median)


def test_thresholds_are_compared_by_direction_alone() -> None:
    a = curve(0.5, INF, INF, 0.2, NAN, 0.3, 0.9, INF)
    b = curve(0.4, 0.9, INF, 0.8, 0.1, 0.3, 0.1, 0.2)
    found = compare_thresholds(a, b)
    assert found is not None
    assert (found.higher, found.lower, found.ties) == (4, 1, 2)
    assert (found.share.n, found.share.share) == (7, 5 / 7)
    assert found.p == share_p(4, 5, 0.5) == 0.375


def test_those_without_a_partner_are_not_compared() -> None:
    assert compare_thresholds(curve(0.5, 0.4), curve(0.1, 0.2, first=5)) is None
    found = compare_thresholds(curve(INF, INF), curve(INF, INF))
    assert found is not None
    assert (found.ties, found.p) == (2, None)
