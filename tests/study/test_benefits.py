"""Effects on individuals: whether they would be there again, their slopes along traits, and a map of the best."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from depsim.statistics import contrast, holm, reliability, slopes
from depsim.study.benefits import BenefitMap, Benefits, benefits, differing, treated_arms
from depsim.study.reading import Study
from tests.diverse import LOSS, PLASTICITY, SENSITIVITY, diverse, traits
from tests.people import arm, study


def the_benefits(found: Study) -> Benefits:
    (own,) = benefits(found)
    return own


def the_map(found: Study) -> BenefitMap:
    own = the_benefits(found).map
    assert own is not None
    return own


def test_an_effect_is_treated_less_untreated_of_the_same_individual() -> None:
    found = diverse(40)
    own = the_benefits(found)
    assert [(one.arm.treatment, one.outcome.column) for one in own.effects] == [
        (drug, column) for drug in ("ketamine", "ssri", "neurosteroid") for column in ("combined", "resilience_auc")
    ]
    none, ketamine = found.arms[0], found.arms[1]
    expected = contrast(ketamine.values("treated/combined"), none.values("treated/combined"))
    assert own.effects[0].contrast == expected
    assert all(one.reliability is None for one in own.effects)


def test_reliability_is_that_of_effects_over_replicates_of_both_conditions() -> None:
    found = diverse(30, noise=4.0, replicates=3)
    (effect,) = (e for e in the_benefits(found).effects if (e.arm.treatment, e.outcome.column) == ("ssri", "combined"))
    assert effect.reliability is not None
    none, ssri = (next(arm for arm in found.arms if arm.treatment == name) for name in ("none", "ssri"))
    columns = []
    for number in range(3):
        own, other = ((a.individuals if not number else a.replicates[number - 1].individuals) for a in (ssri, none))
        columns.append(
            [o.metrics["treated/combined"] - n.metrics["treated/combined"] for o, n in zip(own, other, strict=True)]
        )
    expected = reliability(np.array(columns).T)
    assert expected is not None
    assert astuple(effect.reliability) == pytest.approx(astuple(expected))
    assert not effect.resampled
    assert effect.contrast.n == 30


def test_whoever_lacks_the_outcome_in_one_replicate_has_no_part_in_reliability() -> None:
    found = diverse(30, noise=4.0, replicates=2)
    ssri = next(arm for arm in found.arms if arm.treatment == "ssri")
    (again,) = ssri.replicates
    gone = replace(again.individuals[4], metrics={**again.individuals[4].metrics, "treated/combined": np.nan})
    others = (*again.individuals[:4], *again.individuals[5:])
    without = [replace(ssri, replicates=(replace(again, individuals=own),)) for own in ((*others, gone), others)]
    lacking, missing = (the_benefits(study(*(own if arm is ssri else arm for arm in found.arms))) for own in without)
    told = [next(e for e in of.effects if (e.arm.treatment, e.outcome.column) == ("ssri", "combined"))
            for of in (lacking, missing)]  # fmt: skip
    assert told[0].reliability is not None
    assert told[0].reliability == told[1].reliability


def test_of_skewed_effects_the_interval_is_resampled() -> None:
    n = 40
    own = traits(n)
    tail = np.exp(1.5 * np.random.default_rng(3).normal(size=n))
    found = diverse(n, replicates=2, ketamine={"treated/combined": 30 + 10 * tail})
    (effect,) = (
        e for e in the_benefits(found).effects if (e.arm.treatment, e.outcome.column) == ("ketamine", "combined")
    )
    assert effect.resampled
    assert effect.reliability is not None
    again = np.array([effect.reliability.low, effect.reliability.high])
    assert 0 < again[0] < again[1] <= 1
    assert len(own[LOSS]) == effect.reliability.n


def test_slopes_are_per_standard_deviation_on_the_scale_that_traits_are_drawn_on() -> None:
    found = diverse(150)
    own = the_benefits(found)
    by = {(s.arm.treatment, s.outcome.column, s.trait): s for s in own.slopes}
    assert len(by) == len(own.slopes) == 3 * 2 * 3
    drawn = traits(150)
    scaled = np.array(
        [np.log(drawn[LOSS] / (1 - drawn[LOSS])), np.log(drawn[SENSITIVITY]), np.log(drawn[PLASTICITY])]
    ).T
    none, ketamine = found.arms[0], found.arms[1]
    expected = slopes(scaled, ketamine.values("treated/combined") - none.values("treated/combined"))
    own_slopes = [by["ketamine", "combined", t].slope for t in ("structural_loss", "stress_sensitivity", "plasticity")]
    assert tuple(slope and replace(slope, p_holm=None) for slope in own_slopes) == expected
    for key, truth in (
        (("ketamine", "combined", "structural_loss"), 4),
        (("neurosteroid", "resilience_auc", "structural_loss"), -4),
        (("ssri", "combined", "plasticity"), 3),
    ):
        slope = by[key].slope
        assert slope is not None
        assert slope.slope == pytest.approx(truth, abs=0.6)
        assert slope.p_holm is not None
        assert slope.p_holm < 0.001
    found = [each.slope for each in own.slopes]
    assert [each and each.p_holm for each in found] == holm([each and each.p for each in found])


def test_individuals_without_an_outcome_are_left_out_of_it() -> None:
    values = np.random.default_rng(0).normal(50, 3, 60)
    found = diverse(60, ketamine={"treated/combined": np.where(np.arange(60) < 20, np.nan, values)})
    own = the_benefits(found)
    assert [e.contrast.n for e in own.effects[:2]] == [40, 60]
    assert [s.slope.n for s in own.slopes[:4:3] if s.slope] == [40, 60]


def test_the_map_names_the_best_where_it_is_sure() -> None:
    own = the_map(diverse(160))
    assert len(own.cells) == 4
    assert [len(own.rows), len(own.columns), own.n] == [3, 3, 160]
    for cell in own.cells:
        assert cell.best is not None
        assert cell.best.treatment == ("neurosteroid", "ketamine")[cell.column]
        assert len(cell.may_be_best) == (1 if cell.n >= 30 else 0)
    assert sum(cell.n for cell in own.cells) == 160
    drawn = traits(160)
    assert own.columns[1] == pytest.approx(np.median(drawn[LOSS]))
    assert (own.rows[0], own.rows[-1]) == (drawn[SENSITIVITY].min(), drawn[SENSITIVITY].max())


def test_where_treatments_are_alike_all_may_be_the_best() -> None:
    alike = np.random.default_rng(8).normal(80, 2, (3, 160))
    drugs = zip(("ketamine", "ssri", "neurosteroid"), alike, strict=True)
    own = the_map(diverse(160, **{drug: {"treated/resilience_auc": values} for drug, values in drugs}))
    undecided = [cell for cell in own.cells if len(cell.may_be_best) > 1]
    assert len(undecided) >= 3
    assert all(cell.best in cell.may_be_best for cell in undecided)


def test_a_cell_of_fewer_than_thirty_names_nobody_surely() -> None:
    own = the_map(diverse(160, seed=4))
    small = diverse(161, seed=4)
    assert all((cell.n >= 30) == bool(cell.may_be_best) for cell in (*own.cells, *the_map(small).cells))


def test_whoever_lies_between_two_cells_belongs_to_the_upper_one() -> None:
    own = the_map(diverse(161))  # one individual is at each median
    assert sum(cell.n for cell in own.cells if cell.row == 1) == sum(cell.n for cell in own.cells if cell.column == 1)
    assert sum(cell.n for cell in own.cells if cell.row == 1) == 81


@pytest.mark.parametrize(("n", "cells"), [(159, 0), (160, 4), (359, 4), (360, 9), (2_000, 16)])
def test_cells_have_forty_individuals_on_average_and_are_sixteen_at_most(n: int, cells: int) -> None:
    own = the_benefits(diverse(n)).map
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
    plain = diverse(30, replicates=2, **dict.fromkeys(("none", "ketamine", "ssri", "neurosteroid"), typical))
    own = the_benefits(plain)
    assert own.slopes == ()
    assert own.map is None
    assert [e.reliability for e in own.effects] == [e.reliability for e in the_benefits(found).effects]


def test_a_trait_that_all_have_alike_is_none() -> None:
    found = diverse(30, none={PLASTICITY: np.full(30, 1.0)})
    assert differing(found.arms[0]) == ("structural_loss", "stress_sensitivity")
    (group,) = found.groups()
    assert [arm.treatment for arm in treated_arms(group)] == ["ketamine", "ssri", "neurosteroid"]


def test_where_nobody_benefits_from_anything_along_a_trait_hardly_a_slope_is_told() -> None:
    told = 0
    for seed in range(40):
        noise = np.random.default_rng(1_000 + seed).normal(60, 3, (4, 2, 100))
        flat = {
            name: {"treated/combined": own[0], "treated/resilience_auc": own[1]}
            for name, own in zip(("none", "ketamine", "ssri", "neurosteroid"), noise, strict=True)
        }
        told += any(s.slope and s.slope.beyond_chance for s in the_benefits(diverse(100, seed=seed, **flat)).slopes)
    assert told <= 6
