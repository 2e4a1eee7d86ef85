"""How much of what regrew is what mattered, against drawing synapses at random."""

from __future__ import annotations

import pytest
from scipy.stats import hypergeom

from depsim.study.analyses.layers import layer_sizes, overlap_rows, random_interval, sparsity_rows
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition
from depsim.study.reading import StudyArm
from tests.people import arm
from tests.studies_course import by_lot


def overlaps(made: StudyArm) -> tuple[Estimate, ...]:
    return overlap_rows(Condition("ketamine", made))


def test_regrowth_at_random_lies_within_its_interval_which_has_the_planted_width() -> None:
    rows = overlaps(by_lot())
    assert len(rows) == 2 * 3
    for row in rows:
        assert row.more["above"] + row.more["below"] < 0.1 * 200, row  # type: ignore[operator]
        assert row.more["difference_low"] - 0.5 < 0 < row.more["difference_high"] + 0.5  # type: ignore[operator]
    assert [row.more["beyond"] for row in rows] == [None] * 6


def test_overlap_beyond_the_expectation_is_counted_person_by_person() -> None:
    sizes = {"model.hidden": "[10]", "task.centres": "[[0, 0], [1, 1]]"}  # layers of 20 and 20 synapses
    values = {
        "healthy/sparsity/layer_1": [0.0] * 3,
        "depressed/sparsity/layer_1": [100.0] * 3,
        "treated/sparsity/layer_1": [75.0] * 3,
        "regrowth/restored_chance/layer_1": [25.0] * 3,  # five of twenty regrown
        "regrowth/restored/layer_1": [100.0, 20.0, 60.0],
    }
    (row,) = overlaps(arm("ketamine", values, changed=sizes))
    low, high = hypergeom.ppf([0.025, 0.975], 20, 5, 5) / 5 * 100
    assert (row.more["expected_low"], row.more["expected_high"]) == pytest.approx((low, high)) == (0.0, 60.0)
    assert (row.value, row.more["expected"], row.more["difference"]) == (60.0, 25.0, pytest.approx(35.0))
    assert (row.more["above"], row.more["below"], row.more["beyond"]) == (1, 0, None)


def test_a_layer_is_beyond_the_expectation_where_intervals_of_all_layers_say_so() -> None:
    values = {f"regrowth/restored_chance/layer_{layer}": [50.0] * 12 for layer in (1, 2, 3)}
    around = [48.0, 52.0] * 6
    values |= {"regrowth/restored/layer_1": around, "regrowth/restored/layer_2": [share + 9 for share in around],
               "regrowth/restored/layer_3": [share - 9 for share in around]}  # fmt: skip
    assert [row.more["beyond"] for row in overlaps(arm("ketamine", values))] == [None, "above", "below"]


@pytest.mark.parametrize(("pool", "wanted", "drawn"), [(4096, 800, 4000), (40, 40, 7), (7, 0, 3)])
def test_drawing_at_random_has_the_quantiles_of_scipys_hypergeometric_distribution(
    pool: int, wanted: int, drawn: int
) -> None:
    low, high = hypergeom.ppf([0.025, 0.975], pool, wanted, drawn)
    assert random_interval(pool, wanted, drawn) == pytest.approx((100 * low / drawn, 100 * high / drawn))


def test_without_known_layer_sizes_the_expectation_stays_and_its_interval_goes() -> None:
    values = {"regrowth/restored/layer_1": [50.0, 60.0], "regrowth/restored_chance/layer_1": [50.0, 50.0]}
    (row,) = overlaps(arm("ketamine", values, changed={"model.hidden": "null"}))
    assert [row.more[name] for name in ("expected_low", "above", "below", "expected")] == [None, None, None, 50.0]
    (row,) = overlaps(arm("ketamine", values))  # sizes, but no sparsity was measured
    assert row.more["expected_low"] is None


def test_layer_sizes_are_those_of_the_paper() -> None:
    assert layer_sizes(arm("none", {})) == (1024, 262_144, 131_072, 1024)
    assert layer_sizes(arm("none", {}, changed={"task.centres": "[]"})) is None


def test_sparsity_has_a_row_for_each_layer_and_stage() -> None:
    values = {f"{stage}/sparsity/layer_{layer}": [10.0 * layer, 10.0 * layer + place]
              for place, stage in enumerate(("healthy", "treated")) for layer in (1, 2)}  # fmt: skip
    rows = sparsity_rows(Condition("ssri", arm("ssri", values)))
    assert [(row.key["layer"], row.key["stage"], row.value) for row in rows] == [
        (1, "healthy", 10.0), (2, "healthy", 20.0), (1, "treated", 10.5), (2, "treated", 20.5)
    ]  # fmt: skip
