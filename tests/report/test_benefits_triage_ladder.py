"""Who benefits from what, triage rules and ladders, as a report shows them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from depsim.report.document import Picture
from depsim.report.figures import style
from depsim.report.sections import benefits, ladder, triage
from depsim.report.sections.answer import answer
from depsim.study.benefits import benefits as study_benefits
from depsim.study.ladders import ladders
from depsim.study.triage import sentences, triages
from tests.diverse import diverse
from tests.people import paper_study, study
from tests.report.blocks import assert_sound, blocks_of, named, records
from tests.study.test_ladders import climbing

N = 300


def the_picture(section: Any, name: str) -> Picture:
    (found,) = (block for block in blocks_of(section) if isinstance(block, Picture) and block.name == name)
    return found


def test_effects_and_slopes_stand_in_tables() -> None:
    made = diverse(N, replicates=2)
    found = blocks_of(benefits.section(made))
    assert_sound(found)
    (own,) = study_benefits(made)
    rows = records(named(found, "effects"))
    assert [(row["condition"], row["outcome"]) for row in rows[:2]] == [
        ("ketamine", "combined stress"), ("ketamine", "area under the resilience curve"),
    ]  # fmt: skip
    for row, effect in zip(rows, own.effects, strict=True):
        assert effect.reliability is not None
        assert row["effect"] == effect.contrast.difference.mean
        assert (row["sd"], row["replicates"]) == (effect.contrast.difference.sd, 2)
        assert (row["reliability"], row["statement"]) == (effect.reliability.share, "reliable")
    for row, slope in zip(records(named(found, "trait_slopes")), own.slopes, strict=True):
        assert slope.slope is not None
        assert (row["trait"], row["slope"], row["low"]) == (
            slope.trait.replace("_", " "), slope.slope.slope, slope.slope.low,
        )  # fmt: skip
        assert (row["p"], row["p_holm"]) == (slope.slope.p, slope.slope.p_holm)


def test_without_replicates_nothing_is_said_about_individuals() -> None:
    rows = records(named(blocks_of(benefits.section(diverse(40))), "effects"))
    assert {(row["reliability"], row["statement"], row["replicates"]) for row in rows} == {(None, None, None)}


def test_the_map_draws_each_cell_in_the_colour_of_its_best_and_hatches_what_is_undecided() -> None:
    alike = np.random.default_rng(8).normal(75, 2, (2, N))
    made = diverse(N, ssri={"treated/resilience_auc": alike[0]}, neurosteroid={"treated/resilience_auc": alike[1]})
    picture = the_picture(benefits.section(made), "benefit_map")
    (own,) = study_benefits(made)
    assert own.map is not None
    with style.look():
        drawn = picture.draw()
    axis = drawn.axes[0]
    colour = style.colours(["ketamine", "ssri", "neurosteroid"])
    assert len(axis.patches) == len(own.map.cells) == 4
    hatched = set()
    for patch, cell in zip(axis.patches, own.map.cells, strict=True):
        assert patch.get_xy() == pytest.approx((own.map.columns[cell.column], own.map.rows[cell.row]))
        assert patch.get_width() == pytest.approx(own.map.columns[cell.column + 1] - own.map.columns[cell.column])
        assert cell.best is not None
        expected = style.matplotlib.colors.to_rgba(colour[cell.best.treatment], 0.75)
        assert patch.get_facecolor() == pytest.approx(expected)
        assert bool(patch.get_hatch()) == (len(cell.may_be_best) > 1)
        hatched.add(bool(patch.get_hatch()))
    assert hatched == {True, False}
    texts = [text.get_text() for text in axis.texts]
    assert texts[0].startswith(f"n = {own.map.cells[0].n}\n")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("structural loss", "stress sensitivity")
    rows = records(picture.data)
    assert [row["n"] for row in rows] == [cell.n for cell in own.map.cells]
    assert rows[1]["may_be_best"] == "ketamine"


def test_a_small_cell_is_left_empty() -> None:
    made = next(m for m in (diverse(360, seed=seed) for seed in range(40))
                if any(cell.n < 30 for cell in study_benefits(m)[0].map.cells))  # type: ignore[union-attr] # fmt: skip
    (own,) = study_benefits(made)
    assert own.map is not None
    with style.look():
        axis = the_picture(benefits.section(made), "benefit_map").draw().axes[0]
    for patch, cell in zip(axis.patches, own.map.cells, strict=True):
        empty = style.matplotlib.colors.to_rgba("#f2f2f2", 0.75)
        assert (patch.get_facecolor() == pytest.approx(empty)) == (cell.n < 30)


def test_the_papers_sentences_stand_with_verdict_and_power() -> None:
    made = diverse(N)
    rows = records(named(blocks_of(benefits.section(made)), "triage_sentences"))
    ((_, own),) = sentences(made)
    assert [row["verdict"] for row in rows] == [one.verdict for one in own]
    for row, one in zip(rows, own, strict=True):
        assert one.noticed is not None
        assert (row["n"], row["share"], row["p_holm"]) == (one.holds.n, 100 * one.holds.share, one.p)
        assert row["noticed"] == 100 * one.noticed
    assert rows[2]["difference"] is None


def test_rules_stand_beside_each_other_and_only_two_of_them_are_judged() -> None:
    made = diverse(N)
    found = blocks_of(triage.section(made))
    assert_sound(found)
    (own,) = triages(made)
    rows = records(named(found, "triage"))
    assert [(row["rule"], row["gain"], row["n"]) for row in rows] == [(s.name, s.score.gain, 100) for s in own.found]
    assert [row["verdict"] for row in rows] == [own.found[0].score.verdict, own.found[1].score.verdict, None, None]
    leaves = records(named(found, "triage_rule"))
    assert [(row["asked"], row["given"]) for row in leaves] == [(asked, arm.treatment) for asked, arm in own.rule]


def test_the_first_lines_answer_who_benefits_and_whether_a_rule_is_worth_anything() -> None:
    made = diverse(N)
    first, rule, slopes, where, said = answer(made)
    assert first.startswith("This study holds 300 simulated individuals")
    (own,) = triages(made)
    learned, papers = own.found[0].score, own.found[1].score
    assert f"the learned rule {learned.gain:+.1f} [{learned.low:+.1f}, {learned.high:+.1f}], useful" in rule
    assert f"the paper's {papers.gain:+.1f}" in rule
    assert f"over {own.single.treatment} for everybody" in rule
    told = [s for s in study_benefits(made)[0].slopes if s.slope is not None and s.slope.beyond_chance]
    assert f"beyond chance in {len(told)} of 18 comparisons" in slopes
    assert where.startswith("By structural loss and stress sensitivity the best treatment is ketamine in")
    assert "exploratory" in said


def test_a_flat_population_has_no_slopes_and_no_sure_cell() -> None:
    generator = np.random.default_rng(77)
    flat = {name: {m: generator.normal(60, 3, 160) for m in ("treated/combined", "treated/resilience_auc")}
            for name in ("none", "ketamine", "ssri", "neurosteroid")}  # fmt: skip
    lines = benefits.answer_lines(diverse(160, **flat))
    assert lines[0] == "Effects go with traits beyond chance in 0 of 18 comparisons."
    assert "nothing surely in any of" in lines[1]


def test_a_study_without_any_of_it_has_no_such_section_or_line() -> None:
    made = paper_study(20)
    for module in (benefits, triage, ladder):
        assert module.section(made) is None
        assert module.answer_lines(made) == []


def test_a_ladder_is_drawn_with_the_trials_shape_beside() -> None:
    made = study(climbing())
    section = ladder.section(made)
    assert_sound(blocks_of(section))
    picture = the_picture(section, "ladder")
    (own,) = ladders(made)
    with style.look():
        axis = picture.draw().axes[0]
    assert [bar.get_height() for bar in axis.patches] == pytest.approx([100 * r.recovered.share for r in own.rungs])
    (circles,) = (line for line in axis.lines if line.get_label().startswith("STAR*D"))
    assert circles.get_ydata().tolist() == [36.8, 30.6, 13.7, 13.0]
    assert axis.get_xticklabels()[1].get_text().replace("\n", " ") == "2: neurosteroid (n = 6)"
    rows = records(picture.data)
    assert [row["got"] for row in rows] == [7, 6, 5, 3]
    assert [row["total"] for row in rows] == pytest.approx([100 * rung.total for rung in own.rungs])
    assert ladder.answer_lines(made) == [
        "Step by step in ladder, in remission of all 7 so far: ssri 14 %, then neurosteroid 29 %, then ketamine 43 %, "
        "then 3 x ketamine 71 %."
    ]


def test_beside_other_regimens_a_ladder_has_its_page_and_no_line() -> None:
    made = study(climbing(), climbing("bridge", {}))
    assert ladder.section(made) is not None
    assert ladder.answer_lines(made) == []


def test_a_step_that_nobody_needed_has_no_share() -> None:
    made = study(climbing(given={1: [0] * 8, 2: [0] * 8, 3: [0] * 8}))
    section = ladder.section(made)
    assert_sound(blocks_of(section))
    rows = records(the_picture(section, "ladder").data)
    assert [row["recovered"] for row in rows[1:]] == [None, None, None]
    assert not any(isinstance(value, float) and math.isnan(value) for row in rows for value in row.values())
