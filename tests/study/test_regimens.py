"""Which condition a regimen, or a drug with a gain, is compared with, and by how much they differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.statistics import holm
from depsim.study.analyses.contrasts import contrasts
from depsim.study.analyses.gains import gain_pairs
from depsim.study.analyses.regimens import (
    DRUG,
    DRUG_OTHERWISE,
    ONE_DOSE,
    SHAM_EQUAL,
    SHAM_LONGEST,
    SHAM_OTHER,
    Schedule,
    regimen_pairs,
    schedules,
)
from depsim.study.groups import Group, groups
from depsim.study.reading import Study, StudyArm
from depsim.study.stored import stored_chance, stored_follow_up, stored_treatment
from depsim.treatment import Regimen
from tests.people import arm, paper_study, study
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


def several(n: int = N) -> Study:
    """A bridge that does more than its drugs and more than sham, a ladder that does less than ketamine."""
    ladder = shipped("ladder", measured(85, np.where(np.arange(20) < 5, 170.0, 100.0), draw=3))
    arms = [*drugs(), shipped("bridge", measured(95, 110)), ladder, sham(110)]
    return study(*(replace(arm, individuals=arm.individuals[:n]) for arm in arms))


def group_of(*arms: StudyArm) -> Group:
    (group,) = groups(study(*arms), ("treatment",))
    return group


def timed(*arms: StudyArm) -> tuple[Schedule, ...]:
    return schedules(group_of(*arms))


def controls(*arms: StudyArm) -> set[tuple[str, str, str]]:
    return {(pair.a.name, pair.b.name, pair.how) for pair in regimen_pairs(group_of(*arms))}


def test_a_drug_with_other_settings_stands_in_and_is_said_to() -> None:
    assert controls(shipped("combination", measured(85, 15)), *drugs()) == {
        ("combination", "ketamine", DRUG), ("combination", "neurosteroid", DRUG_OTHERWISE),
    }  # fmt: skip


def test_of_several_shams_the_one_of_equal_epochs_is_taken() -> None:
    bridge = shipped("bridge", measured(85, 110))
    assert controls(bridge, sham(15), sham(110), sham(200)) == {("bridge", "sham, 110 epochs, lr 0.0005", SHAM_EQUAL)}
    assert controls(bridge, sham(15), sham(200)) == {("bridge", "sham, 200 epochs, lr 0.0005", SHAM_OTHER)}


def test_where_only_some_get_all_steps_a_sham_of_as_many_epochs_is_longer_for_others() -> None:
    name, spent = "ssri_then_ketamine_if_needed", np.where(np.arange(N) < 5, 100.0, 115.0)
    shown = "ssri then ketamine if needed"
    some, nobody = (shipped(name, measured(85, epochs)) for epochs in (spent, 100))
    assert controls(some, sham(115), sham(111)) == {(shown, "sham, 115 epochs, lr 0.0005", SHAM_LONGEST)}
    assert controls(nobody, sham(100), sham(115)) == {(shown, "sham, 100 epochs, lr 0.0005", SHAM_EQUAL)}


def test_several_doses_are_compared_with_one_of_them_and_with_one_that_is_equal_in_something() -> None:
    repeat = "treatment.steps.0.repeat"
    arms = [shipped("repeated_ketamine", measured(70, epochs, sparsity), f"{repeat}={times}")
            for epochs, sparsity, times in ((5, 57.0, 1), (15, 20.5, 3))]  # fmt: skip
    arms += [shipped("ketamine", measured(78, 15, 47.5))]
    arms += [shipped("ketamine", measured(78, epochs, sparsity), f"treatment.epochs={epochs}")
             for epochs, sparsity in ((40, 20.6), (41, 30.0))]  # fmt: skip
    three = "repeated ketamine, step 1 repeat 3"
    assert controls(*arms) == {
        (three, "repeated ketamine, step 1 repeat 1", DRUG),
        (three, "ketamine, 15 epochs", f"{ONE_DOSE}equal epochs"),
        (three, "ketamine, 40 epochs", f"{ONE_DOSE}equal sparsity"),
    }


def test_differences_are_paired_and_adjusted_over_all_of_the_group() -> None:
    ssri, *others = drugs()
    few = replace(ssri, individuals=ssri.individuals[:12])
    bridge = shipped("bridge", measured(85, 110))
    pairs = regimen_pairs(group_of(bridge, few, *others, sham(110)))
    rows = contrasts(pairs)
    assert {(row.of("b"), row.of("how")) for row in rows} == {
        ("ssri", DRUG), ("neurosteroid", DRUG), ("sham", SHAM_EQUAL),
    }  # fmt: skip
    differences = bridge.values("treated/combined")[:12] - few.values("treated/combined")
    (one,) = [row for row in rows if row.of("b") == "ssri" and row.of("outcome") == "combined"]
    assert (one.n, one.value) == (12, pytest.approx(differences.mean()))
    assert [row.p_holm for row in rows] == holm([row.p for row in rows])


def test_without_a_regimen_there_is_nothing() -> None:
    assert regimen_pairs(groups(paper_study(12), ("treatment",))[0]) == []
    assert timed(*drugs()) == ()
    once = shipped("repeated_ketamine", measured(70, 5), "treatment.steps.0.repeat=1")
    assert timed(once, *drugs()) == ()


def test_a_drug_of_the_regimen_is_known_by_the_file_that_it_is() -> None:
    words = ("treatment@treatment.drugs.ssri=ketamine", "treatment.steps.1.taper.neurosteroid=5")
    swapped = shipped("bridge", measured(85, 30), *words)
    (bridge,) = [schedule for schedule in timed(swapped, *drugs()) if schedule.condition.arm is swapped]
    assert [bridge.choice(drug) for drug in bridge.line.doses] == ["neurosteroid", "ketamine"]
    assert ("bridge", "ketamine", DRUG) in controls(swapped, *drugs())


def test_epochs_are_those_that_were_spent_and_else_those_of_all_steps() -> None:
    (bridge,) = timed(shipped("bridge", {"treated/combined": np.full(3, 80.0)}))
    assert bridge.epochs.tolist() == [110.0] * 3


def test_a_drug_with_a_gain_is_paired_with_the_same_drug_without() -> None:
    one = {"treated/combined": np.array([90.0])}
    ketamine, gain = shipped("ketamine", one), shipped("ketamine_gain", one)

    def names(*arms: StudyArm) -> list[tuple[str, str]]:
        return [(pair.a.arm.treatment, pair.b.arm.treatment) for pair in gain_pairs(group_of(*arms))]

    assert names(shipped("neurosteroid", one), ketamine, gain) == [("ketamine_gain", "ketamine")]
    assert names(ketamine, shipped("ketamine_gain", one, "treatment.epochs=20")) == []  # differs in more
    assert names(ketamine, shipped("ketamine", one, "treatment.gain=1.25")) == []  # has one name
    assert names(ketamine, arm("gone", one)) == []


def test_stored_settings_come_back_as_parts() -> None:
    whole = shipped("bridge", measured(85, 110)).settings
    assert isinstance(stored_treatment(whole), Regimen)
    unknown = {**whole, "treatment": "gone", "task": "gone", "follow_up": "gone"}
    assert (stored_treatment(unknown), stored_chance(unknown), stored_follow_up(unknown)) == (None, None, None)
