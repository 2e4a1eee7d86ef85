from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import holm
from depsim.study.contrasts import Pair, contrasts, orderings
from depsim.study.panels import panels
from depsim.study.precision import precision
from depsim.study.reading import Study
from tests.people import arm, paper_arm, paper_study, study, without


def pairs_of(found: Study) -> tuple[Pair, ...]:
    (panel,) = panels(found)
    return contrasts(panel)


def pick(pairs: tuple[Pair, ...], column: str, a: str, b: str) -> Pair:
    return next(pair for pair in pairs if (pair.outcome.column, pair.a, pair.b) == (column, a, b))


def test_the_family_is_every_pair_on_every_primary_outcome() -> None:
    pairs = pairs_of(paper_study(12))
    assert len(pairs) == 3 * 10 + 3  # nobody relapses from a withdrawn drug, and untreated ones are at the floor
    drops = {(pair.a, pair.b) for pair in pairs if pair.outcome.column == "relapse_drop"}
    assert drops == {("ketamine", "ssri"), ("ketamine", "neurosteroid on"), ("ssri", "neurosteroid on")}
    assert {pair.b for pair in pairs if "untreated" in (pair.a, pair.b)} == {"untreated"}
    assert all((pair.equivalence is None) is (pair.b == "untreated") for pair in pairs)  # nobody asks
    assert [pair.contrast.p_holm for pair in pairs] == holm([pair.contrast.p for pair in pairs])


def test_an_arm_with_two_names_is_not_contrasted_with_itself() -> None:
    none, ketamine, ssri = (paper_arm(name, 12) for name in ("none", "ketamine", "ssri"))
    same = replace(ssri, individuals=none.individuals, arm_key=none.arm_key)
    pairs = {(pair.a, pair.b) for pair in pairs_of(study(none, ketamine, same))}
    assert pairs == {("ketamine", "untreated"), ("ketamine", "ssri")}


def test_a_contrast_agrees_with_a_few_lines_of_scipy() -> None:
    found = paper_study(30)
    pair = pick(pairs_of(found), "combined", "ketamine", "ssri")
    arms = {a.treatment: a.values("treated/combined") for a in found.arms}
    differences = arms["ketamine"] - arms["ssri"]
    assert pair.contrast.n == 30
    assert pair.contrast.difference.mean == pytest.approx(differences.mean())
    assert pair.contrast.d_z == pytest.approx(differences.mean() / differences.std(ddof=1))
    margin = min(2.0, 0.25 * (98.09 - arms["ketamine"].mean()))  # of the room below the ceiling of combined stress
    both = [
        stats.ttest_1samp(differences + side * margin, 0, alternative=way).pvalue
        for side, way in ((1, "greater"), (-1, "less"))
    ]
    assert pair.equivalence is not None
    assert pair.equivalence.within == pytest.approx(max(both))


def test_those_who_have_both_values_are_paired_and_the_others_counted() -> None:
    found = study(without(paper_arm("none", 10), 0, 1), without(paper_arm("ssri", 10), 9))
    pair = pick(pairs_of(found), "combined", "ssri", "untreated")
    assert pair.seeds == tuple(range(2, 9))
    assert (pair.contrast.n, pair.left_out) == (7, 3)
    untreated, ssri = (dict(zip(a.seeds, a.values("treated/combined"), strict=True)) for a in found.arms)
    assert pair.differences == pytest.approx([ssri[seed] - untreated[seed] for seed in pair.seeds])
    one, other = {"treated/combined": [90.0, np.nan, 92.0]}, {"treated/combined": [80.0, 81.0, 82.0]}
    (pair,) = pairs_of(study(arm("ketamine", one), arm("ssri", other)))
    assert (pair.seeds, pair.left_out) == ((0, 2), 1)
    assert pairs_of(study(paper_arm("none", 3), paper_arm("ssri", 3, first_seed=5))) == ()


def test_two_settings_of_one_value_are_equivalent_and_one_individual_decides_nothing() -> None:
    same = {"treated/combined": [*np.linspace(90, 92, 10)]}
    (pair,) = pairs_of(study(arm("ketamine", same), arm("ssri", same)))
    assert (pair.contrast.p, pair.contrast.p_holm, pair.contrast.d_z) == (1.0, 1.0, None)
    assert pair.as_good == "equivalent"
    (alone,) = pairs_of(study(arm("ketamine", {"treated/combined": [90.0]}), arm("ssri", {"treated/combined": [80.0]})))
    assert (alone.contrast.p_holm, alone.contrast.difference.interval, alone.as_good) == (None, None, None)
    (known,) = precision([alone])
    assert (known.half_width, known.needed, known.more) == (None, None, None)


