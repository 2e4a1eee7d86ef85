"""Multiverses of known effects: shares, where orders do not hold, and what decides come out."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pytest

from depsim.search.points import sobol_shares
from depsim.statistics import proportion
from depsim.study.analyses import multiverse as module
from depsim.study.analyses.multiverse import Ordering, arm_pairs, orderings
from depsim.study.main_effects import FEWEST_POINTS, MainEffects, main_effects
from depsim.study.multiverse import multiverse_of_runs, parse_seeds
from depsim.study.reading import Study
from tests.multiverses import PAPERS, SPACE, Effect, multiverse_of

LEVELS = {"untreated": 30.0, "ketamine": 80.0, "ssri": 45.0, "placebo of ketamine": 66.0, "placebo of ssri": 45.0}
RATE = "ssri.learning_rate"


def reversed_above(bound: float) -> Effect:
    """Ketamine is 35 points better, and 5 worse where the SSRI's learning rate lies above a place of its range."""
    return lambda arm, at, _: LEVELS[arm] + 40.0 * (arm == "ssri" and at[RATE] > bound)


def noise(arm: str, at: Mapping[str, float], draw: np.random.Generator) -> float:
    """Nothing but chance."""
    return 50.0 + 3.0 * float(draw.normal())


def named(study: Study, a: str, b: str, outcome: str = "internal_noise_2.5") -> Ordering:
    (ordering,) = [o for o in orderings(study) if (o.a, o.b, o.outcome) == (a, b, outcome)]
    return ordering


@pytest.fixture(scope="module")
def known() -> Study:
    return multiverse_of(32, reversed_above(0.75))


def test_the_share_of_points_is_that_of_the_made_world(known: Study) -> None:
    ordering = named(known, "ketamine", "ssri")
    multiverse = known.multiverse
    assert multiverse is not None
    places = [SPACE[RATE].place(texts[RATE]) for texts in multiverse.settings.values()]
    count = sum(place <= 0.75 for place in places)
    row, wilson = ordering.row(), proportion(np.array([place <= 0.75 for place in places]))
    assert (row.n, row.more["count"]) == (32, count)
    assert (row.value, row.low, row.high) == tuple(100 * np.array([wilson.share, wilson.low, wilson.high]))
    assert row.more["relevant"] == row.value, "35 points matter"
    assert (row.more["paper"], row.more["median"], row.more["lowest"]) == (35.0, 35.0, -5.0)
    drug = named(known, "ketamine", "placebo of ketamine").row()
    assert (drug.value, drug.more["why"], drug.more["relevant"]) == (100.0, "treated", 100.0)
    equal = named(known, "ssri", "placebo of ssri").row()
    assert equal.value == 100 * (1 - count / 32), "a tie is no better"


def test_which_arm_is_expected_to_be_better_is_published_or_the_one_with_the_ingredient(known: Study) -> None:
    every = {(o.a, o.b, o.outcome): o.why for o in orderings(known)}
    assert every["ketamine", "ssri", "relapse_drop"] == "published", "of which less is better"
    assert every["ssri", "placebo of ssri", "combined"] == "treated"
    assert len(every) == 12
    assert [pair.b for pair in arm_pairs(known.multiverse)] == ["ssri", "placebo of ketamine", "placebo of ssri"]  # type: ignore[arg-type]


@pytest.mark.parametrize(("fails_above", "bound"), [(0.75, 2 / 3), (0.6, 2 / 3), (-0.25, 1 / 3)])
def test_where_an_order_does_not_hold_is_counted_in_an_end_of_the_setting_that_stands_out(
    fails_above: float, bound: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def effect(arm: str, at: Mapping[str, float], _draw: np.random.Generator) -> float:
        fails = at[RATE] > fails_above if fails_above > 0 else at[RATE] < -fails_above
        return LEVELS[arm] + 40.0 * (arm == "ssri" and fails)

    ordering = named(multiverse_of(48, effect), "ketamine", "ssri")
    place = ordering.keys.index(RATE)
    monkeypatch.setattr(module, "main_effects", lambda *_: MainEffects(*[np.zeros(6)] * 3, place))
    third = ordering.where_not
    assert third is not None
    column = ordering.places[:, place]
    inside = column >= bound if bound > 0.5 else column <= bound
    fails = column > fails_above if fails_above > 0 else column < -fails_above
    assert (third.setting, third.bound, third.sets, third.others) == (place, bound, inside.sum(), 48 - inside.sum())
    assert (third.fails, third.others_fail) == ((inside & fails).sum(), (~inside & fails).sum())


def test_nothing_is_counted_where_an_order_holds_everywhere_or_no_setting_stands_out(
    known: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pair, deciding in ((("ketamine", "placebo of ketamine"), 0), (("ketamine", "ssri"), None)):
        ordering = named(known, *pair)
        monkeypatch.setattr(module, "main_effects", lambda *_, at=deciding: MainEffects(*[np.zeros(6)] * 3, at))
        assert ordering.where_not is None


def test_only_settings_that_an_arm_has_can_decide_about_it(known: Study) -> None:
    keys = named(known, "ketamine", "placebo of ketamine").keys
    assert set(SPACE) - set(keys) == {"ssri.epochs", RATE}
    assert set(named(known, "ketamine", "ssri").keys) == set(SPACE)


def test_nothing_decides_below_sixty_points_with_one_setting_or_equal_effects() -> None:
    places = sobol_shares(FEWEST_POINTS, 3)
    few = FEWEST_POINTS - 1
    assert main_effects(places[:few], places[:few, 0]) is None
    assert main_effects(places[:, :1], places[:, 0]) is None
    assert main_effects(places, np.ones(FEWEST_POINTS)) is None


@pytest.mark.slow
def test_shares_are_the_sobol_indices_of_a_known_function_and_chance_decides_nothing() -> None:
    places, draw = sobol_shares(96, 4), np.random.default_rng(3)
    weights = np.array([4.0, 2.0, 0.0, 0.0])
    made = main_effects(places, places @ weights, resamples=4)
    assert made is not None
    assert made.shares == pytest.approx(weights**2 / (weights**2).sum(), abs=0.1)
    assert made.deciding == 0
    nothing = main_effects(places, draw.normal(size=96), resamples=4)
    assert nothing is not None
    assert nothing.deciding is None


def test_a_store_gives_the_points_back_with_all_individuals_of_each() -> None:
    def run(point: int, arm: str, seeds: str, key: str) -> SimpleNamespace:
        tags = {"depsim.point": str(point), "depsim.arm": arm, "depsim.arm_key": key}
        return SimpleNamespace(data=SimpleNamespace(tags=tags, params={"cohort.seeds": seeds, "point.a.b": str(point)}))

    runs = [run(0, "ssri", "5,10005", "k0"), run(1, "ssri", "6", "k1"), run(1, "ssri", "6,10006", "k1")]
    runs.append(SimpleNamespace(data=SimpleNamespace(tags={}, params={})))
    multiverse = multiverse_of_runs({"space": {"a.b": {"low": 0, "high": 1}}}, runs)
    assert multiverse is not None
    assert {point: own.seeds for point, own in multiverse.at("ssri").items()} == {0: (5, 10005), 1: (6, 10006)}
    assert multiverse.settings == {0: {"a.b": "0"}, 1: {"a.b": "1"}}
    assert multiverse_of_runs({}, runs) is None
    assert parse_seeds("1-3,7") == (1, 2, 3, 7)
    assert set(PAPERS) == set(SPACE)
