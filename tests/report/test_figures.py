"""Names, numbers and legends of pictures have room, however many and however long they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from depsim.report.figures import lines, style
from depsim.report.figures.condition_style import ConditionStyle
from depsim.report.figures.forest import Mark, draw_forest
from depsim.report.figures.search import History, draw_search
from depsim.report.figures.stacked_bars import draw_stacked_bars


def ticks(axis: Any, which: str = "y") -> dict[float, str]:
    """What stands where."""
    places = axis.get_yticks() if which == "y" else axis.get_xticks()
    labels = axis.get_yticklabels() if which == "y" else axis.get_xticklabels()
    return {float(place): label.get_text() for place, label in zip(places, labels, strict=True)}


def legend(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_labels_of_near_values_stand_together_and_none_is_lost() -> None:
    x, ticks_at = np.array([10.0, 15.0, 100.0, 110.0, 115.0, 170.0]), (10, 15, 100, 110, 115, 170)
    line = lines.Line("sham", ConditionStyle("#010101", "o", "-", False), x, x, x - 1, x + 1)
    (axis,) = lines.draw_lines([lines.Panel("combined", "%", (line,))], "epochs", [(v, str(v)) for v in ticks_at]).axes
    assert ticks(axis, "x") == {10: "10, 15", 15: "", 100: "100", 110: "110, 115", 115: "", 170: "170"}
    assert {label.get_rotation() for label in axis.get_xticklabels()} == {45.0}


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((0.5, 50.0), ["0.5", "1", "2", "5", "10", "20", "50"]),
        ((1e-5, 1e-1), ["1e−05", "0.0001", "0.001", "0.01", "0.1"]),
        ((1e-10, 1.0), ["1e−10", "1e−08", "1e−06", "0.0001", "0.01", "1"]),
        ((11.0, 13.0), ["11.4", "12", "12.6"]),
        ((0.0012, 0.0018), ["0.0012", "0.0014", "0.0016", "0.0018"]),
    ],
)
def test_a_logarithmic_axis_has_a_few_plain_numbers_whatever_its_range(
    ends: tuple[float, float], expected: list[str]
) -> None:
    with style.look():
        drawn, grid = style.panels(2, 2, 2.5)
        axis = grid[0, 0]
        axis.plot(ends, [1, 2])
        style.logarithmic(axis.xaxis)
        drawn.draw_without_rendering()
        low, high = axis.get_xlim()
        assert [label for at, label in ticks(axis, "x").items() if low <= at <= high] == expected
        assert list(axis.xaxis.get_minorticklocs()) == []


def test_numbers_at_an_axis_are_whole_and_no_factor_of_them_stands_at_the_title() -> None:
    with style.look():
        drawn, grid = style.panels(2, 2, 2.5)
        grid.flat[0].plot([1, 2], [1e-7, 3e-7])
        grid.flat[1].plot([1, 2], [83.00001, 83.00003])
        drawn.draw_without_rendering()
    for axis, number in zip(grid.flat, ("0.00000020", "83.000020"), strict=True):
        assert axis.yaxis.get_offset_text().get_text() == ""
        assert number in ticks(axis).values()


def test_stacked_pieces_begin_where_the_one_before_ends() -> None:
    (axis,) = draw_stacked_bars({"combined": {"ketamine": {"init": 0.25, "rest": 0.75}}}, "rest").axes
    assert [(bar.get_x(), bar.get_width()) for bar in axis.patches[:2]] == [(0.0, 0.25), (0.25, 0.75)]
    assert [text.get_text() for text in axis.texts] == ["25", "75"]


def test_the_history_of_a_search_tells_kept_broken_pruned_and_failed_apart() -> None:
    values = [(0, 1.0, True), (1, 3.0, False), (4, 2.0, True)]
    fallen = [(2, "stopped early"), (3, "failed"), (5, "interrupted")]
    (axis,) = draw_search([History("mean", values, [(0, 1.0), (4, 2.0)], fallen)], {}).axes
    assert {line.get_label(): [*line.get_xdata()] for line in axis.lines} == {
        "finished": [0, 4], "finished, breaks a constraint": [1], "best so far": [0, 4], "stopped early": [2],
        "interrupted": [5], "failed": [3],
    }  # fmt: skip


def test_trials_are_counted_in_whole_numbers_of_one_alone_too() -> None:
    for numbers in ((7,), (0, 1), range(40)):
        with style.look():
            drawn = draw_search([History("value", [(number, 1.0, True) for number in numbers], [], [])], {})
            drawn.draw_without_rendering()
        (axis,) = drawn.axes
        low, high = axis.get_xlim()
        shown = [at for at in axis.get_xticks() if low <= at <= high]
        assert shown
        assert all(at == round(at) for at in shown)


def test_marks_of_a_forest_stand_in_the_line_of_their_name_in_every_panel() -> None:
    marks = {"a": [Mark("one", 1.0, (0.5, 2.0)), Mark("two", 3.0, None)], "b": [Mark("two", 4.0, (3.0, 5.0))]}
    first, second = draw_forest(marks, "gain", bands={"a": 0.5}).axes
    assert ticks(first) == {0.0: "one", 1.0: "two"}
    assert [[*line.get_ydata()] for line in second.lines if line.get_xdata()[0] in (3.0, 4.0)] == [[1, 1], [1]]
    assert len(first.patches) == 1
    assert not second.patches


def assert_legend_is_beside_panels(drawn: Any) -> None:
    """The legend lies in the figure, on no panel, and the panels have kept a size."""
    box = drawn.legends[0].get_window_extent()
    assert 0 <= box.x0 < box.x1 <= drawn.bbox.width
    for axis in drawn.axes:
        place = axis.get_window_extent()
        assert place.height > 50
        assert not place.overlaps(box)
