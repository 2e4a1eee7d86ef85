"""Treatments at equal dose, as a report shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from depsim.report.document import Paragraph, Picture
from depsim.report.figures import style
from depsim.report.figures.iso_dose import Difference, Panel, Treated, draw_iso_dose
from depsim.report.sections import iso_dose
from depsim.report.sections.answer import answer
from depsim.study.iso_dose import iso_doses, pairs
from depsim.study.reading import Study
from tests.people import paper_study, study
from tests.report.blocks import assert_sound, blocks_of, named, records
from tests.study.test_iso_dose import EACH, NAN, N, ketamine, ssri


def overlapping(apart: int = 0, gain: float = 20.0, scatter: float = 0.0) -> Study:
    """The drugs reach 4 to 64 and 1 to 16; of the last ``apart`` individuals ketamine's doses all lie above."""
    low = np.where(np.arange(N) >= N - apart, 32.0, 4.0)
    middle = np.sqrt(low * 64)
    noise = np.random.default_rng(2).normal(0, 1, N) * scatter
    return study(
        ketamine("0.1", low, 40 + gain + EACH + noise), ketamine("0.2", middle, 40 + gain + EACH + noise),
        ketamine("0.5", 64.0, 40 + gain + EACH + noise),
        ssri("10", 1.0, 40.0), ssri("50", 2.0, 40.0), ssri("100", 16.0, 40.0),
    )  # fmt: skip


def picture_of(of: Study) -> Picture:
    (found,) = (block for block in blocks_of(iso_dose.section(of)) if isinstance(block, Picture))
    return found


def test_the_tables_hold_ranges_and_paired_differences() -> None:
    found = blocks_of(iso_dose.section(overlapping()))
    assert_sound(found)
    ranges = {row["treatment"]: row for row in records(named(found, "iso_dose_ranges"))}
    assert (ranges["ketamine"]["smallest"], ranges["ketamine"]["largest"]) == pytest.approx((4.0, 64.0))
    assert (ranges["ssri"]["n"], ranges["ssri"]["conditions"]) == (N, 3)
    rows = records(named(found, "iso_dose"))
    assert [(row["outcome"], row["share"]) for row in rows][:3] == [
        ("combined stress", share) for share in (25, 50, 75)
    ]
    expected = {(row.outcome.name, 100 * row.share): row for row in pairs(iso_doses(overlapping())[0])}
    for row in rows:
        own = expected[row["outcome"], row["share"]]
        assert own.contrast.difference.interval is not None
        assert (row["difference"], row["low"], row["high"], row["dose"]) == pytest.approx(
            (own.contrast.difference.mean, *own.contrast.difference.interval, own.dose)
        )
        assert (row["p_holm"] is None, row["p"] is None) == (row["share"] != 50,) * 2
    assert rows[1]["difference"] == pytest.approx(20 + EACH.mean())
    assert rows[1]["dose"] == pytest.approx(8.0)
    common = records(named(found, "iso_dose_common"))
    assert [row["seed"] for row in common] == list(range(N))
    assert {(round(row["low"], 6), round(row["high"], 6)) for row in common} == {(4.0, 16.0)}  # type: ignore[call-overload]


def warnings(of: Study) -> list[str]:
    found = blocks_of(iso_dose.section(of))
    return [block.text for block in found if isinstance(block, Paragraph) and block.kind == "warning"]


def test_who_has_no_range_in_common_is_named_and_not_compared() -> None:
    assert warnings(overlapping()) == []
    (said,) = warnings(overlapping(apart=2))
    assert said == (
        "ketamine and ssri have no range of doses in common in 2 of 12 individuals: seeds 10–11, in no comparison."
    )
    found = blocks_of(iso_dose.section(overlapping(apart=2)))
    assert {row["n"] for row in records(named(found, "iso_dose"))} == {N - 2}
    assert [row["seed"] for row in records(named(found, "iso_dose_common"))] == list(range(N - 2))


def test_where_nobody_has_one_the_report_says_so_and_compares_nothing() -> None:
    nobody = overlapping(apart=N)
    found = blocks_of(iso_dose.section(nobody))
    assert_sound(found)
    assert warnings(nobody) == [
        "ketamine and ssri have no range of doses in common in any individual, so nothing is compared."
    ]
    assert not [block for block in found if getattr(block, "name", "") in ("iso_dose_common",)]
    assert iso_dose.answer_lines(nobody) == [
        "At equal dose nothing can be compared: the doses of ketamine and ssri do not overlap."
    ]
    assert len(drawn_axes(nobody)) == 2


