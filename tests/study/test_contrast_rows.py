"""Paired differences of conditions as rows: who is paired, one family of tests, and what is as good as what."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import holm
from depsim.statistics.proportions import sign_test_p
from depsim.study.analyses.contrasts import all_pairs, contrasts, with_majorities
from depsim.study.estimate import Estimate
from depsim.study.groups import groups
from depsim.study.reading import Study
from tests.people import arm, paper_arm, paper_study, study, without


def rows_of(made: Study) -> tuple[Estimate, ...]:
    group, *_ = groups(made, ("treatment",))
    return contrasts(all_pairs(group))


def pick(rows: tuple[Estimate, ...], column: str, a: str, b: str) -> Estimate:
    return next(row for row in rows if (row.of("outcome"), row.of("a"), row.of("b")) == (column, a, b))


def test_the_family_is_every_pair_on_every_primary_outcome() -> None:
    rows = rows_of(paper_study(12))
    assert len(rows) == 3 * 10 + 3  # nobody relapses from a withdrawn drug, and untreated ones are at the floor
    drops = {frozenset((row.of("a"), row.of("b"))) for row in rows if row.of("outcome") == "relapse_drop"}
    assert drops == set(map(frozenset, combinations(("ketamine", "ssri", "neurosteroid on"), 2)))
    assert {row.of("b") for row in rows if "untreated" in (row.of("a"), row.of("b"))} == {"untreated"}
    assert all(("within_p" not in row.more) is (row.of("b") == "untreated") for row in rows)  # nobody asks
    assert [row.p_holm for row in rows] == holm([row.p for row in rows])
    assert {row.more["tests"] for row in rows} == {33}


def test_an_arm_with_two_names_is_not_contrasted_with_itself() -> None:
    none, ketamine, ssri = (paper_arm(name, 12) for name in ("none", "ketamine", "ssri"))
    same = replace(ssri, individuals=none.individuals, arm_key=none.arm_key)
    pairs = {frozenset((row.of("a"), row.of("b"))) for row in rows_of(study(none, ketamine, same))}
    assert len(pairs) == 1


def test_a_contrast_agrees_with_a_few_lines_of_scipy() -> None:
    made = paper_study(30)
    row = pick(rows_of(made), "combined", "ketamine", "ssri")
    arms = {a.treatment: a.values("treated/combined") for a in made.arms}
    differences = arms["ketamine"] - arms["ssri"]
    assert (row.n, row.value) == (30, pytest.approx(differences.mean()))
    assert row.interval == pytest.approx(stats.ttest_1samp(differences, 0.0).confidence_interval())
    assert row.more["d_z"] == pytest.approx(differences.mean() / differences.std(ddof=1))
    margin = min(2.0, 0.25 * (98.09 - arms["ketamine"].mean()))  # of the room below the ceiling of combined stress
    both = [
        stats.ttest_1samp(differences + side * margin, 0, alternative=way).pvalue
        for side, way in ((1, "greater"), (-1, "less"))
    ]
    assert row.more["margin"] == pytest.approx(margin)
    assert row.more["within_p"] == pytest.approx(max(both))


def test_those_who_have_both_values_are_paired_and_the_others_counted() -> None:
    made = study(without(paper_arm("none", 10), 0, 1), without(paper_arm("ssri", 10), 9))
    row = pick(rows_of(made), "combined", "ssri", "untreated")
    assert (row.n, row.more["left_out"]) == (7, 3)
    untreated, ssri = (dict(zip(a.seeds, a.values("treated/combined"), strict=True)) for a in made.arms)
    assert row.value == pytest.approx(np.mean([ssri[seed] - untreated[seed] for seed in range(2, 9)]))
    one, other = {"treated/combined": [90.0, np.nan, 92.0]}, {"treated/combined": [80.0, 81.0, 82.0]}
    (row,) = rows_of(study(arm("ketamine", one), arm("ssri", other)))
    assert (row.n, row.value, row.more["left_out"]) == (2, 10.0, 1)
    assert rows_of(study(paper_arm("none", 3), paper_arm("ssri", 3, first_seed=5))) == ()


def test_two_settings_of_one_value_are_as_good_and_one_individual_decides_nothing() -> None:
    same = {"treated/combined": [*np.linspace(90, 92, 10)]}
    (row,) = rows_of(study(arm("ketamine", same), arm("ssri", same)))
    assert (row.p, row.p_holm, row.more["d_z"], row.more["as_good"]) == (1.0, 1.0, None, "yes")
    (alone,) = rows_of(study(arm("ketamine", {"treated/combined": [90.0]}), arm("ssri", {"treated/combined": [80.0]})))
    assert (alone.value, alone.p_holm, alone.interval, alone.more["as_good"]) == (10.0, None, None, None)
    assert (alone.verdict, alone.more["half_width"], alone.more.get("needed")) == ("too few", None, None)


def test_near_the_ceiling_two_points_are_no_longer_as_good() -> None:
    # With 98.1 as the limit, 97.8 and 96.4 lie within two points of each other and far apart all the same.
    near, far = 97.8 + np.linspace(-0.1, 0.1, 30), 96.4 + np.linspace(-0.1, 0.1, 30)
    (row,) = rows_of(study(arm("ketamine", {"treated/combined": near}), arm("ssri", {"treated/combined": far})))
    assert (row.more["margin"], row.more["as_good"]) == (pytest.approx(0.232, abs=1e-3), "no")


def test_the_margin_is_of_the_better_one_whatever_the_order_and_of_a_drop_as_declared() -> None:
    low = {"treated/combined": 80 + np.linspace(0, 1, 20), "relapse_drop": 8 + np.linspace(0, 1, 20)}
    high = {"treated/combined": 96 + np.linspace(0, 1, 20), "relapse_drop": 4 + np.linspace(0, 1, 20)}
    for one, other in ((low, high), (high, low)):
        rows = rows_of(study(arm("ketamine", one), arm("ssri", other)))
        margins = {row.of("outcome"): row.more["margin"] for row in rows}
        assert margins == pytest.approx({"combined": 0.25 * (98.09 - 96.5), "relapse_drop": 2.0})


def test_being_as_good_is_adjusted_over_all_pairs_that_are_asked_about() -> None:
    rows = [row for row in rows_of(paper_study(40)) if "within_p" in row.more]
    adjusted = holm([float(str(row.more["within_p"])) for row in rows])
    assert [row.more["as_good"] == "yes" for row in rows] == [p is not None and p < 0.05 for p in adjusted]
    assert {row.more["as_good"] for row in rows} == {"yes", "no", "undecided"}


def test_it_is_known_how_well_a_difference_is_known_and_how_many_individuals_that_takes() -> None:
    made = paper_study(10)
    row = pick(rows_of(made), "internal_noise_2.5", "ssri", "untreated")
    arms = {a.treatment: a.values("treated/internal_noise_2.5") for a in made.arms}
    sd = (arms["ssri"] - arms["none"]).std(ddof=1)
    assert row.more["half_width"] == pytest.approx(stats.t.ppf(0.975, 9) * sd / np.sqrt(10))
    sizes = np.arange(2, 2_000)
    widths = stats.t.ppf(0.975, sizes - 1) * sd / np.sqrt(sizes) * np.sqrt(9 / stats.chi2.ppf(0.2, 9))
    assert row.more["margin"] == 5.0
    assert row.more["needed"] == sizes[widths <= 5.0][0]


def test_below_ten_individuals_nothing_is_as_good_and_nobody_knows_how_many_are_needed() -> None:
    few, enough = rows_of(paper_study(9)), rows_of(paper_study(10))
    assert {row.more.get("needed") for row in few} == {row.more["as_good"] for row in few} == {None}
    assert None not in {row.more["needed"] for row in enough}
    assert {row.more["as_good"] for row in enough if row.of("b") != "untreated"} != {None}


def test_whether_most_individuals_are_higher_is_adjusted_over_all_rows_and_judged_apart_from_the_mean() -> None:
    rows = rows_of(paper_study(20))
    adjusted = holm([None if (p := row.more["superiority_p"]) is None else float(str(p)) for row in rows])
    assert [row.more["superiority_p_holm"] for row in rows] == adjusted
    judged = {row.more["majority"] for row in rows}
    assert judged == {"yes", "undecided"}
    for row in rows:
        assert (row.more["majority"] == "yes") is (float(str(row.more["superiority_p_holm"])) <= 0.05)
    few = rows_of(paper_study(9))
    assert {row.more["majority"] for row in few} == {"too few"}


def test_single_individuals_who_collapse_do_not_hide_that_most_are_higher() -> None:
    high = np.linspace(96.0, 98.0, 100)
    collapsed = np.where(np.arange(100) < 6, 50.0, high + 0.5)
    row, *_ = rows_of(study(arm("ketamine", {"treated/combined": high}), arm("ssri", {"treated/combined": collapsed})))
    assert row.value is not None
    assert row.value > 0  # the mean of ketamine is higher
    assert (row.more["superiority"], row.more["majority"]) == (0.06, "yes")  # and the SSRI in 94 of 100


def test_where_neither_is_higher_more_often_few_studies_say_so() -> None:
    """Size over a family of three: at most 5 % of studies with exchangeable conditions name a majority."""
    draw, named = np.random.default_rng(7), 0
    for _ in range(1_000):
        values = draw.normal(90, 1, (3, 30))
        ps = [sign_test_p(values[a] - values[b]) for a, b in combinations(range(3), 2)]
        rows = with_majorities([Estimate({}, 30, 0.0, more={"superiority_p": p}) for p in ps])
        named += any(row.more["majority"] == "yes" for row in rows)
    assert 5 <= named <= 65  # at most 50 expected; as a sign test jumps it stays below its level
