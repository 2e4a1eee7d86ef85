"""Which arms may be compared: one place, so that no number comes of a wrong pairing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.paper.conditions import papers_conditions
from depsim.study.estimate import Estimate, family, frame
from depsim.study.groups import Condition, align, groups, without_small_groups
from tests.people import arm, paper_arm, paper_study, study

ONE = {"treated/combined": [90.0]}


def test_arms_that_differ_in_anything_but_the_treatment_are_apart() -> None:
    deep = paper_arm("ketamine", 3, pathology__sparsity="0.9")
    parts = groups(study(*paper_study(3).arms, deep), ("treatment",))
    assert [len(part.arms) for part in parts] == [4, 1]
    assert [dict(part.apart) for part in parts] == [{"pathology.sparsity": "0.95"}, {"pathology.sparsity": "0.9"}]


def test_along_a_setting_only_that_may_differ() -> None:
    arms = [
        paper_arm("ketamine", 3, treatment__regrow_fraction=dose, treatment__criterion=criterion)
        for dose in ("0.1", "0.5") for criterion in ("gradient", "random")
    ]  # fmt: skip
    lines = groups(study(*arms, paper_arm("none", 3)), ("treatment.regrow_fraction",))
    assert [[arm.settings["treatment.criterion"] for arm in line.arms] for line in lines] == [
        ["gradient", "gradient"], ["random", "random"],
    ]  # fmt: skip


def test_data_streams_and_devices_are_never_put_together() -> None:
    arms = [paper_arm("ketamine", 3), paper_arm("ketamine", 3, data="individual"), paper_arm("ketamine", 3, device="x")]
    assert [len(part.arms) for part in groups(study(*arms), ("treatment",))] == [1, 1, 1]


def test_an_arm_with_several_names_is_one_condition_of_a_part_and_stays_in_each_part() -> None:
    level = arm("ketamine", ONE, changed={"treatment.regrow_fraction": "0.4"})
    other = arm("ketamine", ONE, changed={"treatment.regrow_fraction": "0.1"})
    twin = replace(arm("mine", ONE), arm_key=level.arm_key)
    made = study(twin, level, other)
    assert [len(part.arms) for part in groups(made, ("treatment",))] == [2]
    (line,) = groups(made, ("treatment.regrow_fraction",))
    assert [arm.settings["treatment.regrow_fraction"] for arm in line.arms] == ["0.4", "0.1"]


def test_a_drug_that_can_be_withdrawn_is_two_conditions() -> None:
    on_and_off = arm("neurosteroid", {"treated/combined": [98.0], "withdrawn/combined": [77.0], "relapse_drop": [4.0]})
    (part,) = groups(study(on_and_off), ("treatment",))
    on, off = part.conditions
    assert (on.name, off.name) == ("neurosteroid on", "neurosteroid withdrawn")
    assert (on.values("combined"), off.values("combined")) == ({0: 98.0}, {0: 77.0})
    assert (on.values("relapse_drop"), off.values("relapse_drop")) == ({0: 4.0}, {})


@pytest.mark.parametrize(("stage", "column", "metric"), [
    ("treated", "treated/mine", "treated/mine"), ("withdrawn", "treated/mine", None),
    ("treated", "midway/combined/0", "midway/combined/0"), ("withdrawn", "combined", "withdrawn/combined"),
    ("treated", "dose/l1", "dose/l1"),
])  # fmt: skip
def test_whole_metrics_belong_to_the_stage_they_begin_with(stage: str, column: str, metric: str | None) -> None:
    assert Condition("x", paper_arm("none", 1), stage).metric(column) == metric


def test_values_that_are_not_finite_are_nobodys() -> None:
    made = arm("ketamine", {"treated/combined": [90.0, np.nan, 80.0]})
    assert Condition("x", made).values("combined") == {0: 90.0, 2: 80.0}
    assert align([{1: 1.0, 2: 2.0}, {2: 3.0, 4: 4.0}])[1].tolist() == [[2.0, 3.0]]


def test_the_papers_conditions_have_the_papers_settings() -> None:
    (part,) = groups(study(*paper_study(3).arms), ("treatment",))
    assert list(papers_conditions(part)) == [
        "untreated", "ketamine", "ssri", "neurosteroid on", "neurosteroid withdrawn",
    ]  # fmt: skip
    (other,) = groups(study(paper_arm("ketamine", 3, treatment__epochs="20")), ("treatment",))
    assert papers_conditions(other) == {}


def test_groups_of_one_or_two_are_left_out_where_others_have_more() -> None:
    few, many = paper_study(2).arms, paper_study(3, "individual").arms
    shown, left_out = without_small_groups(study(*few, *many))
    assert (list(shown.arms), list(left_out)) == ([*many], [*few])
    alone = study(*few)
    assert without_small_groups(alone) == (alone, ())


def test_a_family_is_adjusted_once_and_over_as_many_tests_as_were_declared() -> None:
    rows = [Estimate({"a": str(p)}, 12, 1.0, p=p) for p in (0.01, 0.04, None)]
    assert [row.p_holm for row in family(rows)] == [0.02, 0.04, None]
    assert [row.p_holm for row in family(rows, 10)] == [pytest.approx(0.1), pytest.approx(0.36), None]


def test_a_frame_has_the_keys_first_and_then_what_any_row_has() -> None:
    table = frame([Estimate({"a": "x"}, 1, 2.0, more={"z": 1}), Estimate({"b": "y"}, 1, None)])
    assert list(table.columns[:3]) == ["a", "b", "n"]
    assert list(table.columns[-1:]) == ["z"]
    assert table["value"].isna().tolist() == [False, True]