def test_near_the_ceiling_two_points_are_no_longer_as_good() -> None:
    # R7: with 98.1 as the limit, 97.8 and 96.4 lie within two points of each other and far apart all the same.
    near, far = 97.8 + np.linspace(-0.1, 0.1, 30), 96.4 + np.linspace(-0.1, 0.1, 30)
    (pair,) = pairs_of(study(arm("ketamine", {"treated/combined": near}), arm("ssri", {"treated/combined": far})))
    assert pair.equivalence is not None
    assert (round(pair.equivalence.margin, 9), pair.as_good) == (0.2, "different")


def test_the_margin_is_by_the_better_one_whatever_the_order_and_of_a_drop_as_declared() -> None:
    low = {"treated/internal_noise_2.5": 40 + np.linspace(0, 1, 20), "relapse_drop": 8 + np.linspace(0, 1, 20)}
    high = {"treated/internal_noise_2.5": 84 + np.linspace(0, 1, 20), "relapse_drop": 1 + np.linspace(0, 1, 20)}
    for one, other in ((low, high), (high, low)):
        found = {pair.outcome.column: pair for pair in pairs_of(study(arm("ketamine", one), arm("ssri", other)))}
        margins = {column: pair.equivalence.margin for column, pair in found.items() if pair.equivalence}
        assert margins == pytest.approx({"internal_noise_2.5": 0.25 * 15.5, "relapse_drop": 2.0})


def test_being_as_good_is_adjusted_over_all_pairs_that_are_asked_about() -> None:
    pairs = [pair for pair in pairs_of(paper_study(40)) if pair.equivalence is not None]
    adjusted = holm([pair.equivalence.within for pair in pairs if pair.equivalence])
    assert [pair.as_good == "equivalent" for pair in pairs] == [p is not None and p < 0.05 for p in adjusted]
    assert {pair.as_good for pair in pairs} == {"equivalent", "different", "undecided"}


def test_an_order_is_decided_by_the_adjusted_p() -> None:
    base = np.linspace(0, 1, 20)
    mostly = np.where(np.arange(20) < 15, 1.0, -1.0)  # 15 of 20 signs: p = 0.041 alone
    other = {"treated/combined": 80 + base, "treated/internal_noise_2.5": 50 + base, "relapse_drop": base}
    one = {**other, "treated/combined": 80 + base + mostly}
    pairs = pairs_of(study(arm("ketamine", one), arm("ssri", other)))
    (order,) = (found for found in orderings(pairs) if found.pair.outcome.column == "combined")
    assert order.pair.contrast.p == pytest.approx(0.0414, abs=0.004)
    assert order.pair.contrast.p_holm == pytest.approx(3 * order.pair.contrast.p)
    assert order.answer == "undecided"


def test_where_no_difference_could_be_significant_there_are_too_few() -> None:
    assert {order.answer for order in orderings(pairs_of(paper_study(10)))} == {"too few"}
    assert "too few" not in {order.answer for order in orderings(pairs_of(paper_study(11)))}


def test_precision_says_how_many_more_are_needed() -> None:
    found = precision(pairs_of(paper_study(10)))
    one = next(p for p in found if (p.pair.outcome.column, p.pair.a, p.pair.b) == ("combined", "ketamine", "ssri"))
    sd = one.pair.differences.std(ddof=1)
    assert one.half_width == pytest.approx(stats.t.ppf(0.975, 9) * sd / np.sqrt(10))
    sizes = np.arange(2, 2_000)
    widths = stats.t.ppf(0.975, sizes - 1) * sd / np.sqrt(sizes)
    limit = np.sqrt(9 / stats.chi2.ppf(0.2, 9))  # of the standard deviation, upwards
    assert one.needed == sizes[widths * limit <= 1][0]
    assert one.more == one.needed - 10


def test_below_ten_individuals_nobody_is_told_how_many_more_are_needed_or_what_is_as_good() -> None:
    few, enough = pairs_of(paper_study(9)), pairs_of(paper_study(10))
    assert {one.needed for one in precision(few)} == {None}
    assert {pair.as_good for pair in few} == {None}
    assert None not in {one.needed for one in precision(enough)}
    assert {pair.as_good for pair in enough if pair.equivalence} != {None}
