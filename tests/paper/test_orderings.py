"""The paper's order of treatments, on its own network and task and on others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.paper.orderings import World, orderings, worlds
from depsim.statistics import holm
from depsim.study.estimate import Estimate
from tests.people import arm, paper_arm, paper_study, study
from tests.studies_claimed import DIGITS, TREATMENTS, paper_arms, two_worlds


def verdicts(made: tuple[World, ...], column: str, a: str, b: str) -> list[str | None]:
    rows = [row for world in made for row in orderings(world)]
    return [row.verdict for row in rows if (row.of("outcome"), row.of("a"), row.of("b")) == (column, a, b)]


def only(rows: tuple[Estimate, ...], column: str) -> Estimate:
    (row,) = (row for row in rows if row.of("outcome") == column)
    return row


def test_fifteen_of_the_papers_23_orders_are_of_two_treatments() -> None:
    (world,) = worlds(paper_study(12))
    rows = orderings(world)
    assert (len(rows), sum(bool(row.more["between_drugs"]) for row in rows)) == (23, 15)
    assert {row.of("b") for row in rows if not row.more["between_drugs"]} == {"untreated"}
    assert only(tuple(r for r in rows if (r.of("a"), r.of("b")) == ("ketamine", "ssri")), "combined").more[
        "published"] == 13.4  # fmt: skip


def test_each_network_and_task_is_a_world_and_the_papers_comes_first() -> None:
    made = worlds(two_worlds())
    assert [world.name for world in made] == ["four clusters, mlp", "digits, mlp"]
    (alone,) = worlds(study(*paper_arms(40)))
    assert [row.verdict for row in orderings(made[0])] == [row.verdict for row in orderings(alone)]


def test_what_is_turned_round_is_reversed_there_and_only_there() -> None:
    made = worlds(two_worlds(n=16))
    assert verdicts(made, "internal_noise_2.5", "ketamine", "ssri") == ["yes", "no"]
    assert verdicts(made, "combined", "ketamine", "ssri") == ["yes", "yes"]


def test_a_condition_that_is_missing_or_has_several_settings_has_no_answer_there() -> None:
    key = ("combined", "neurosteroid on", "untreated")
    assert verdicts(worlds(study(*paper_arms(12), *paper_arms(12, **DIGITS)[:3])), *key) == ["yes"]
    settings = {"treatment__epochs": "50", **DIGITS}
    twice = worlds(study(*paper_arms(12), *paper_arms(12, **DIGITS), paper_arm("ssri", 12, **settings)))
    assert "ssri" not in twice[1].named


def test_the_larger_of_two_groups_with_one_network_and_task_counts() -> None:
    small = [paper_arm(treatment, 12, data="individual", **DIGITS) for treatment in TREATMENTS]
    assert [world.n for world in worlds(study(*paper_arms(14), *small, *paper_arms(14, **DIGITS)))] == [14, 14]


def test_an_order_is_decided_by_the_adjusted_p() -> None:
    base = np.linspace(0, 1, 20)
    mostly = np.where(np.arange(20) < 15, 1.0, -1.0)  # 15 of 20 signs: p = 0.041 alone
    other = {"treated/combined": 80 + base, "treated/internal_noise_2.5": 50 + base, "relapse_drop": base}
    one = {**other, "treated/combined": 80 + base + mostly}
    (world,) = worlds(study(arm("ketamine", one), arm("ssri", other)))
    row = only(orderings(world), "combined")
    assert row.p == pytest.approx(0.0414, abs=0.004)
    assert (row.p_holm, row.verdict) == (pytest.approx(holm([row.p, 1.0, 1.0])[0]), "undecided")


def test_where_no_difference_could_be_established_there_are_too_few() -> None:
    # 2 ** -9 times 33 is above 0.05, 2 ** -10 times 33 below.
    few, enough = (worlds(paper_study(n))[0] for n in (10, 11))
    assert {row.verdict for row in orderings(few)} == {"too few"}
    assert "too few" not in {row.verdict for row in orderings(enough)}


def test_one_individual_is_put_in_order_without_a_verdict() -> None:
    (world,) = worlds(paper_study(1))
    assert {row.verdict for row in orderings(world)} == {"too few"}
    assert all(row.value is not None for row in orderings(world))


def test_nothing_of_the_papers_is_no_world() -> None:
    assert worlds(study(paper_arm("ssri", 3))) == ()
    assert worlds(study(arm("light", {"treated/combined": [1.0]}), arm("dark", {"treated/combined": [1.0]}))) == ()
    renamed = [replace(arm, model="mlp_wide") for arm in paper_arms(12)]
    assert [world.name for world in worlds(study(*renamed))] == ["four clusters, mlp wide"]
