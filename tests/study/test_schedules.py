"""Which condition a regimen is compared with, and by how much they differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.statistics import holm
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


def test_a_drug_with_other_settings_stands_in_and_is_said_to() -> None:
    assert controls(shipped("combination", measured(85, 15)), *drugs()) == {
        ("combination", "ketamine", DRUG), ("combination", "neurosteroid", DRUG_OTHERWISE),
    }  # fmt: skip


def test_of_several_shams_the_one_of_equal_epochs_is_taken() -> None:
    bridge = shipped("bridge", measured(85, 110))
    assert controls(bridge, sham(15), sham(110), sham(200)) == {("bridge", "sham, treatment.epochs=110", SHAM_EQUAL)}
    assert controls(bridge, sham(15), sham(200)) == {("bridge", "sham, treatment.epochs=200", SHAM_OTHER)}


def test_where_only_some_get_all_steps_a_sham_of_as_many_epochs_is_longer_for_others() -> None:
    name, spent = "ssri_then_ketamine_if_needed", np.where(np.arange(N) < 5, 100.0, 115.0)
    some, nobody = (shipped(name, measured(85, epochs)) for epochs in (spent, 100))
    assert controls(some, sham(115), sham(111)) == {(name, "sham, treatment.epochs=115", SHAM_LONGEST)}
    assert controls(nobody, sham(100), sham(115)) == {(name, "sham, treatment.epochs=100", SHAM_EQUAL)}


def test_several_doses_are_compared_with_one_of_them_and_with_one_that_is_equal_in_something() -> None:
    repeat = "treatment.steps.0.repeat"
    arms = [shipped("repeated_ketamine", measured(70, epochs, sparsity), f"{repeat}={times}")
            for epochs, sparsity, times in ((5, 57.0, 1), (15, 20.5, 3))]  # fmt: skip
    arms += [shipped("ketamine", measured(78, 15, 47.5))]
    arms += [shipped("ketamine", measured(78, epochs, sparsity), f"treatment.epochs={epochs}")
             for epochs, sparsity in ((40, 20.6), (41, 30.0))]  # fmt: skip
    three = f"repeated_ketamine, {repeat}=3"
    assert controls(*arms) == {
        (three, f"repeated_ketamine, {repeat}=1", DRUG),
        (three, "ketamine, treatment.epochs=15", f"{ONE_DOSE}equal epochs"),
        (three, "ketamine, treatment.epochs=40", f"{ONE_DOSE}equal sparsity"),
    }


def test_beside_its_drugs_and_sham_differences_are_paired_and_adjusted_over_all_of_the_group() -> None:
    ssri, *others = drugs()
    few = replace(ssri, individuals=ssri.individuals[:12])
    bridge = shipped("bridge", measured(85, 110))
    found = compared(bridge, few, *others, sham(110))
    assert {(each.control.name, each.how) for each in found} == {
        ("ssri", DRUG), ("neurosteroid", DRUG), ("sham", SHAM_EQUAL),
    }  # fmt: skip
    differences = bridge.values("treated/combined")[:12] - few.values("treated/combined")
    (one,) = [each for each in found if each.control.name == "ssri" and each.outcome.column == "combined"]
    assert (one.contrast.n, one.contrast.difference.mean) == (12, pytest.approx(differences.mean()))
    assert [each.contrast.p_holm for each in found] == holm([each.contrast.p for each in found])


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
    whole = shipped("bridge", measured(85, 110)).settings
    assert isinstance(stored_treatment(whole), Regimen)
    unknown = {**whole, "treatment": "gone", "task": "gone", "follow_up": "gone"}
    assert (stored_treatment(unknown), stored_chance(unknown), stored_follow_up(unknown)) == (None, None, None)
