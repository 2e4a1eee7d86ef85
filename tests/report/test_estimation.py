"""What the picture of paired differences draws, and where."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text

from depsim.report.figures import style
from depsim.report.figures.estimation import Difference, draw_differences
from depsim.report.figures.looks import Look, looks
from depsim.study.panels import panels
from tests.people import paper_study

PEOPLE = np.array([3.0, 5.0, 4.0])
ROWS = {
    "combined stress": [
        Difference("ketamine", "ssri", PEOPLE, 4.0, (3.5, 4.5), 1.25),
        Difference("ssri", "untreated", -PEOPLE, -4.0, None, None),
    ]
}


@pytest.fixture(scope="module")
def axis():  # type: ignore[no-untyped-def]
    look = looks(panels(paper_study(3))[0].conditions)
    return draw_differences(ROWS, look).axes[0]


def test_a_row_is_named_after_its_pair_from_the_top(axis) -> None:  # type: ignore[no-untyped-def]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["ketamine − ssri", "ssri − untreated"]
    assert list(axis.get_yticks()) == [0, 1]
    assert axis.get_ylim() == (1.5, -0.5)
    assert axis.get_title() == "combined stress"


def test_dots_lie_in_their_row_at_their_differences(axis) -> None:  # type: ignore[no-untyped-def]
    bands = [c for c in axis.collections if c.get_alpha() == 0.25]
    dots = [c for c in axis.collections if c not in bands]
    for row, values in enumerate((PEOPLE, -PEOPLE)):
        places = np.asarray(dots[row].get_offsets())
        assert places[:, 0] == pytest.approx(values)
        assert np.abs(places[:, 1] - row).max() <= 0.3


def test_the_band_is_the_whole_margin_and_of_its_row_alone(axis) -> None:  # type: ignore[no-untyped-def]
    (band,) = [c for c in axis.collections if c.get_alpha() == 0.25]
    box = band.get_paths()[0].get_extents()
    assert (box.x0, box.x1, box.y0, box.y1) == pytest.approx((-1.25, 1.25, -0.45, 0.45))


def test_mean_and_interval_lie_where_they_are(axis) -> None:  # type: ignore[no-untyped-def]
    zero, *lines = axis.lines
    assert list(zero.get_xdata()) == [0, 0]
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in lines]
    assert drawn == [([3.5, 4.5], [0, 0]), ([4.0], [0]), ([-4.0], [1])]


@pytest.mark.parametrize(
    "name",
    ["ssri", "neurosteroid withdrawn", "neurosteroid_gain withdrawn", "ketamine_then_ssri, 100 epochs withdrawn"],
)
def test_titles_end_before_the_next_panel_however_long_the_rows_names_are(name: str) -> None:
    look = {name: Look("#111111", "o", "-", False), "none": Look("#222222", "s", "-", False)}
    row = Difference(name, name, np.array([1.0, 2.0]), 1.5, (1.0, 2.0), None)
    with style.look():
        drawn = draw_differences({"area under the resilience curve": [row], "relapse drop": [row]}, look)
        style.settle(drawn)
        drawn.draw_without_rendering()
        left, right = drawn.axes
        titles = [text for text in left.findobj(Text) if text.get_text() == left.get_title(loc="left")]
        ends = [title.get_window_extent().x1 for title in titles]
        assert ends
        assert max(ends) < right.get_window_extent().x0
