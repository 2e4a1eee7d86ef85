"""Regimens as a report shows them, and what its first lines say of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depsim.report.sections import regimens
from depsim.study.reading import Study, StudyArm
from depsim.study.schedules import schedules
from depsim.treatment.regimen_timeline import STRESS, Moment, Timeline
from tests.people import study
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
