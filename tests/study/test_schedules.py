"""Which condition a regimen is compared with, and by how much they differ."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import contrast, holm
from depsim.study.reading import StudyArm
from depsim.study.schedules import (
    DRUG,
    DRUG_OTHERWISE,
    ONE_DOSE,
    SHAM_EQUAL,
    SHAM_LONGEST,
    SHAM_OTHER,
    Beside,
    beside,
    schedules,
)
from depsim.study.stored import stored_chance, stored_follow_up, stored_treatment
from depsim.treatment import Regimen
from tests.people import paper_study, study
from tests.shipped import shipped

N = 20
NOISE = np.random.default_rng(3).normal(0, 1, (40, N))


def measured(mean: float, epochs: float | np.ndarray, sparsity: float = 95.0, draw: int = 0) -> dict[str, np.ndarray]:
    return {
        "treated/combined": mean + NOISE[draw],
        "treated/internal_noise_2.5": mean - 40 + NOISE[draw + 20],
        "treatment/epochs": np.full(N, 1.0) * epochs,
        "treated/sparsity": np.full(N, sparsity),
    }


def sham(epochs: int) -> StudyArm:
    return shipped("sham", measured(50, epochs, draw=epochs % 7), f"treatment.epochs={epochs}")


def drugs() -> list[StudyArm]:
    return [
        shipped("ssri", measured(80, 100, draw=10)),
        shipped("neurosteroid", measured(70, 10, draw=11)),
        shipped("ketamine", measured(90, 15, sparsity=47.5, draw=12)),
    ]


def compared(*arms: StudyArm) -> list[Beside]:
    (group,) = schedules(study(*arms))
    return list(beside(group))


def controls(*arms: StudyArm) -> set[tuple[str, str, str]]:
    return {(each.regimen.name, each.control.name, each.how) for each in compared(*arms)}


def test_a_regimen_is_compared_with_each_of_its_drugs_alone_and_no_other() -> None:
    bridge = shipped("bridge", measured(85, 110))
    assert controls(bridge, *drugs()) == {("bridge", "ssri", DRUG), ("bridge", "neurosteroid", DRUG)}


def test_a_drug_with_other_settings_stands_in_and_is_said_to() -> None:
    combination = shipped("combination", measured(85, 15))
    assert controls(combination, *drugs()) == {
        ("combination", "ketamine", DRUG),
        ("combination", "neurosteroid", DRUG_OTHERWISE),
    }


def test_of_several_shams_the_one_of_equal_epochs_is_taken() -> None:
    arms = [shipped("bridge", measured(85, 110)), sham(15), sham(110), sham(200)]
    assert controls(*arms) == {("bridge", "sham, treatment.epochs=110", SHAM_EQUAL)}
    without = [arm for arm in arms if arm.settings.get("treatment.epochs") != "110"]
    assert controls(*without) == {("bridge", "sham, treatment.epochs=200", SHAM_OTHER)}


def test_where_only_some_get_all_steps_a_sham_of_as_many_epochs_is_longer_for_others() -> None:
    spent = np.where(np.arange(N) < 5, 100.0, 115.0)
    arms = [shipped("ssri_then_ketamine_if_needed", measured(85, spent)), sham(115), sham(111)]
    assert controls(*arms) == {("ssri_then_ketamine_if_needed", "sham, treatment.epochs=115", SHAM_LONGEST)}


def test_a_step_that_nobody_gets_takes_no_epochs() -> None:
    name = "ssri_then_ketamine_if_needed"
    arms = [shipped(name, measured(85, 100)), sham(100), sham(115)]
    assert controls(*arms) == {(name, "sham, treatment.epochs=100", SHAM_EQUAL)}
    assert controls(arms[0], arms[2]) == {(name, "sham", SHAM_OTHER)}


def test_several_doses_are_compared_with_one_of_them_and_with_one_that_is_equal_in_something() -> None:
    repeat = "treatment.steps.0.repeat"
    arms = [
        shipped("repeated_ketamine", measured(70, 5, 57.0), f"{repeat}=1"),
        shipped("repeated_ketamine", measured(80, 15, 20.5), f"{repeat}=3"),
        shipped("ketamine", measured(78, 15, 47.5)),
        shipped("ketamine", measured(79, 40, 20.6), "treatment.epochs=40"),
        shipped("ketamine", measured(79, 41, 30.0), "treatment.epochs=41"),
    ]
    three = f"repeated_ketamine, {repeat}=3"
    assert controls(*arms) == {
        (three, f"repeated_ketamine, {repeat}=1", DRUG),
        (three, "ketamine, treatment.epochs=15", f"{ONE_DOSE}equal epochs"),
        (three, "ketamine, treatment.epochs=40", f"{ONE_DOSE}equal sparsity"),
    }


def test_differences_are_paired_and_adjusted_over_all_of_the_group() -> None:
    arms = [shipped("bridge", measured(85, 110)), *drugs(), sham(110)]
    found = compared(*arms)
    assert [each.outcome.column for each in found] == ["combined", "internal_noise_2.5"] * 3
    values = {arm.treatment: arm.values("treated/combined") for arm in arms}
    (ssri,) = [each for each in found if each.control.name == "ssri" and each.outcome.column == "combined"]
    expected = contrast(values["bridge"], values["ssri"], len(found))
    assert ssri.contrast.difference == expected.difference
    assert ssri.contrast.difference.mean == pytest.approx(5.0, abs=1)
    assert [each.contrast.p_holm for each in found] == holm([each.contrast.p for each in found])


def test_individuals_that_only_one_condition_has_are_in_no_difference() -> None:
    few = shipped("ssri", {name: values[:6] for name, values in measured(80, 100).items()})
    found = compared(shipped("bridge", measured(85, 110)), few)
    assert {each.contrast.n for each in found} == {6}


def test_without_a_regimen_there_is_no_group() -> None:
    assert schedules(paper_study(12)) == ()
    assert schedules(study(*drugs())) == ()
    once = shipped("repeated_ketamine", measured(70, 5), "treatment.steps.0.repeat=1")
    assert schedules(study(once, *drugs())) == ()


def test_a_drug_of_the_regimen_is_known_by_the_file_that_it_is() -> None:
    words = ("treatment@treatment.drugs.ssri=ketamine", "treatment.steps.1.taper.neurosteroid=5")
    swapped = shipped("bridge", measured(85, 30), *words)
    (group,) = schedules(study(swapped, *drugs()))
    assert [group[0].choice(drug) for drug in group[0].line.doses] == ["neurosteroid", "ketamine"]
    assert ("bridge", "ketamine", DRUG) in controls(swapped, *drugs())


def test_epochs_are_those_that_were_spent_and_else_those_of_all_steps() -> None:
    bare = shipped("bridge", {"treated/combined": np.full(3, 80.0)})
    (group,) = schedules(study(bare))
    assert group[0].epochs.tolist() == [110.0] * 3


def test_stored_settings_come_back_as_parts() -> None:
    whole = shipped("bridge", measured(85, 110), "follow_up=withdrawal_curve").settings
    assert isinstance(stored_treatment(whole), Regimen)
    assert stored_follow_up(whole).shares == (1.0, 0.75, 0.5, 0.25, 0.0)  # type: ignore[union-attr]
    assert stored_chance(whole) == 25.0
    unknown = {**whole, "treatment": "gone", "task": "gone", "follow_up": "gone"}
    assert (stored_treatment(unknown), stored_chance(unknown), stored_follow_up(unknown)) == (None, None, None)