def test_studies_without_doses_of_two_drugs_have_no_section() -> None:
    assert iso_dose.section(paper_study(12)) is None
    assert iso_dose.answer_lines(paper_study(12)) == []


def test_the_answer_names_what_is_beyond_chance_and_claims_no_more() -> None:
    (said,) = iso_dose.answer_lines(overlapping())
    assert said.startswith(
        "At equal L1 dose (8, the middle of what the treatments have in common in 12 of 12): 2 of 2 differences are "
        "beyond chance, the largest: ketamine − ssri +20.6 points ["
    )
    assert said in answer(overlapping())
    (said,) = iso_dose.answer_lines(overlapping(gain=-0.55, scatter=4.0))
    assert "none of 2 differences is beyond chance; the largest: ketamine − ssri" in said
    (said,) = iso_dose.answer_lines(overlapping(apart=4))
    assert "in 8 of 12): too few individuals to tell (at least 10 are needed); the largest: " in said


def drawn_axes(of: Study) -> list[Any]:
    with style.look():
        drawn = picture_of(of).draw()
        drawn.draw_without_rendering()
    return [axis for axis in drawn.axes if axis.get_title("left")]


def test_the_figure_draws_individuals_the_common_range_and_the_paired_differences() -> None:
    of = overlapping(apart=2)
    curves, differences, *lowest = drawn_axes(of)
    assert curves.get_xscale() == differences.get_xscale() == "log"
    thin = [line for line in curves.lines if line.get_linewidth() < 1]
    assert len(thin) == 2 * N
    assert thin[0].get_xdata() == pytest.approx([4.0, 16.0, 64.0])
    assert thin[0].get_ydata() == pytest.approx([60.0] * 3)
    ticks = [[tick.get_text() for tick in axis.get_xticklabels()] for axis in lowest]
    assert {"5", "10", "20"} <= set(ticks[0])
    assert ticks[1] == ["5.7", "8", "11"]
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in curves.patches]
    assert spans == [pytest.approx((4.0, 16.0))] * (N - 2)
    marked = {line.get_label(): line for line in curves.lines if line.get_linewidth() > 1}
    assert set(marked) == {"ketamine", "ssri"}
    places = [4 * 4**share for share in (0.25, 0.5, 0.75)]
    assert marked["ssri"].get_xdata() == pytest.approx(places)
    assert marked["ssri"].get_ydata() == pytest.approx([40.0] * 3)
    assert marked["ketamine"].get_ydata() == pytest.approx([60 + EACH[:-2].mean()] * 3)
    (pair,) = [line for line in differences.lines if line.get_label() == "ketamine − ssri"]
    assert pair.get_xdata() == pytest.approx(places)
    assert pair.get_ydata() == pytest.approx([20 + EACH[:-2].mean()] * 3)
    bars = np.array(differences.collections[0].get_segments())
    own = [row for row in pairs(iso_doses(of)[0]) if row.outcome.column == "combined"]
    assert bars[:, :, 1] == pytest.approx(np.array([row.contrast.difference.interval for row in own]))


def test_bars_of_several_pairs_stand_beside_each_other_at_their_dose() -> None:
    doses, three = np.array([1.0, 2.0, 4.0]), np.arange(3.0)
    pairs_of_drugs = [Difference(name, three, three - 1, three + 1) for name in ("a − b", "a − c")]
    panel = Panel("combined", "%", [Treated("a", [], three)], pairs_of_drugs)
    _, axis = draw_iso_dose([panel], np.array([[1.0, 4.0]]), doses, "dose").axes
    apart = 4 ** (0.03 / 2)  # three hundredths of the doses that are compared
    left, right = (line.get_xdata() for line in axis.lines[1:])
    assert (left, right) == (pytest.approx(doses / apart), pytest.approx(doses * apart))


def test_the_points_of_all_curves_stand_beside_the_figure() -> None:
    rows = records(picture_of(overlapping()).data)
    assert len(rows) == 6 * N
    first = rows[0]
    assert (first["treatment"], first["seed"]) == ("ketamine", 0)
    assert (first["dose"], first["combined"], first["internal_noise_2.5"]) == pytest.approx((4.0, 60.0, 30.0))


def test_an_individual_that_lacks_a_drug_is_apart() -> None:
    missing = np.where(np.arange(N) == 5, NAN, 1.0)
    of = study(*overlapping().arms[:3], *(ssri(str(dose), dose * missing, 40.0) for dose in (1, 2, 16)))
    (said,) = warnings(of)
    assert "in 1 of 12 individuals: seeds 5," in said
