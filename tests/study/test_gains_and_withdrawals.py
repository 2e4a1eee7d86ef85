"""Drugs with a gain beside the same without, and what is lost while a drug is taken off."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import holm
from depsim.study.reading import StudyArm
from depsim.study.withdrawals import withdrawals
from tests.people import study
from tests.shipped import shipped

ONE = {"treated/combined": [90.0]}
CURVE = "follow_up=withdrawal_curve"


def taken_off(treatment: str, people: np.ndarray, *words: str) -> StudyArm:
    values = {f"withdrawal/combined/{place}": column for place, column in enumerate(people.T)}
    return shipped(treatment, {**values, "before/depressed_combined": np.full(len(people), 30.0)}, CURVE, *words)


PEOPLE = np.array([[90.0, 88, 70, 69, 68], [80, 79, 60, 58, 58], [85, 65, 64, 63, 62]])


def test_what_is_borrowed_and_where_it_is_lost_by_hand() -> None:
    (found,) = withdrawals(study(taken_off("neurosteroid", PEOPLE)))
    assert found.shares == (1.0, 0.75, 0.5, 0.25, 0.0)
    assert found.borrowed.difference.mean == pytest.approx(67 / 3)
    assert found.relief is not None
    assert found.relief.difference.mean == 55.0
    assert found.losses[0].tolist() == [2, 18, 1, 1]
    assert (found.steepest, found.agreeing) == (1, 2)


def test_all_conditions_and_measures_are_one_family() -> None:
    draw = np.random.default_rng(1)
    one, other = (PEOPLE[draw.integers(0, 3, 12)] + draw.normal(0, 1, (12, 5)) for _ in range(2))
    made = study(taken_off("neurosteroid", one), taken_off("ketamine_gain", other))
    found = withdrawals(made)
    assert [each.borrowed.p_holm for each in found] == holm([each.borrowed.p for each in found])
    assert found[0].borrowed.p_holm == 2 * found[0].borrowed.p  # type: ignore[operator]


def test_measures_come_in_their_order_and_relief_where_it_was_measured() -> None:
    values = {f"withdrawal/{m}/{place}": [90.0 - place] for m in ("biased_0.5", "combined") for place in range(5)}
    found = withdrawals(study(shipped("neurosteroid", {**values, "before/depressed_combined": [30.0]}, CURVE)))
    assert [(each.measure, each.relief is None) for each in found] == [("combined", False), ("biased_0.5", True)]


def test_other_shares_are_read_from_the_settings() -> None:
    (found,) = withdrawals(study(taken_off("neurosteroid", PEOPLE[:, :2], "follow_up.shares=[1.0,0.0]")))
    assert found.shares == (1.0, 0.0)
    assert withdrawals(study(taken_off("neurosteroid", PEOPLE[:, :1], "follow_up.shares=[1.0]"))) == ()


def test_whoever_lacks_an_examination_is_in_none_of_it() -> None:
    gap = PEOPLE.copy()
    gap[1, 2] = np.nan
    (found,) = withdrawals(study(taken_off("neurosteroid", gap)))
    assert found.people.tolist() == PEOPLE[[0, 2]].tolist()
    assert withdrawals(study(shipped("neurosteroid", ONE))) == ()
