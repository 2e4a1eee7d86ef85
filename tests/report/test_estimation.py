"""What the picture of paired differences draws, and where."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text

from depsim.report.figures import style
from depsim.report.figures.condition_style import ConditionStyle
from depsim.report.figures.estimation import Difference, draw_differences


@pytest.mark.parametrize(
    "name",
    ["ssri", "neurosteroid withdrawn", "neurosteroid_gain withdrawn", "ketamine_then_ssri, 100 epochs withdrawn"],
)
def test_titles_end_before_the_next_panel_however_long_the_rows_names_are(name: str) -> None:
    styles = {name: ConditionStyle("#111111", "o", "-", False), "none": ConditionStyle("#222222", "s", "-", False)}
    row = Difference(name, name, np.array([1.0, 2.0]), 1.5, (1.0, 2.0), None)
    with style.look():
        drawn = draw_differences({"area under the resilience curve": [row], "relapse drop": [row]}, styles)
        style.settle(drawn)
        drawn.draw_without_rendering()
        left, right = drawn.axes
        titles = [text for text in left.findobj(Text) if text.get_text() == left.get_title(loc="left")]
        ends = [title.get_window_extent().x1 for title in titles]
        assert ends
        assert max(ends) < right.get_window_extent().x0
