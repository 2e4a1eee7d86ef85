"""Treatments at equal dose, as a report shows them."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.report.document import Paragraph
from depsim.report.figures.iso_dose import Difference, Panel, Treated, draw_iso_dose
from depsim.report.sections import iso_dose
from depsim.study.reading import Study
from tests.people import study
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


def test_paired_differences_stand_at_their_dose() -> None:
    rows = records(named(blocks_of(iso_dose.section(overlapping())), "iso_dose"))
    assert [row["share"] for row in rows[:3]] == [25, 50, 75]
    assert rows[1]["difference"] == pytest.approx(20 + EACH.mean())
    assert rows[1]["dose"] == pytest.approx(8.0)
    assert [row["p_holm"] is None for row in rows[:3]] == [row["p"] is None for row in rows[:3]] == [True, False, True]


def warnings(of: Study) -> list[str]:
    found = blocks_of(iso_dose.section(of))
    return [block.text for block in found if isinstance(block, Paragraph) and block.kind == "warning"]


def test_who_has_no_range_in_common_is_named_and_not_compared() -> None:
    (said,) = warnings(overlapping(apart=2))
    assert "in common in 2 of 12 individuals: seeds 10–11" in said
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
    assert "iso_dose_common" not in [getattr(block, "name", "") for block in found]
    assert iso_dose.answer_lines(nobody) == [
        "At equal dose nothing can be compared: the doses of ketamine and ssri do not overlap."
    ]


def test_the_answer_claims_no_more_than_is_beyond_chance() -> None:
    (said,) = iso_dose.answer_lines(overlapping(gain=-0.55, scatter=4.0))
    assert "none of 2 differences is beyond chance; the largest: ketamine − ssri" in said
    (said,) = iso_dose.answer_lines(overlapping(apart=4))
    assert "in 8 of 12): too few individuals to tell (at least 10 are needed); the largest: " in said


def test_bars_of_several_pairs_stand_beside_each_other_at_their_dose() -> None:
    doses, three = np.array([1.0, 2.0, 4.0]), np.arange(3.0)
    pairs_of_drugs = [Difference(name, three, three - 1, three + 1) for name in ("a − b", "a − c")]
    panel = Panel("combined", "%", [Treated("a", [], three)], pairs_of_drugs)
    _, axis = draw_iso_dose([panel], np.array([[1.0, 4.0]]), doses, "dose").axes
    apart = 4 ** (0.03 / 2)  # three hundredths of the doses that are compared
    left, right = (line.get_xdata() for line in axis.lines[1:])
    assert (left, right) == (pytest.approx(doses / apart), pytest.approx(doses * apart))


def test_an_individual_that_lacks_a_drug_is_apart() -> None:
    missing = np.where(np.arange(N) == 5, NAN, 1.0)
    of = study(*overlapping().arms[:3], *(ssri(str(dose), dose * missing, 40.0) for dose in (1, 2, 16)))
    (said,) = warnings(of)
    assert "in 1 of 12 individuals: seeds 5," in said
