"""Who recovers at which step of a ladder."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import proportion
from depsim.study.ladders import Ladder, ladders
from depsim.study.reading import StudyArm
from tests.people import study
from tests.shipped import shipped

GIVEN = {1: [0, 1, 1, 1, 1, 1, 1, 1], 2: [0, 0, 1, 1, 1, 1, 1, 0], 3: [0, 0, 0, 0, 1, 1, 1, 0]}
REMITTED = [1, 1, 1, 0, 1, 1, 0, np.nan]


def climbing(treatment: str = "ladder", given: dict[int, list[int]] = GIVEN) -> StudyArm:
    values = {f"treatment/given/{number}": own for number, own in given.items()}
    return shipped(treatment, {**values, "treated/remission": REMITTED})


def the_ladder() -> Ladder:
    (own,) = ladders(study(climbing()))
    return own


def test_each_individual_recovers_with_its_last_step() -> None:
    own = the_ladder()
    assert own.n == 7
    assert [rung.drugs for rung in own.rungs] == ["ssri", "neurosteroid", "ketamine", "3 x ketamine"]
    # of all: 1 stays with the first step; of six that go on one; of five two, one of them in remission; three the last
    assert [(rung.recovered.count, rung.recovered.n) for rung in own.rungs] == [(1, 7), (1, 6), (1, 5), (2, 3)]
    assert own.rungs[2].recovered == proportion(np.array([1, 0, 0, 0, 0]))
    assert [rung.total for rung in own.rungs] == pytest.approx([1 / 7, 2 / 7, 3 / 7, 5 / 7])


def test_whoever_passed_a_question_and_failed_a_later_one_counts_for_the_later_step() -> None:
    given = {1: [0] * 8, 2: [1] * 8, 3: [0] * 8}
    (own,) = ladders(study(climbing(given=given)))
    assert [(rung.recovered.count, rung.recovered.n) for rung in own.rungs] == [(0, 7), (0, 0), (5, 7), (0, 0)]


def test_no_other_treatment_is_a_ladder() -> None:
    one_question = {1: GIVEN[1]}
    others = [climbing("ssri_then_ketamine_if_needed", one_question), climbing("bridge", {}), climbing("ketamine", {})]
    assert ladders(study(*others)) == ()
    assert ladders(study(climbing(given=one_question))) == ()


def test_without_anybody_in_need_there_is_none() -> None:
    values = {f"treatment/given/{number}": own for number, own in GIVEN.items()}
    assert ladders(study(shipped("ladder", {**values, "treated/remission": [np.nan] * 8}))) == ()
