"""The names of many columns stand upright, so that none covers another."""

from __future__ import annotations

from itertools import pairwise

import pytest

from depsim.report.figures import style
from depsim.report.figures.verdicts import draw_verdicts


@pytest.mark.parametrize("columns", [2, 3, 8])
def test_no_columns_name_covers_another(columns: int) -> None:
    names = [f"four_clusters, mlp_deep {k} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}20)" for k in range(columns)]
    cells = {(0, column): ("holds", "+1.0") for column in range(columns)}
    with style.look():
        drawn = draw_verdicts(["neurosteroid on − neurosteroid withdrawn, extreme noise (sigma 2.5)"], names, cells)
        drawn.canvas.draw()
        labels = drawn.axes[0].get_xticklabels()
        boxes = [label.get_window_extent() for label in labels]
    assert [label.get_text().replace("\n", " ") for label in labels] == names
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
