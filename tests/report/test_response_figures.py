"""What figures of outcomes along settings show: holes, and ranges of no difference."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.report.figures import lines
from depsim.report.figures.condition_style import ConditionStyle
from depsim.report.figures.heat_map import HeatMap, draw_heat_maps


def test_a_hole_in_a_heat_map_is_a_dash() -> None:
    maps = [HeatMap(title, np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]])) for title in ("combined", "area")]
    drawn = draw_heat_maps(maps, ["0.8", "0.9"], ["a", "b", "c"], ("sparsity", "dose"))
    written = {tuple(map(int, text.get_position())): text.get_text() for text in drawn.axes[1].texts}
    assert written == {(0, 0): "1.0", (1, 0): "2.0", (2, 0): "–", (0, 1): "4.0", (1, 1): "5.0", (2, 1): "6.0"}


def test_a_line_that_is_alone_has_a_range_of_no_difference() -> None:
    x = np.array([1.0, 2.0, 4.0])
    line = lines.Line("ketamine", ConditionStyle("#010101", "o", "-", False), x, 10 * x, 10 * x, 10 * x)
    (axis,) = lines.draw_lines(
        [lines.Panel("combined", "%", (line,), (38.0, 40.0))], "dose", [(v, str(v)) for v in x]
    ).axes
    assert axis.patches[0].get_extents().transformed(axis.transData.inverted()).y0 == pytest.approx(38.0)
