"""Regimens as a report shows them, and what its first lines say of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.report.document import Picture
from depsim.report.figures import style
from depsim.report.sections import regimens
from depsim.report.sections.answer import answer
from depsim.study.reading import Study, StudyArm
from depsim.study.schedules import beside, schedules
from depsim.treatment.regimen_timeline import STRESS, Moment, Timeline
from tests.people import paper_study, study
from tests.report.blocks import assert_sound, blocks_of, named, records
from tests.shipped import shipped
from tests.study.test_schedules import drugs, measured, sham

REPEAT = "treatment.steps.0.repeat"


def several(n: int = 20) -> Study:
    """A bridge that does more than its drugs and more than sham, a ladder that does less than ketamine."""
    ladder = shipped("ladder", measured(85, np.where(np.arange(20) < 5, 170.0, 100.0), draw=3))
    arms = [*drugs(), shipped("bridge", measured(95, 110)), ladder, sham(110)]
    return study(*(few(arm, n) for arm in arms))


def few(arm: StudyArm, n: int) -> StudyArm:
    return replace(arm, individuals=arm.individuals[:n])


def test_each_comparison_stands_in_its_row_with_the_epochs_of_both() -> None:
    found = blocks_of(regimens.section(several()))
    assert_sound(found)
    rows = records(named(found, "regimens_beside"))
    (group,) = schedules(several())
    expected = beside(group)
    assert [(row["condition"], row["control"], row["how"]) for row in rows] == [
        (each.regimen.name, each.control.name, each.how) for each in expected
    ]
    (mine,) = [
        row
        for row in rows
        if (row["condition"], row["control"], row["outcome"]) == ("bridge", "ssri", "combined stress")
    ]
    (own,) = [
        e for e in expected if (e.regimen.name, e.control.name, e.outcome.column) == ("bridge", "ssri", "combined")
    ]
    assert own.contrast.difference.interval is not None
    assert (mine["n"], mine["epochs"], mine["control_epochs"]) == (20, 110, 100)
    assert (mine["difference"], mine["low"], mine["high"]) == (
        own.contrast.difference.mean,
        *own.contrast.difference.interval,
    )
    assert (mine["p"], mine["p_holm"]) == (own.contrast.p, own.contrast.p_holm)
    assert [row["how"] for row in rows if row["control"] == "sham"] == ["sham, equal epochs"] * 2 + [
        "sham, other epochs"
    ] * 2


def test_the_picture_shows_every_condition_with_its_epochs_and_outcome() -> None:
    found = blocks_of(regimens.section(several()))
    (picture,) = (block for block in found if isinstance(block, Picture))
    rows = {row["condition"]: row for row in records(picture.data)}
    assert list(rows) == ["ssri", "neurosteroid", "ketamine", "bridge", "ladder", "sham"]
    assert rows["bridge"]["mean"] == pytest.approx(95, abs=1)
    assert (rows["ladder"]["epochs"], rows["ladder"]["longest"]) == (117.5, 170)
    with style.look():
        times, outcomes = picture.draw().axes
    written = [text.get_text() for text in times.texts]
    assert [name for name in rows if name not in written] == []
    assert {"110", "170 (mean 118)"} <= set(written)
    assert outcomes.get_xlabel() == "combined stress, %"


def test_steps_are_listed_for_whoever_gets_them() -> None:
    rows = records(named(blocks_of(regimens.section(several())), "regimen_steps"))
    bridge = [row for row in rows if row["condition"] == "bridge"]
    assert [(row["drug"], row["what"], row["start"], row["end"], row["fading"]) for row in bridge] == [
        ("neurosteroid", "trained", 0, 10, None), ("ssri", "trained", 10, 110, None),
        ("neurosteroid", "on", 0, 10, None), ("neurosteroid", "on", 10, 110, 50),
    ]  # fmt: skip
    assert {row["rule"] for row in rows if row["condition"] == "ladder"} == {None, "unless remitted"}


def test_without_a_regimen_there_is_no_section_and_no_line() -> None:
    assert regimens.section(paper_study(12)) is None
    assert regimens.answer_lines(paper_study(12)) == []


def test_the_answer_says_who_does_more_than_all_its_drugs_and_who_less() -> None:
    alone, beside_sham = regimens.answer_lines(several())
    assert alone.startswith("Regimens beside each of their drugs alone (combined stress, paired within individuals): ")
    assert "more than all of them: bridge (+15" in alone or "more than all of them: bridge (+14" in alone
    assert "beside ssri); less than one: ladder (-" in alone
    assert "beside ketamine)" in alone
    assert "more: bridge (+4" in beside_sham
    assert "beside 110 epochs)" in beside_sham
    assert "beside 110 epochs, not 118)" in beside_sham
    assert {alone, beside_sham} < set(answer(several()))
    assert len(answer(several())) <= 5


def test_a_difference_that_is_not_beyond_chance_is_not_told_apart() -> None:
    same = study(*drugs(), shipped("bridge", measured(80.1, 110)))
    (line,) = regimens.answer_lines(same)
    assert line.endswith(": not told apart from one at least: bridge (+0.0 [-0.5, +0.6] beside ssri).")


def test_what_is_not_told_apart_is_told_by_the_drug_from_which_it_is_not() -> None:
    ssri, neurosteroid, *_ = drugs()
    wide = replace(neurosteroid, individuals=tuple(
        replace(one, metrics={**one.metrics, "treated/combined": 75.0 + (40 if place % 2 else -40)})
        for place, one in enumerate(neurosteroid.individuals)))  # fmt: skip
    (line,) = regimens.answer_lines(study(ssri, wide, shipped("bridge", measured(82, 110))))
    told, _, rest = line.partition(": not told apart from one at least: bridge (")[2].partition(" beside ")
    assert rest == "neurosteroid)."
    assert float(told.split()[0]) > 5, "the SSRI is nearer, and told apart"


def test_too_few_individuals_are_said_to_be_too_few() -> None:
    (line,) = regimens.answer_lines(several(8))
    assert line == (
        "Whether a regimen does more than its drugs alone or than sham cannot be told from 8 individuals: too few for "
        "14 tests together."
    )


def test_doses_are_told_one_by_one() -> None:
    made = study(
        *(
            shipped("repeated_ketamine", measured(mean, 5 * times, 95 - 10 * times, times), f"{REPEAT}={times}")
            for times, mean in ((1, 60), (2, 70), (3, 60.2))
        ),
        shipped("ketamine", measured(50, 15, 65.0), "treatment.epochs=15"),
    )
    (line,) = regimens.answer_lines(made)
    two, three = line.removeprefix("Several doses beside one (combined stress, paired within individuals): ").split(
        "; "
    )
    assert two.startswith("2 x ketamine +10.0 [")
    assert two.endswith("] beside the first of them (10 against 5 epochs)")
    assert three.startswith("3 x ketamine +10.0 [")  # beside the control that shares most, not beside the first dose
    assert three.endswith("] beside one dose, equal epochs and equal sparsity (15 against 15 epochs).")


def test_a_number_of_doses_that_does_no_more_is_not_beyond_chance() -> None:
    times = {1: 60.0, 2: 60.1}
    made = study(
        *(
            shipped("repeated_ketamine", measured(mean, 5 * n, 95 - 10 * n, n), f"{REPEAT}={n}")
            for n, mean in times.items()
        )
    )
    (line,) = regimens.answer_lines(made)
    assert line.endswith("beside the first of them (10 against 5 epochs), not beyond chance.")


def test_what_is_done_without_training_is_listed_with_its_moment_and_for_whom() -> None:
    line = Timeline(
        moments=[Moment("k", 0), Moment(STRESS, 5, "unless remitted"), Moment("k", 7, "unless remitted")],
        doses={"k": 2},
        epochs=7,
    )
    ((given, *_),) = schedules(several())
    assert list(regimens._steps(replace(given, name="own", line=line))) == [
        ("own", "k", "given", 0, 0, None, None),
        ("own", None, STRESS, 5, 5, None, "unless remitted"),
        ("own", "k", "given", 7, 7, None, "unless remitted"),
    ]
