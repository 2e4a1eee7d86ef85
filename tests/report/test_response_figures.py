"""What figures of outcomes along settings show: holes, ranges of no difference, and bars beside each other."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.report.figures import lines
from depsim.report.figures.condition_style import ConditionStyle
from depsim.report.figures.heat_map import HeatMap, draw_heat_maps
from depsim.report.figures.iso_dose import DoseDifference, DosePanel, TreatmentCurves, draw_iso_dose


def test_a_hole_in_a_heat_map_is_a_dash() -> None:
    maps = [HeatMap(title, np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]])) for title in ("combined", "area")]
    drawn = draw_heat_maps(maps, ["0.8", "0.9"], ["a", "b", "c"], ("sparsity", "dose"))
    written = {tuple(map(int, text.get_position())): text.get_text() for text in drawn.axes[1].texts}
    assert written == {(0, 0): "1.0", (1, 0): "2.0", (2, 0): "–", (0, 1): "4.0", (1, 1): "5.0", (2, 1): "6.0"}


def test_a_line_that_is_alone_has_a_range_of_no_difference_and_half_of_its_effect() -> None:
    x = np.array([1.0, 2.0, 4.0])
    line = lines.Line(
        "ketamine", ConditionStyle("#010101", "o", "-", False), x, 10 * x, 10 * x, 10 * x, half=(3.0, 2.5, 3.5)
    )
    (axis,) = lines.draw_lines(
        [lines.Panel("combined", "%", (line,), (38.0, 40.0))], "dose", [(v, str(v)) for v in x]
    ).axes
    middle, interval = axis.lines[1:]
    assert (middle.get_xdata(), middle.get_ydata()) == ([3.0], [30.0])
    assert [*interval.get_xdata()] == [2.5, 3.5]
    assert axis.patches[0].get_extents().transformed(axis.transData.inverted()).y0 == pytest.approx(38.0)


def test_bars_of_several_pairs_stand_side_by_side_at_their_dose() -> None:
    doses, three = np.array([1.0, 2.0, 4.0]), np.arange(3.0)
    pairs_of_drugs = [DoseDifference(name, three, three - 1, three + 1) for name in ("a − b", "a − c")]
    panel = DosePanel("combined", "%", [TreatmentCurves("a", [], three)], pairs_of_drugs)
    _, axis = draw_iso_dose([panel], np.array([[1.0, 4.0]]), doses, "dose").axes
    apart = 4 ** (0.03 / 2)  # three hundredths of the doses that are compared
    left, right = (line.get_xdata() for line in axis.lines[1:])
    assert (left, right) == (pytest.approx(doses / apart), pytest.approx(doses * apart))
