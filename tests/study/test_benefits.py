"""Effects on individuals: whether they would be there again, their slopes along traits, and a map of the best."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from depsim.statistics import contrast, holm, reliability, slopes
from depsim.study import benefits as module
from depsim.study.benefits import BenefitMap, Benefits, Effect, benefits, differing
from depsim.study.reading import Study
from tests.diverse import LOSS, PLASTICITY, SENSITIVITY, diverse, traits
from tests.people import arm, study

DRUGS = ("ketamine", "ssri", "neurosteroid")


def the_benefits(found: Study) -> Benefits:
    (own,) = benefits(found)
    return own


def the_effect(found: Study, treatment: str) -> Effect:
    effects = (each for each in the_benefits(found).effects if each.outcome.column == "combined")
    return next(each for each in effects if each.arm.treatment == treatment)


def the_map(found: Study) -> BenefitMap:
    own = the_benefits(found).map
    assert own is not None
    return own


@pytest.mark.slow
def test_an_effect_is_treated_less_untreated_of_the_same_individual() -> None:
    found = diverse(40)
    none, ketamine = (each.values("treated/combined") for each in found.arms[:2])
    assert the_effect(found, "ketamine").contrast == contrast(ketamine, none)


def test_reliability_is_that_of_effects_over_replicates_of_both_conditions() -> None:
    found = diverse(30, noise=4.0, replicates=3)
    effect = the_effect(found, "ssri")
    none, ssri = (
        np.array([[each.metrics["treated/combined"] for each in people]
                  for people in (own.individuals, *(again.individuals for again in own.replicates))])
        for own in found.arms if own.treatment in ("none", "ssri")
    )  # fmt: skip
    expected = reliability((ssri - none).T)
    assert effect.reliability is not None
    assert expected is not None
    assert astuple(effect.reliability) == pytest.approx(astuple(expected))
    assert not effect.resampled


def test_whoever_lacks_the_outcome_in_one_replicate_has_no_part_in_reliability() -> None:
    found = diverse(30, noise=4.0, replicates=2)
    ssri = next(arm for arm in found.arms if arm.treatment == "ssri")
    (again,) = ssri.replicates
    gone = replace(again.individuals[4], metrics={**again.individuals[4].metrics, "treated/combined": np.nan})
    others = (*again.individuals[:4], *again.individuals[5:])
    without = [replace(ssri, replicates=(replace(again, individuals=own),)) for own in ((*others, gone), others)]
    lacking, missing = (
        the_effect(study(*(own if arm is ssri else arm for arm in found.arms)), "ssri").reliability for own in without
    )
    assert lacking is not None
    assert lacking == missing


def test_of_skewed_effects_the_interval_is_resampled() -> None:
    tail = np.exp(1.5 * np.random.default_rng(3).normal(size=40))
    effect = the_effect(diverse(40, replicates=2, ketamine={"treated/combined": 30 + 10 * tail}), "ketamine")
    assert effect.resampled
    assert effect.reliability is not None
    assert 0 < (effect.reliability.low or 0) < (effect.reliability.high or 0) <= 1


def test_slopes_are_per_standard_deviation_on_the_scale_that_traits_are_drawn_on() -> None:
    found, drawn = diverse(150), traits(150)
    own = [each.slope for each in the_benefits(found).slopes]
    scaled = [np.log(drawn[LOSS] / (1 - drawn[LOSS])), np.log(drawn[SENSITIVITY]), np.log(drawn[PLASTICITY])]
    none, ketamine = (each.values("treated/combined") for each in found.arms[:2])
    assert tuple(each and replace(each, p_holm=None) for each in own[:3]) == slopes(np.array(scaled).T, ketamine - none)
    assert [each and each.p_holm for each in own] == holm([each and each.p for each in own])


def test_individuals_without_an_outcome_are_left_out_of_it() -> None:
    values = np.random.default_rng(0).normal(50, 3, 60)
    found = diverse(60, ketamine={"treated/combined": np.where(np.arange(60) < 20, np.nan, values)})
    own = the_benefits(found)
    assert [e.contrast.n for e in own.effects[:2]] == [40, 60]
    assert [s.slope.n for s in own.slopes[:4:3] if s.slope] == [40, 60]


def test_where_treatments_are_alike_all_may_be_the_best() -> None:
    alike = np.random.default_rng(8).normal(80, 2, (3, 160))
    drugs = zip(DRUGS, alike, strict=True)
    own = the_map(diverse(160, **{drug: {"treated/resilience_auc": values} for drug, values in drugs}))
    undecided = [cell for cell in own.cells if len(cell.may_be_best) > 1]
    assert len(undecided) >= 3
    assert all(cell.best in cell.may_be_best for cell in undecided)


def test_whoever_lies_between_two_cells_belongs_to_the_upper_one() -> None:
    own = the_map(diverse(161))  # one individual is at each median
    assert sum(cell.n for cell in own.cells if cell.row == 1) == 81
    assert sum(cell.n for cell in own.cells if cell.column == 1) == 81


@pytest.mark.parametrize(("n", "surely"), [(29, 0), (30, 1)])
def test_a_cell_of_fewer_than_thirty_names_nobody_surely(n: int, surely: int) -> None:
    values = np.arange(n)[:, None] + np.array([0.0, 9.0])
    found = module._cell(0, 0, values, diverse(3).arms[:2], 4)
    assert (found.best is None, len(found.may_be_best)) == (False, surely)


@pytest.mark.parametrize(("n", "cells"), [(159, 0), (160, 4), (359, 4), (360, 9), (1_000, 16)])
def test_cells_have_forty_individuals_on_average_and_are_sixteen_at_most(
    n: int, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_cell", lambda *_: None)  # which takes long, and says who is best there
    own = module._map(diverse(n).arms[1:])
    assert (0 if own is None else len(own.cells)) == cells


def test_without_traits_and_replicates_nothing_is_asked_and_without_an_untreated_arm_neither() -> None:
    values = {"treated/combined": np.arange(30.0), "treated/resilience_auc": np.arange(30.0)}
    assert benefits(study(arm("none", values), arm("ketamine", values))) == ()
    found = diverse(30)
    assert benefits(study(*found.arms[1:])) == ()
    assert benefits(study(found.arms[0])) == ()


def test_replicates_alone_ask_for_effects_but_for_no_slopes() -> None:
    found = diverse(30, replicates=2)
    typical = {LOSS: np.full(30, np.nan), SENSITIVITY: np.full(30, np.nan), PLASTICITY: np.full(30, np.nan)}
    own = the_benefits(diverse(30, replicates=2, **dict.fromkeys(("none", *DRUGS), typical)))
    assert (own.slopes, own.map) == ((), None)
    assert [e.reliability for e in own.effects] == [e.reliability for e in the_benefits(found).effects]


def test_a_trait_that_all_have_alike_is_none() -> None:
    found = diverse(30, none={PLASTICITY: np.full(30, 1.0)})
    assert differing(found.arms[0]) == ("structural_loss", "stress_sensitivity")
