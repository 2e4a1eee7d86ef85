"""Who responds, remits, recovers at which step and collapses; what a treatment is compared with."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import exact_proportion, holm, paired_rates, proportion
from depsim.study.analyses.rates import collapse_rows, ladder_rows, rate_differences, rate_rows
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, Group, groups
from depsim.study.reading import Study, StudyArm
from tests.people import arm, study
from tests.shipped import settings_of, shipped
from tests.studies_course import GIVEN, REMITTED, climbing, recovered, regimens


def only_group(made: Study) -> Group:
    (group,) = groups(made, ("treatment",))
    return group


def test_rates_have_wilsons_interval_and_leave_out_who_had_no_deficit() -> None:
    rows = rate_rows(only_group(regimens()).conditions)
    (row,) = [row for row in rows if (row.of("condition"), row.of("outcome")) == ("bridge", "remission")]
    expected = proportion(np.array([1.0] * 20 + [0.0] * 9))
    assert (row.n, row.value, row.low, row.high) == (29, *map(pytest.approx, expected.per_cent))
    assert (row.more["deficit"], row.more["epochs"], row.more["rate_steps"]) == (7.25, 110.0, 0.5)
    nobody = arm("ssri", {"treated/remission": [np.nan], "treated/response": [np.nan], "treated/deficit": [1.0]})
    assert rate_rows([Condition("ssri", nobody)]) == ()


def test_every_treatment_is_compared_with_its_placebo_first_and_then_with_untreated() -> None:
    rows = rate_differences(only_group(regimens()))
    assert [(row.of("a"), row.of("how")) for row in rows if row.of("outcome") == "remission"] == [
        ("ssri", "placebo"), ("sham", "untreated"), ("ssri", "untreated"), ("bridge", "untreated"),
    ]  # fmt: skip
    (row,) = [row for row in rows if (row.of("a"), row.of("how"), row.of("outcome")) == (
        "ssri", "placebo", "remission")]  # fmt: skip
    by_hand = paired_rates(np.array([1.0] * 15 + [0.0] * 14), np.array([1.0] * 2 + [0.0] * 27))
    assert (row.value, row.low, row.high) == pytest.approx(by_hand.per_cent)
    assert (row.n, row.p, row.verdict, row.more["tests"]) == (29, by_hand.p, "yes", 8)
    assert (row.more["mean_a"], row.more["mean_b"]) == pytest.approx((100 * 15 / 29, 100 * 2 / 29))
    assert [row.p_holm for row in rows] == holm([row.p for row in rows])


def test_another_training_than_that_of_the_drug_is_no_placebo() -> None:
    shams = [
        recovered("sham", 5, epochs, changed=settings_of("treatment=sham", f"treatment.epochs={epochs}"))
        for epochs in (15, 100)
    ]
    drugs = [recovered(drug, 9, 15, changed=settings_of(f"treatment={drug}")) for drug in ("ketamine", "ssri")]
    rows = rate_differences(only_group(study(*shams, *drugs, recovered("none", 2, 0.0))))
    assert {(row.of("a"), row.of("b")) for row in rows if row.of("how") == "placebo"} == {
        ("ketamine", "sham, 15 epochs, lr 0.0005")  # the SSRI trains for 100 epochs, at another learning rate
    }


def test_too_few_individuals_have_numbers_and_no_verdict() -> None:
    made = study(recovered("none", 0, 0.0, n=7), recovered("ssri", 1, 1.0, n=7))
    rows = rate_differences(only_group(made))
    assert {row.verdict for row in rows} == {"too few"}
    assert [row.value for row in rows] == [pytest.approx(100 / 6), pytest.approx(100 / 6)]


def rungs(made: StudyArm) -> tuple[Estimate, ...]:
    return ladder_rows(Condition(made.treatment, made))


def test_each_individual_recovers_with_its_last_step() -> None:
    rows = rungs(climbing())
    assert [row.more["drugs"] for row in rows] == ["ssri", "neurosteroid", "ketamine", "3 x ketamine"]
    # of all: 1 stays with the first step; of six that go on one; of five two, one of them in remission; three the last
    assert [(row.more["count"], row.n) for row in rows] == [(1, 7), (1, 6), (1, 5), (2, 3)]
    expected = proportion(np.array([1, 0, 0, 0, 0])).per_cent
    assert (rows[2].value, rows[2].low, rows[2].high) == expected
    assert [row.more["total"] for row in rows] == pytest.approx([100 / 7, 200 / 7, 300 / 7, 500 / 7])


def test_whoever_passed_a_question_and_failed_a_later_one_counts_for_the_later_step() -> None:
    rows = rungs(climbing(given={1: [0] * 8, 2: [1] * 8, 3: [0] * 8}))
    assert [(row.more["count"], row.n) for row in rows] == [(0, 7), (0, 0), (5, 7), (0, 0)]
    assert (rows[1].value, rows[1].low, rows[1].high) == (None, None, None)


def test_no_other_treatment_is_a_ladder() -> None:
    one_question = {1: GIVEN[1]}
    others = [climbing("ssri_then_ketamine_if_needed", one_question), climbing("bridge", {}), climbing("ketamine", {})]
    assert [rungs(condition) for condition in others] == [(), (), ()]
    assert rungs(climbing(given=one_question)) == ()


def test_without_anybody_in_need_there_is_no_ladder() -> None:
    values = {f"treatment/given/{number}": taken for number, taken in GIVEN.items()}
    assert rungs(shipped("ladder", {**values, "treated/remission": [np.nan] * len(REMITTED)})) == ()


def test_the_share_that_collapsed_has_the_exact_interval() -> None:
    standard = np.array([99.0, 90.0, 89.9, 40.0, 95.0])
    (row,) = collapse_rows([Condition("ssri", arm("ssri", {"treated/standard": standard}))], 90.0)
    assert (row.value, row.low, row.high) == exact_proportion(standard < 90).per_cent
    assert (row.more["count"], row.more["lowest"]) == (2, 40.0)
