"""Who is at risk of a relapse, how long remission lasts, and how conditions differ in that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from depsim.statistics import holm
from depsim.steps import DivergedError
from depsim.study.analyses.relapse import (
    CYCLES,
    followed,
    lasting,
    relapse_contrasts,
    relapse_pairs,
    relapse_rows,
)
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, groups
from depsim.study.naming import name_arms
from depsim.study.reading import Failure, Study, StudyArm
from tests.people import study
from tests.studies_course import followed as arm_of
from tests.studies_course import stressed

NAN = float("nan")


def rows_of(made: StudyArm) -> tuple[Estimate, ...]:
    return relapse_rows(Condition(made.treatment, made))


def compared(made: Study) -> tuple[Estimate, ...]:
    (group,) = groups(made, ("treatment", "follow_up"))
    return relapse_contrasts(relapse_pairs(made, followed(group, name_arms(made.arms))))


def test_who_is_at_risk_and_who_relapses_counted_by_hand() -> None:
    """Ten: two never in remission, three relapse at 2, one at 3, four not at all."""
    cycles, *curve = rows_of(arm_of("ssri", "own", [0, 0, 2, 2, 2, 3, 4, 4, 4, 4], cycles=4))
    assert (cycles.n, cycles.value) == (8, 25 / 8)
    assert [cycles.more[name] for name in ("remitted", "with_deficit", "relapses", "cycles")] == [8, 10, 4, 4]
    assert cycles.sd == pytest.approx(np.std([2, 2, 2, 3, 4, 4, 4, 4], ddof=1))
    assert cycles.interval is not None
    assert 2 < cycles.interval[0] < 25 / 8 < cycles.interval[1] < 4
    hardly = rows_of(arm_of("ssri", "own", [4] * 11 + [2], cycles=4))[0]
    assert hardly.high == 4.0  # Student's ends at 4.2
    assert [row.n for row in curve] == [8, 8, 8, 5, 4]
    assert [row.more["relapses"] for row in curve] == [0, 0, 3, 1, 0]
    assert [row.value for row in curve] == pytest.approx([100, 100, 62.5, 50, 50])
    assert [row.interval for row in curve[:2]] == [None, None]
    s = 0.625  # Greenwood's variance after cycle 2, on the scale of log(-log)
    spread = np.sqrt(3 / (8 * 5)) / np.log(s)
    ends = sorted(100 * s ** np.exp(sign * 1.959964 * spread) for sign in (-1, 1))
    assert curve[2].interval == pytest.approx(tuple(ends), abs=1e-3)


def test_whoever_had_no_deficit_is_in_no_rate_whatever_is_stored_of_a_relapse() -> None:
    made = arm_of("ssri", "own", [3, 1, 0, 2], remission=[1, NAN, 0, 1], relapse=[0, 1, NAN, 1])
    remissions = lasting(made)
    assert (remissions.seeds, remissions.never, remissions.without_deficit) == ((0, 3), (2,), (1,))
    assert remissions.cycles.tolist() == [3, 2]
    nobody = replace(made, individuals=tuple(
        replace(one, metrics={**one.metrics, "treated/remission": NAN, "before/depressed_deficit": 1.0})
        for one in made.individuals
    ))  # fmt: skip
    assert rows_of(nobody)[0].n == 0


def failed(seed: int, where: str) -> Failure:
    return Failure(seed, f"depsim.steps.examine.DivergedError: {DivergedError(where, (seed,))}", f"run-{seed}")


def test_whose_training_diverged_relapsed_at_that_cycle_and_before_the_first_was_never_in_remission() -> None:
    gone = (
        failed(7, "maintained 2"), failed(5, "stressed 3"), failed(8, "treated"), failed(9, "maintained"),
        Failure(11, "MemoryError: no more memory", "run-11"),
    )  # fmt: skip
    remissions = lasting(arm_of("ssri", "own", [4, 4, 0], cycles=4, failures=gone))
    assert remissions.seeds == (0, 1, 5, 7)  # of whom there is no memory nothing is said
    assert remissions.cycles.tolist() == [4, 4, 3, 2]
    assert remissions.ended.tolist() == [False, False, True, True]
    assert remissions.never == (2, 8, 9)
    assert remissions.diverged == {5: 3, 7: 2, 8: 0, 9: 0}


def test_conditions_that_differ_in_the_follow_up_or_in_the_treatment_alone_are_compared() -> None:
    rows = compared(stressed())
    assert [(row.of("a"), row.of("b"), row.of("how")) for row in rows] == [
        ("ketamine, own maintenance", "ketamine, withheld maintenance", "follow_up"),
        ("ssri, own maintenance", "ssri, withheld maintenance", "follow_up"),
        ("ketamine, own maintenance", "ssri, own maintenance", "treatment"),
        ("ketamine, withheld maintenance", "ssri, withheld maintenance", "treatment"),
    ]  # untreated individuals are brought to no remission
    assert [row.n for row in rows] == [30, 25, 25, 25]
    assert rows[3].value == pytest.approx(3 - 30 / 25)
    assert [row.p_holm for row in rows] == holm([row.p for row in rows], tests=4)
    assert [row.verdict for row in rows] == ["undecided", "yes", "undecided", "yes"]


def test_an_arm_with_two_names_is_compared_under_each_of_them_and_not_with_itself() -> None:
    free = [3.0] * 12
    ketamine = [arm_of("ketamine", name, free) for name in ("own", "sham", "withheld")]
    ketamine[1] = replace(ketamine[1], arm_key=ketamine[0].arm_key)
    others = [arm_of("ssri", name, free) for name in ("own", "sham", "withheld")]
    rows = compared(study(*ketamine, *others))
    first = "ketamine, own maintenance = ketamine, sham maintenance"
    assert [row.of("b") for row in rows if row.of("a") == first] == [
        "ketamine, withheld maintenance", "ssri, own maintenance", "ssri, sham maintenance"
    ]  # fmt: skip


def test_of_48_of_50_who_never_remitted_no_treatment_outlasts_another() -> None:
    """What was measured: 48 of 50 SSRI individuals were never in remission, and were counted as relapsed at once."""
    ketamine = arm_of("ketamine", "own", [8.0] * 50, cycles=8)
    ssri = arm_of("ssri", "own", [0.0] * 48 + [1.0, 8.0], cycles=8)
    made = study(ketamine, ssri)
    (row,) = compared(made)
    assert (row.n, row.more["remitted_a"], row.more["remitted_b"]) == (2, 50, 2)
    assert (row.value, row.interval, row.verdict) == (3.5, None, "too few")
    summary = rows_of(ssri)[0]
    assert (summary.more["remitted"], summary.more["with_deficit"], summary.value) == (2, 50, 4.5)


def test_pairs_without_anybody_at_risk_under_both_count_as_tests() -> None:
    free: Sequence[float] = [3.0] * 12
    made = study(
        arm_of("ketamine", "own", free), arm_of("ketamine", "withheld", [1.0] * 12), arm_of("ssri", "own", [0.0] * 12)
    )
    rows = compared(made)
    assert [row.n for row in rows] == [12, 0]
    assert rows[0].p_holm == pytest.approx(2 * rows[0].p)  # type: ignore[operator]
    assert rows[0].key["outcome"] == CYCLES
