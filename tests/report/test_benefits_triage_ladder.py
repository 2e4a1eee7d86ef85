"""Who benefits from what, triage rules and ladders, as a report shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from depsim.report.document import Picture
from depsim.report.figures import style
from depsim.report.sections import benefits
from depsim.study.benefits import benefits as study_benefits
from tests.diverse import diverse
from tests.report.blocks import assert_sound, blocks_of, named, records

N = 300


def the_picture(section: Any, name: str) -> Picture:
    (found,) = (block for block in blocks_of(section) if isinstance(block, Picture) and block.name == name)
    return found


def test_with_replicates_effects_have_their_reliability() -> None:
    made = diverse(20, replicates=2)
    found = blocks_of(benefits.section(made))
    assert_sound(found)
    (own,) = study_benefits(made)
    for row, effect in zip(records(named(found, "effects")), own.effects, strict=True):
        assert effect.reliability is not None
        assert (row["replicates"], row["reliability"]) == (2, effect.reliability.share)
        assert row["statement"] == "reliable"


def test_the_map_hatches_what_is_undecided() -> None:
    alike = np.random.default_rng(8).normal(75, 2, (2, N))
    made = diverse(N, ssri={"treated/resilience_auc": alike[0]}, neurosteroid={"treated/resilience_auc": alike[1]})
    (own,) = study_benefits(made)
    assert own.map is not None
    with style.look():
        axis = the_picture(benefits.section(made), "benefit_map").draw().axes[0]
    hatched = [bool(patch.get_hatch()) for patch in axis.patches]
    assert hatched == [len(cell.may_be_best) > 1 for cell in own.map.cells]
    assert set(hatched) == {True, False}


@pytest.mark.slow
def test_a_small_cell_is_left_empty() -> None:
    made = diverse(360, seed=4)
    (own,) = study_benefits(made)
    assert own.map is not None
    assert {cell.n < 30 for cell in own.map.cells} == {True, False}
    with style.look():
        axis = the_picture(benefits.section(made), "benefit_map").draw().axes[0]
    for patch, cell in zip(axis.patches, own.map.cells, strict=True):
        empty = style.matplotlib.colors.to_rgba("#f2f2f2", 0.75)
        assert (patch.get_facecolor() == pytest.approx(empty)) == (cell.n < 30)


def test_a_flat_population_has_no_slopes_and_no_sure_cell() -> None:
    generator = np.random.default_rng(77)
    flat = {name: {m: generator.normal(60, 3, 160) for m in ("treated/combined", "treated/resilience_auc")}
            for name in ("none", "ketamine", "ssri", "neurosteroid")}  # fmt: skip
    lines = benefits.answer_lines(diverse(160, **flat))
    assert lines[0] == "Effects go with traits beyond chance in 0 of 18 comparisons."
    assert "nothing surely in any of" in lines[1]
