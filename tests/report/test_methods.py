"""What a report says of its methods."""

from __future__ import annotations

import pytest

from depsim.report.document import Paragraph
from depsim.report.sections import methods
from depsim.statistics import calibration_figures
from tests.people import paper_study
from tests.report.blocks import blocks_of, column, named


@pytest.mark.parametrize(("n", "shown"), [(3, 10), (10, 10), (19, 10), (20, 20), (50, 50), (199, 50), (200, 200)])
def test_the_calibration_shown_is_of_studies_no_larger_than_this_one(n: int, shown: int) -> None:
    figures = methods.figures_for(n)
    (normal,) = (f for f in figures if f.what == "95 % intervals that hold the mean of normal values")
    assert normal.n == shown
    assert {figure.what for figure in figures} == {figure.what for figure in calibration_figures()}


def test_the_table_is_the_studys() -> None:
    small = named(blocks_of(methods.section(paper_study(12))), "calibration")
    sizes = dict(zip(column(small, "what"), column(small, "n"), strict=True))
    assert sizes["95 % intervals that hold the mean of normal values"] == 10
    assert len(sizes) == len(small.rows)


def test_intervals_that_fall_far_short_are_named() -> None:
    found = methods.figures_for(60)
    short = [f for f in found if f.what.startswith("95 % ") and f.reached < 0.9]
    assert {f.key for f in short} >= {"mean_rare", "mean_real_neurosteroid", "best_real"}
    texts = [block.text for block in blocks_of(methods.section(paper_study(60))) if isinstance(block, Paragraph)]
    (told,) = [text for text in texts if "fall far short of 95 %: " in text]
    said = told.partition("fall far short of 95 %: ")[2].removesuffix(".").split("; ")
    assert said == [f"{f.what} ({100 * f.reached:.0f} % of studies of {f.n})" for f in short]


def test_weak_powers_are_called_weak() -> None:
    sheet = named(blocks_of(methods.section(paper_study(60))), "calibration")
    weak = {figure.what for figure in methods.figures_for(60) if figure.power and figure.reached < 0.8}
    told = dict(zip(column(sheet, "what"), column(sheet, "kept"), strict=True))
    assert weak
    assert {what for what, said in told.items() if said == "power: weak, below 80 %"} == weak
