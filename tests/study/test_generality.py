"""The paper's orderings and claims on other networks and tasks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.statistics import detectable_difference
from depsim.study.claims import claims
from depsim.study.contrasts import contrasts, orderings
from depsim.study.generality import World, answers, generality, key_of, keys_of
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


def test_each_network_and_task_is_a_world_and_the_papers_comes_first() -> None:
    first, second = generality(two_worlds())
    assert (first.name, first.is_papers, first.n) == ("four_clusters, mlp", True, N)
    assert (second.name, second.is_papers, second.n) == ("digits, mlp", False, N)
    (panel,) = panels(study(*arms()))
    assert [o.answer for o in first.orderings] == [o.answer for o in orderings(contrasts(panel))]
    assert [c.name for c in second.panel.conditions] == [
        "untreated", "ketamine", "ssri", "neurosteroid on", "neurosteroid withdrawn",
    ]  # fmt: skip
    assert {one.claim.name for one in first.findings} <= {claim.name for claim in claims()}
    assert len(first.findings) > 30


def test_what_is_turned_round_is_reversed_there_and_only_there() -> None:
    worlds = generality(two_worlds())
    key = ("extreme noise (sigma 2.5)", "ketamine", "ssri")
    assert answers(worlds, key) == ("holds", "reversed")
    assert answers(worlds, ("combined stress", "ketamine", "ssri")) == ("holds", "holds")
    alike = generality(two_worlds(turn=False))
    assert {answers(alike, each) for each in keys_of(alike)} == {(one.answer, one.answer) for one in alike[0].orderings}


def test_few_individuals_say_too_few_where_they_are_few() -> None:
    worlds = generality(two_worlds(n=5))
    assert {own[1] for own in (answers(worlds, key) for key in keys_of(worlds))} == {"too few"}
    assert worlds[0].ordering(keys_of(worlds)[0]) is not None


def test_what_would_be_noticed_is_of_the_familys_size() -> None:
    world = generality(two_worlds())[1]
    one = world.orderings[0]
    contrast = one.pair.contrast
    expected = detectable_difference(contrast.difference.sd, contrast.n, len(contrasts(world.panel)))
    assert world.noticed(one) == expected


def test_a_condition_that_is_missing_somewhere_has_no_answer_there() -> None:
    worlds = generality(study(*arms(), *arms(**DIGITS)[:3]))
    key = ("combined stress", "neurosteroid on", "untreated")
    found = next(key_of(o) for o in worlds[0].orderings if "neurosteroid on" in key_of(o))
    assert len(answers(worlds, found)) == 1
    assert worlds[1].ordering(key) is None


def test_several_settings_of_one_treatment_are_left_out() -> None:
    twice = replace(paper_arm("ssri", N, **DIGITS), arm_key="other", settings={
        **paper_arm("ssri", N, **DIGITS).settings, "treatment.epochs": "50",
    })  # fmt: skip
    worlds = generality(study(*arms(), *arms(**DIGITS), twice))
    assert "ssri" not in {condition.name for condition in worlds[1].panel.conditions}


@pytest.mark.parametrize("changed", [{}, {"pathology__sparsity": "0.9"}])
def test_one_network_on_one_task_is_no_question(changed: dict[str, str]) -> None:
    assert generality(study(*arms(), *(arms(**changed) if changed else []))) == ()


def test_the_larger_of_two_groups_with_one_network_and_task_counts() -> None:
    small = [paper_arm(treatment, 12, data="individual", **DIGITS) for treatment in TREATMENTS]
    worlds = generality(study(*arms(), *small, *arms(**DIGITS)))
    assert [world.n for world in worlds] == [N, N]
    assert isinstance(worlds[0], World)
    assert np.isfinite([world.noticed(world.orderings[0]) or np.nan for world in worlds]).all()
