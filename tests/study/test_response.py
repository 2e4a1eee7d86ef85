"""Outcomes along a setting: which conditions make a line, and what its rows say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from depsim.study.analyses.response import SettingLine, ends, levels, lines, value_pairs
from depsim.study.estimate import Estimate
from depsim.study.reading import StudyArm
from tests.people import arm, study, without
from tests.studies_varied import along, case, criteria, damping, in_layers, pruning_levels

COMBINED = "treated/combined"


def only(*arms: StudyArm, key: str = "pathology.sparsity") -> SettingLine:
    (line,) = lines(study(*arms), key)
    return line


def by_level(rows: tuple[Estimate, ...], column: str = "combined") -> dict[str | float, Estimate]:
    return {row.key["x"]: row for row in rows if row.of("outcome") == column}


def sure(rows: tuple[Estimate, ...], column: str = "combined") -> list[object]:
    return [row.more.get("level") for row in by_level(rows, column).values()]


def test_a_line_is_one_treatment_at_one_stage_and_its_values_go_by_size() -> None:
    made = lines(pruning_levels(3), "pathology.sparsity")
    assert [line.name for line in made] == [
        "untreated", "ketamine", "ssri", "neurosteroid on", "neurosteroid withdrawn"
    ]  # fmt: skip
    assert {line.values for line in made} == {("0.5", "0.8", "0.9", "0.95", "0.99")}
    assert [line.name for line in lines(criteria(3), "treatment.regrow_fraction")] == [
        "ketamine, regrowth by gradient", "ketamine, random regrowth"
    ]  # fmt: skip
    assert [line.values for line in lines(in_layers(3, layer_1=1, everywhere=2, layer_2=3), "treatment.layers")] == [
        ("[1]", "[2]", "null")
    ]


def test_conditions_that_differ_in_anything_else_are_on_no_line() -> None:
    apart = [
        case("ketamine", 50, 3, pathology__sparsity="0.9", treatment__epochs="5"),
        case("ketamine", 60, 3, pathology__sparsity="0.95", treatment__epochs="6"),
    ]
    assert lines(study(*apart), "pathology.sparsity") == []
    assert lines(study(*along("ketamine", "pathology.sparsity", {"0.9": 50}, 3)), "pathology.sparsity") == []
    assert lines(study(arm("none", {}), arm("ssri", {})), "pathology.sparsity") == []
    people = [
        arm("none", {COMBINED: [1.0] * 3}, data=data, changed={"pathology.sparsity": level})
        for data in ("shared", "individual")
        for level in ("0.9", "0.95")
    ]
    assert [(line.name, len(line.values)) for line in lines(study(*people), "pathology.sparsity")] == [
        ("untreated, shared data", 2), ("untreated, individual data", 2)
    ]  # fmt: skip


def test_a_choice_takes_its_own_settings_with_it() -> None:
    ill, healthy = arm("none", {COMBINED: [1.0]}), arm("none", {COMBINED: [2.0]}, changed={"pathology": "healthy"})
    settings = {key: value for key, value in healthy.settings.items() if not key.startswith("pathology.")}
    line = only(ill, replace(healthy, settings=settings), key="pathology")
    assert line.values == ("healthy", "overpruning")
    weaker = arm("none", {COMBINED: [3.0]}, changed={"pathology.sparsity": "0.5"})
    assert lines(study(ill, weaker, replace(healthy, settings=settings)), "pathology") == [], "two of one choice"


def test_every_level_has_its_mean_and_its_difference_from_the_best_one() -> None:
    rows = levels([only(*along("ketamine", "pathology.sparsity", {"0.5": 90, "0.9": 89, "0.95": 85}))])
    assert {row.of("outcome") for row in rows} == {"combined", "internal_noise_2.5", "resilience_auc", "relapse_drop"}
    of_level = by_level(rows)
    assert [row.value for row in of_level.values()] == pytest.approx([90, 89, 85])
    assert [row.more["from_best"] for row in of_level.values()] == pytest.approx([0, -1, -5])
    assert sure(rows) == ["within", "within", "beyond"]  # of 2 points
    assert sure(rows, "internal_noise_2.5") == ["within", "within", "undecided"]  # of 5, and 5 off
    best, low, high = (of_level[0.9].more[name] for name in ("from_best", "from_best_low", "from_best_high"))
    assert low < best < high < 0
    drops = by_level(rows, "relapse_drop")
    assert [row.more["from_best"] for row in drops.values()] == pytest.approx([-0.5, -0.4, 0])  # less is better

    steep = levels([only(*along("ketamine", "pathology.sparsity", {"0.5": 90, "0.9": 60}))])
    assert sure(steep, "relapse_drop") == ["beyond", "within"]
    assert sure(steep) == ["within", "beyond"]


def test_untreated_individuals_have_no_part_in_the_relapse_drop() -> None:
    rows = levels([only(*along("none", "pathology.sparsity", {"0.5": 90, "0.9": 80}))])
    assert "relapse_drop" not in {row.of("outcome") for row in rows}


def test_a_few_individuals_have_means_and_no_band() -> None:
    for n, interval in ((1, False), (2, False), (9, True)):
        rows = levels([only(*along("ketamine", "pathology.sparsity", {"0.5": 90, "0.9": 80}, n))])
        assert sure(rows) == [None, None]
        assert {row.interval is not None for row in rows} == {interval}


def test_bands_are_of_those_who_have_all_levels_and_means_of_everyone() -> None:
    first, other = along("ketamine", "pathology.sparsity", {"0.5": 90, "0.9": 80})
    line = only(without(first, 1, 2), other)
    assert [row.n for row in by_level(levels([line])).values()] == [10, 12]
    assert line.paired("combined").shape == (10, 2)
    nobody = only(without(first, *range(6)), without(other, *range(6, 12)))
    assert "from_best" not in by_level(levels([nobody]))[0.5].more


@pytest.mark.parametrize("n", [20, 200])
def test_more_individuals_do_not_move_the_border(n: int) -> None:
    """A line that falls by half a point at each of ten steps: within 2 points are four steps, at 20 as at 200."""
    means = {f"0.{level:02d}": 90 - 0.5 * level for level in range(10, 21)}
    line = only(*(case("ssri", mean, n, 0.02, pathology__sparsity=value) for value, mean in means.items()))
    rows = levels([line], ["combined"])
    assert sure(rows) == ["within"] * 4 + ["undecided"] + ["beyond"] * 6


def test_ends_are_the_last_value_less_the_first_in_one_family() -> None:
    rows = ends(lines(pruning_levels(), "pathology.sparsity"))
    assert len(rows) == 5 * 3 + 3  # no relapse drop of untreated ones, or without the drug
    untreated = next(row for row in rows if row.of("how") == "untreated" and row.of("outcome") == "combined")
    assert (untreated.of("a"), untreated.of("b")) == ("untreated, 99 % pruned", "untreated, 50 % pruned")
    assert untreated.value == pytest.approx(30.04 - 94.12, abs=0.02)
    assert untreated.p == 2 / 2**12
    assert untreated.p_holm == pytest.approx(18 * 2 / 2**12)


def test_values_are_compared_with_each_other_or_with_their_reference() -> None:
    key = "pathology.criterion"
    pairs = value_pairs([only(*along("ketamine", key, {"magnitude": 80, "random": 90, "gradient": 85}), key=key)])
    assert [(pair.a.arm.settings[key], pair.b.arm.settings[key]) for pair in pairs] == [
        ("gradient", "magnitude"), ("gradient", "random"), ("magnitude", "random")
    ]  # fmt: skip
    layers = value_pairs(lines(in_layers(3, everywhere=90, layer_1=70, layer_2=80), "treatment.layers"))
    assert [(pair.a.name, pair.b.name) for pair in layers] == [
        ("ketamine, layer 1", "ketamine, all layers"), ("ketamine, layer 2", "ketamine, all layers")
    ]  # fmt: skip
    both = value_pairs(lines(damping(3), "treatment.bounded"))
    assert [pair.a.stage == pair.b.stage for pair in both] == [True] * 12
