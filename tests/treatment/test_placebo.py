"""Placebos: the trainings of a treatment and nothing else of it."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from depsim.config import ConfigError, prepare
from depsim.search.sweeps import plan_sweep
from depsim.steps import Prune, Train
from depsim.study.analyses.contrasts import contrasts
from depsim.study.analyses.placebos import placebo_pairs
from depsim.study.groups import groups
from depsim.training import Phase
from depsim.treatment import Placebo, PlainTraining, Regrowth, TonicInhibition
from tests.people import study
from tests.shipped import shipped

KETAMINE = Regrowth(
    regrow_fraction=0.5, criterion="gradient", init_scale=0.03, scoring_batches=30, epochs=15, learning_rate=5e-4
)


def key(*words: str) -> str:
    return prepare([*words, "tracking=none"]).job.arm_key


def test_the_placebo_of_ketamine_is_sham_of_as_many_epochs() -> None:
    assert key("treatment=placebo") == key("treatment=sham", "treatment.epochs=15", "treatment.learning_rate=5e-4")
    assert key("treatment=placebo", "treatment.of.epochs=40") == key("treatment=sham", "treatment.epochs=40")


@pytest.mark.parametrize(("drug", "epochs", "rate"), [("ssri", 100, 1e-5), ("neurosteroid", 10, 5e-4)])
def test_epochs_and_learning_rates_are_the_drugs(drug: str, epochs: int, rate: float) -> None:
    sham = key("treatment=sham", f"treatment.epochs={epochs}", f"treatment.learning_rate={rate}")
    assert key("treatment=placebo", f"treatment@treatment.of={drug}") == sham


def test_neither_noise_nor_state_nor_synapses_are_left() -> None:
    assert Placebo(of=KETAMINE).plan() == (Train(Phase.plain(15, 5e-4)),)
    drug = TonicInhibition(damping_factor=0.7, bounded=True, epochs=10, learning_rate=5e-4, layers=(1, 2))
    assert Placebo(of=drug).plan() == (Train(Phase(5e-4, (0.0,) * 10, layers=(1, 2))),)


def test_what_has_no_ingredient_is_its_own_placebo() -> None:
    sham = PlainTraining(epochs=15, learning_rate=5e-4)
    assert Placebo(of=sham).plan() == sham.plan()
    assert key("treatment=placebo", "treatment@treatment.of=none") == key("treatment=none")
    assert Placebo(of=KETAMINE.model_copy(update={"epochs": 0})).plan() == ()


@pytest.mark.parametrize(("regimen", "epochs"), [
    ("bridge", [10, 100]), ("ladder", [100, 10, 15, 15]), ("repeated_ketamine", [5, 5, 5]),
])  # fmt: skip
def test_of_a_regimen_all_trainings_are_left_in_order(regimen: str, epochs: list[int]) -> None:
    steps = prepare(["treatment=placebo", f"treatment@treatment.of={regimen}", "tracking=none"]).job.arm.steps
    trainings = [step for step in steps if isinstance(step, Train)]
    assert [step.phase.epochs for step in trainings][: len(epochs)] == epochs
    assert all(not any(step.phase.internal_noise) and not step.phase.fading for step in trainings)
    assert sum(isinstance(step, Prune) for step in steps) == 1  # the pathology's


def test_maintenance_loses_its_noise() -> None:
    ssri = prepare(["treatment=placebo", "treatment@treatment.of=ssri", "follow_up=stress_cycles", "tracking=none"])
    noisy = [step for step in ssri.job.arm.steps if isinstance(step, Train) and any(step.phase.internal_noise)]
    assert noisy == []


@pytest.mark.parametrize(("words", "message"), [
    (["treatment@treatment.of=nix"], "treatment@treatment.of=nix: unknown choice; allowed are bridge"),
    (["treatment@treatment.of=placebo"], "treatment.of=placebo: a placebo is its own placebo"),
    (["treatment.of.nix=3"], "treatment.of.nix=3: unknown key of treatment.of=ketamine"),
    (["treatment.epochs=3"], "treatment.epochs=3: unknown key of treatment=placebo; allowed are of"),
])  # fmt: skip
def test_what_no_placebo_has_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        prepare(["treatment=placebo", *words])
    with pytest.raises(ValidationError, match=r"its own placebo|it is itself"):
        Placebo(of=Placebo(of=KETAMINE))


@pytest.mark.slow  # a sweep is planned
def test_a_sweep_adds_each_placebo_once() -> None:
    names = [job.name for job in plan_sweep("paper", ["cohort=smoke"], placebo=True).jobs]
    assert names == [
        "untreated", "ketamine", "ssri", "neurosteroid",
        "placebo of ketamine", "placebo of ssri", "placebo of neurosteroid",
    ]  # fmt: skip
    fractions = plan_sweep("regrowth_fractions", ["cohort=smoke", "treatment.regrow_fraction=0.1,0.5"], placebo=True)
    assert [job.name for job in fractions.jobs][2:] == ["placebo of ketamine"]


def arms(shift: float) -> list[object]:
    noise = np.random.default_rng(5).normal(0, 1, (3, 20))
    return [
        shipped("none", {"treated/combined": 30 + noise[0]}),
        shipped("ketamine", {"treated/combined": 97 + shift + noise[1]}),
        shipped("sham", {"treated/combined": 97 + noise[2]}, "treatment.epochs=15", "treatment.learning_rate=5e-4"),
    ]


def test_a_drug_is_paired_with_whatever_takes_its_placebos_steps() -> None:
    (group,) = groups(study(*arms(5.0)), ("treatment",))  # type: ignore[arg-type]
    pairs = placebo_pairs(group)
    assert [(pair.a.name, pair.b.name) for pair in pairs] == [("ketamine", "sham")]
    (row,) = contrasts(pairs)
    assert row.value == pytest.approx(5, abs=1)
    assert row.verdict == "yes"
