"""Outcomes over two settings: which grids are complete, and where the effect of one depends on the other."""

from __future__ import annotations

import pytest

from depsim.study.analyses.grid import grid_levels, grids, interactions
from tests.people import study
from tests.studies_varied import grid

X, Y = "treatment.regrow_fraction", "pathology.sparsity"


def additive(pruned: float, regrown: float) -> float:
    return 60 + 20 * regrown - 100 * (pruned - 0.9)


def test_a_grid_has_every_combination_and_one_with_a_hole_is_none() -> None:
    made = grid(additive, 3)
    (complete,) = grids(made, X, Y)
    assert (complete.name, complete.x_values, complete.y_values) == (
        "ketamine",
        ("0.1", "0.5", "0.8"),
        ("0.9", "0.95", "0.99"),
    )
    places = {(row.key["x"], row.key["y"]): row.value for row in grid_levels([complete], ["combined"])}
    assert len(places) == 9
    assert places[0.5, 0.99] == pytest.approx(additive(0.99, 0.5))
    assert grids(study(*made.arms[1:]), X, Y) == []
    assert grids(study(*made.arms[:3]), X, Y) == [], "one value of a setting is no grid"


def test_effects_that_add_up_depend_on_nothing() -> None:
    rows = interactions(grids(grid(additive), X, Y))
    assert {row.of("outcome") for row in rows} == {"combined", "internal_noise_2.5", "resilience_auc", "relapse_drop"}
    assert {row.verdict for row in rows} == {"undecided"}
    assert all(low <= 0 <= high for row in rows for low, high in [row.interval or (1, 1)])


def test_where_an_effect_depends_on_the_other_setting_the_largest_difference_of_effects_is_named() -> None:
    """Regrowth from 0.1 to 0.8 does 14 points at 90 and 95 %, and 28 at 99 %."""
    made = grid(lambda pruned, regrown: additive(pruned, regrown) + (20 * regrown if pruned == 0.99 else 0))
    rows = interactions(grids(made, X, Y))
    combined = next(row for row in rows if row.of("outcome") == "combined")
    assert combined.value == pytest.approx(14)
    assert 13 < combined.low < 14 < combined.high < 15
    assert (combined.more["x_low"], combined.more["x_high"], combined.more["y_high"]) == (0.1, 0.8, 0.99)
    assert combined.verdict == "yes"
    assert combined.p == 2 / 2**12
    assert combined.p_holm == pytest.approx(4 * 2 / 2**12)


def test_too_few_individuals_have_a_difference_and_no_verdict() -> None:
    rows = interactions(grids(grid(additive, 5), X, Y))
    assert {row.verdict for row in rows} == {"too few"}
    assert {row.value is None for row in rows} == {False}
