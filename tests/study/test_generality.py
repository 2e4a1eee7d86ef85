"""The paper's orderings and claims on other networks and tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from depsim.study.contrasts import contrasts, orderings
from depsim.study.generality import World, answers, generality
from depsim.study.panels import panels
from depsim.study.reading import Study, StudyArm
from tests.people import paper_arm, study

N = 40
DIGITS = {"task": "digits", "training__epochs": "60"}
TREATMENTS = ("none", "ketamine", "ssri", "neurosteroid")


def turned(arm: StudyArm, metric: str = "treated/internal_noise_2.5") -> StudyArm:
    """The arm with this accuracy the other way round, around 50 %."""
    people = tuple(replace(p, metrics={**p.metrics, metric: 100 - p.metrics[metric]}) for p in arm.individuals)
    return replace(arm, individuals=people)


def arms(n: int = N, turn: bool = False, **changed: str) -> list[StudyArm]:
    found = [paper_arm(treatment, n, **changed) for treatment in TREATMENTS]
    return [turned(arm) if turn and arm.treatment == "ketamine" else arm for arm in found]


def two_worlds(turn: bool = True, n: int = N) -> Study:
    longer = [replace(a, settings={**a.settings, "treatment.epochs": "300"}) if a.treatment == "ssri" else a
              for a in arms(n, turn, **DIGITS)]  # fmt: skip
    return study(*longer, *arms())


@pytest.fixture(scope="module")
def worlds() -> tuple[World, ...]:
    return generality(two_worlds())


def test_each_network_and_task_is_a_world_and_the_papers_comes_first(worlds: tuple[World, ...]) -> None:
    assert [each.name for each in worlds] == ["four_clusters, mlp", "digits, mlp"]
    (panel,) = panels(study(*arms()))
    assert [o.answer for o in worlds[0].orderings] == [o.answer for o in orderings(contrasts(panel))]


def test_what_is_turned_round_is_reversed_there_and_only_there(worlds: tuple[World, ...]) -> None:
    assert answers(worlds, ("extreme noise (sigma 2.5)", "ketamine", "ssri")) == ("holds", "reversed")
    assert answers(worlds, ("combined stress", "ketamine", "ssri")) == ("holds", "holds")


def test_a_condition_that_is_missing_or_has_several_settings_has_no_answer_there() -> None:
    key = ("combined stress", "neurosteroid on", "untreated")
    assert answers(generality(study(*arms(12), *arms(12, **DIGITS)[:3])), key) == ("holds",)
    settings = {"treatment__epochs": "50", **DIGITS}
    twice = generality(study(*arms(12), *arms(12, **DIGITS), paper_arm("ssri", 12, **settings)))
    assert "ssri" not in {condition.name for condition in twice[1].panel.conditions}


@pytest.mark.parametrize("changed", [{}, {"pathology__sparsity": "0.9"}])
def test_one_network_on_one_task_is_no_question(changed: dict[str, str]) -> None:
    assert generality(study(*arms(3), *(arms(3, **changed) if changed else []))) == ()


def test_the_larger_of_two_groups_with_one_network_and_task_counts() -> None:
    small = [paper_arm(treatment, 12, data="individual", **DIGITS) for treatment in TREATMENTS]
    assert [world.n for world in generality(study(*arms(14), *small, *arms(14, **DIGITS)))] == [14, 14]
