"""What a report says of its methods."""

from __future__ import annotations

import pytest

from depsim.report.document import Paragraph
from depsim.report.sections import calibration, methods
from depsim.statistics import CALIBRATION_KINDS, CalibrationFigure, calibration_figures
from tests.people import paper_study
from tests.report.blocks import blocks_of, column, named


@pytest.mark.parametrize(("n", "shown"), [(3, 10), (10, 10), (19, 10), (20, 20), (50, 50), (199, 50), (200, 200)])
def test_the_calibration_shown_is_of_studies_no_larger_than_this_one(n: int, shown: int) -> None:
    figures = calibration.figures_for(n)
    (normal,) = (f for f in figures if f.words == "95 % intervals that hold the mean, normal values")
    assert normal.n == shown
    assert {figure.words for figure in figures} == {figure.words for figure in calibration_figures()}


def test_the_tables_are_the_studys() -> None:
    blocks = blocks_of(methods.section(paper_study(12)))
    kinds, others = named(blocks, "calibration_kinds"), named(blocks, "calibration")
    sizes = dict(zip(column(kinds, "what"), column(kinds, "n"), strict=True))
    assert sizes["95 % intervals that hold the mean"] == 10
    assert len(sizes) == len(kinds.rows)
    figures = calibration.figures_for(12)
    shown = {(row[0], kind): row[2 + place] for row in kinds.rows for place, kind in enumerate(CALIBRATION_KINDS)}
    assert shown == {(f.what, f.kind): 100 * f.reached for f in figures if f.kind}
    assert column(others, "what") == [f.what for f in figures if not f.kind]


def test_intervals_and_tests_that_are_far_off_are_named() -> None:
    found = calibration.figures_for(60)
    short = [f for f in found if f.what.startswith("95 % ") and f.reached < 0.9]
    assert {f.key for f in short} >= {"mean_rare", "mean_real_neurosteroid", "best_real"}
    often = [f for f in found if f.what.startswith("differences whose mean is 0") and f.reached > 0.075]
    assert {f.key for f in often} >= {"flip_one_sided_rare", "flip_one_sided_real_neurosteroid"}
    texts = [block.text for block in blocks_of(methods.section(paper_study(60))) if isinstance(block, Paragraph)]
    (told,) = [text for text in texts if "fall far short of 95 %: " in text]
    _, _, rest = told.partition("fall far short of 95 %: ")
    first, _, second = rest.partition(". Some tests err far more often than 5 %: ")
    for said, figures in ((first, short), (second.removesuffix("."), often)):
        parts = said.split("; ")
        assert len(parts) == len({figure.what for figure in figures})
        for f in figures:
            (part,) = [part for part in parts if part.startswith(f"{f.what}: ")]
            assert f"{CALIBRATION_KINDS.get(f.kind, '')} {100 * f.reached:.0f} %" in part
            assert part.endswith(f"of studies of {f.n}")


def test_weak_powers_are_called_weak() -> None:
    blocks = blocks_of(methods.section(paper_study(60)))
    weak = [figure for figure in calibration.figures_for(60) if figure.power and figure.reached < 0.8]
    sheet = named(blocks, "calibration")
    told = dict(zip(column(sheet, "what"), column(sheet, "kept"), strict=True))
    own = {figure.what for figure in weak if not figure.kind}
    assert own
    assert {what for what, said in told.items() if said == "power: weak, below 80 %"} == own
    sheet = named(blocks, "calibration_kinds")
    told = dict(zip(column(sheet, "what"), column(sheet, "limits"), strict=True))
    for what in {figure.what for figure in weak if figure.kind}:
        kinds = [figure.kind.removeprefix("real_") for figure in weak if figure.what == what]
        of = "" if len(kinds) == len(CALIBRATION_KINDS) else f": {'; '.join(kinds)}"
        assert f"power: weak, below 80 %{of}" in told[what].split(" · ")


def test_limits_of_kinds_are_told_and_whether_they_are_kept() -> None:
    def figure(kind: str, reached: float, lowest: float | None, highest: float | None = None) -> CalibrationFigure:
        return CalibrationFigure(kind, "cover", 50, 1000, reached, 0.01, lowest, highest, kind=kind)

    figures = [
        figure("normal", 0.95, 0.93, 0.97), figure("bimodal", 0.90, 0.93, 0.97), figure("skewed", 0.92, 0.91),
        figure("rare", 0.6, None),
    ]  # fmt: skip
    (sheet,) = calibration.sheets(figures)
    assert sheet.rows[0][2:7] == (95.0, 90.0, 92.0, None, None)
    assert sheet.rows[0][-1] == (
        "93 to 97 (normal; bimodal) · at least 91 (skewed): kept: normal; skewed · missed: bimodal"
    )
    assert sheet.note is not None
    assert sheet.note.startswith("n: individuals of a study. Simulation error: 1.0 at most. normal: normal values; ")
    (sheet,) = calibration.sheets(figures[:1])
    assert sheet.rows[0][-1] == "93 to 97: kept"
