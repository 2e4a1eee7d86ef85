"""What pictures draw, and where: every mark at its value, every row, axis and legend under its own name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from depsim.report.figures import lines, stacked_bars, style
from depsim.report.figures.half_widths import MOST_NAMED, Width, draw_half_widths
from depsim.report.figures.heat_map import draw_heat_map
from depsim.report.figures.layers import Bar, Course, draw_courses, draw_overlaps
from depsim.report.figures.looks import Look
from depsim.report.figures.resilience import Curves, draw_resilience
from depsim.report.figures.scatter import Dot, draw_scatter
from depsim.report.figures.search import Pair, draw_front, draw_history, draw_importance, draw_optimism
from depsim.report.figures.slopes import Slopes, draw_slopes
from depsim.report.figures.strips import Strip, draw_strips
from depsim.report.figures.style import GREY

LOOK = {
    "untreated": Look("#111111", "o", "-", False),
    "ketamine": Look("#222222", "s", "-", False),
    "withdrawn": Look("#333333", "^", "--", True),
}
PEOPLE = np.array([[10.0, 20.0, 33.0], [12.0, 26.0, 31.0]])


def ticks(axis: Any, which: str = "y") -> dict[float, str]:
    """What stands where."""
    places = axis.get_yticks() if which == "y" else axis.get_xticks()
    labels = axis.get_yticklabels() if which == "y" else axis.get_xticklabels()
    return {float(place): label.get_text() for place, label in zip(places, labels, strict=True)}


def drawn_lines(axis: Any) -> list[tuple[list[float], list[float]]]:
    """Every line and every mark: where it goes."""
    return [([*map(float, line.get_xdata())], [*map(float, line.get_ydata())]) for line in axis.lines]


def boxes(axis: Any) -> list[tuple[float, ...]]:
    """Filled bands, (left, right, bottom, top)."""
    found = [
        c.get_paths()[0].get_extents() for c in axis.collections if type(c).__name__ == "FillBetweenPolyCollection"
    ]
    return [tuple(round(float(edge), 9) for edge in (box.x0, box.x1, box.y0, box.y1)) for box in found]


def segments(axis: Any) -> list[list[list[float]]]:
    """Bars of intervals: their two ends."""
    return [
        np.asarray(segment).tolist()
        for c in axis.collections
        if type(c).__name__ == "LineCollection"
        for segment in c.get_segments()
    ]


def legend(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_strips_lie_in_the_rows_of_their_conditions() -> None:
    own = {
        "untreated": Strip("untreated", np.array([1.0, 2.0]), (0.5, 2.5), 2.2, True),
        "withdrawn": Strip("withdrawn", np.array([7.0, 8.0, 9.0]), (6.0, 10.0), 5.0, False),
    }
    (axis,) = draw_strips({"combined": ("accuracy, %", [own["withdrawn"], own["untreated"]])}, LOOK).axes
    assert ticks(axis) == {0: "untreated", 1: "ketamine", 2: "withdrawn"}
    assert axis.get_ylim() == (2.5, -0.5)  # from above
    assert (axis.get_title(), axis.get_xlabel()) == ("combined", "accuracy, %")
    assert boxes(axis) == [(6.0, 10.0, 1.62, 2.38), (0.5, 2.5, -0.38, 0.38)]
    dots = [np.asarray(c.get_offsets()) for c in axis.collections if type(c).__name__ == "PathCollection"]
    for places, (row, values) in zip(dots, ((2, [7, 8, 9]), (0, [1, 2])), strict=True):
        assert places[:, 0].tolist() == values
        assert np.abs(places[:, 1] - row).max() < 0.3
    assert drawn_lines(axis) == [([5.0], [2.0]), ([2.2], [0.0])]
    hollow, filled = (line.get_markerfacecolor() for line in axis.lines)
    assert hollow == "#ffffff"
    assert filled != "#ffffff"


def test_slopes_go_through_every_individual_and_the_mean_through_its_mean() -> None:
    (axis,) = draw_slopes([Slopes("combined", "%", tuple(LOOK), PEOPLE)], LOOK).axes
    one, other, mean, *marks = drawn_lines(axis)
    assert (one[1], other[1], mean[1]) == ([10, 20, 33], [12, 26, 31], [11, 23, 32])
    assert marks == [([0], [11]), ([1], [23]), ([2], [32])]
    assert [line.get_marker() for line in axis.lines[3:]] == ["o", "s", "^"]
    assert ticks(axis, "x") == {0: "untreated", 1: "ketamine", 2: "withdrawn"}
    assert (axis.get_title(), axis.get_ylabel()) == ("combined (n = 2)", "%")


def test_names_of_many_conditions_are_turned_so_that_they_do_not_touch() -> None:
    names = tuple(f"treatment {letter} withdrawn" for letter in "abcdefghijkl")
    look = dict.fromkeys(names, LOOK["ketamine"])
    with style.look():
        drawn = draw_slopes([Slopes(title, "%", names, np.arange(24.0).reshape(2, 12)) for title in "ab"], look)
        drawn.draw_without_rendering()
    for axis in drawn.axes:
        own = [label.get_transform().transform(label.get_position())[0] for label in axis.get_xticklabels()]
        turned = {label.get_rotation() for label in axis.get_xticklabels()}
        assert turned == {60.0}
        height = axis.get_xticklabels()[0].get_fontsize() / 72 * drawn.dpi
        assert min(np.diff(own)) * np.sin(np.radians(60)) > height


def test_labels_of_near_values_stand_together_and_none_is_lost() -> None:
    x, ticks_at = np.array([10.0, 15.0, 100.0, 110.0, 115.0, 170.0]), (10, 15, 100, 110, 115, 170)
    curve = lines.Curve("sham", "#010101", "o", "-", x, x, x - 1, x + 1)
    (axis,) = lines.draw_lines([lines.Panel("combined", "%", (curve,))], "epochs", [(v, str(v)) for v in ticks_at]).axes
    assert ticks(axis, "x") == {10: "10, 15", 15: "", 100: "100", 110: "110, 115", 115: "", 170: "170"}
    assert {label.get_rotation() for label in axis.get_xticklabels()} == {45.0}


def test_half_widths_have_n_across_and_points_upwards() -> None:
    width = Width("ketamine", "withdrawn", np.array([5, 50]), np.array([4.0, 1.1]))
    drawn = draw_half_widths({"combined": [width]}, LOOK, 20, 1.5)
    (axis,) = drawn.axes
    at_hand, target, line = drawn_lines(axis)
    assert (at_hand[0], target[1], line) == ([20, 20], [1.5, 1.5], ([5, 50], [4.0, 1.1]))
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("individuals", "half-width, points")
    assert legend(drawn) == ["ketamine − withdrawn"]
    assert axis.lines[2].get_color() == LOOK["ketamine"].colour
    shown = [number for number in ticks(axis, "x").values() if 5 <= float(number) <= 50]
    assert shown == ["5", "10", "20", "50"]


def test_panels_of_half_widths_have_the_same_axes_whatever_lies_in_them() -> None:
    sizes = {"wide": np.array([5, 50]), "narrow": np.array([200, 1000])}
    panels = {title: [Width("ketamine", "withdrawn", n, 20.0 / n)] for title, n in sizes.items()}
    first, second = draw_half_widths(panels, LOOK, 20, 1.5).axes
    assert (first.get_xlim(), first.get_ylim()) == (second.get_xlim(), second.get_ylim())
    assert {axis.get_xscale() for axis in (first, second)} == {axis.get_yscale() for axis in (first, second)} == {"log"}


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


def test_a_resilience_curve_has_its_people_its_band_its_mean_and_the_published() -> None:
    sigmas = np.array([0.0, 1.0, 2.5])
    low, high = np.array([9.0, 19.0, 29.0]), np.array([13.0, 25.0, 35.0])
    one = Curves("ketamine", sigmas, PEOPLE, PEOPLE.mean(axis=0), low, high, ([1.0, 2.5], [21.0, 30.0]))
    other = Curves("withdrawn", sigmas, PEOPLE + 5, PEOPLE.mean(axis=0) + 5, low + 5, high + 5, None)
    drawn = draw_resilience([one, other], LOOK)
    first, second, means = drawn.axes[:3]
    person, _, mean, published = drawn_lines(first)
    assert (person[1], mean[1], published) == ([10, 20, 33], [11, 23, 32], ([1.0, 2.5], [21.0, 30.0]))
    assert boxes(first) == [(0.0, 2.5, 9.0, 35.0)]
    assert len(drawn_lines(second)) == 3
    assert [line[1] for line in drawn_lines(means)] == [[11, 23, 32], [16, 28, 37]]
    assert [axis.get_title() for axis in (first, second, means)] == ["ketamine (n = 2)", "withdrawn (n = 2)", "means"]
    assert (first.get_ylabel(), first.get_xlabel()) == ("accuracy, %", "internal noise, sigma")
    assert legend(drawn) == ["ketamine", "withdrawn"]


def test_a_line_of_a_sweep_has_its_band_and_its_half_way_point() -> None:
    x, mean = np.array([0.8, 0.9, 0.95]), np.array([90.0, 60.0, 30.0])
    half = lines.Half(np.array([0.8, 0.95]), np.array([91.0, 29.0]), 0.9, 61.0, (0.88, 0.92))
    plain = lines.Curve("ssri", "#010101", "o", "-", x, mean, mean - 2, mean + 3)
    fitted = lines.Curve("ketamine", "#020202", "s", "--", x, mean + 1, mean, mean + 2, half=half)
    drawn = lines.draw_lines([lines.Panel("combined", "%", (plain, fitted))], "pruned", [(0.8, "80 %"), (0.95, "95 %")])
    (axis,) = drawn.axes
    assert boxes(axis) == [(0.8, 0.95, 28.0, 93.0), (0.8, 0.95, 30.0, 92.0)]
    shown = [line for line in drawn_lines(axis) if line[0]]
    assert shown == [
        ([0.8, 0.9, 0.95], [90, 60, 30]), ([0.8, 0.9, 0.95], [91, 61, 31]), ([0.8, 0.95], [91, 29]), ([0.9], [61]),
        ([0.88, 0.92], [61, 61]),
    ]  # fmt: skip
    assert ticks(axis, "x") == {0.8: "80 %", 0.95: "95 %"}
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == ("combined", "pruned", "%")
    assert legend(drawn) == ["ssri", "ketamine"]


def test_values_without_distances_have_bars_of_intervals_beside_each_other() -> None:
    x, mean = np.array([0.0, 1.0]), np.array([50.0, 70.0])
    one = lines.Curve("a", "#010101", "o", "-", x, mean, mean - 1, mean + 2, people=np.array([[49.0, 71.0]]))
    other = lines.Curve("b", "#020202", "s", "-", x, mean + 5, mean + 4, mean + 6)
    panel = lines.Panel("combined", "%", (one, other))
    (axis,) = lines.draw_lines([panel], "criterion", [(0, "gradient"), (1, "random")], discrete=True).axes
    bars = segments(axis)
    assert [(low[1], high[1]) for low, high in bars] == [(49, 52), (69, 72), (54, 56), (74, 76)]
    assert [round(low[0], 9) for low, _ in bars] == [-0.06, 0.94, 0.06, 1.06]
    person, first, second = drawn_lines(axis)
    assert (person[1], first[1], second[1]) == ([49, 71], [50, 70], [55, 75])
    assert first[0] == pytest.approx([-0.06, 0.94])


def test_a_point_of_a_scatter_has_its_interval_on_each_axis() -> None:
    dot = Dot("ketamine", 0.3, 80.0, (0.25, 0.36), (78.0, 83.0))
    (axis,) = draw_scatter({"combined": [dot]}, "dose", ["%"]).axes
    assert drawn_lines(axis) == [([0.3], [80.0])]
    assert segments(axis) == [[[0.25, 80.0], [0.36, 80.0]], [[0.3, 78.0], [0.3, 83.0]]]
    assert (axis.get_xlabel(), axis.get_ylabel(), axis.get_title()) == ("dose", "%", "combined")


def test_a_heat_map_has_rows_upwards_and_columns_to_the_right() -> None:
    mean, width = np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]]), np.full((2, 3), 0.5)
    drawn = draw_heat_map(mean, width, ["0.8", "0.9"], ["a", "b", "c"], ("sparsity", "dose"), "%")
    values, widths = drawn.axes[:2]
    assert ticks(values) == {0: "0.8", 1: "0.9"}
    assert ticks(values, "x") == {0: "a", 1: "b", 2: "c"}
    assert (values.get_xlabel(), values.get_ylabel(), values.get_title()) == ("dose", "sparsity", "mean, %")
    said = {tuple(map(int, text.get_position())): text.get_text() for text in values.texts}
    assert said == {(0, 0): "1.0", (1, 0): "2.0", (2, 0): "–", (0, 1): "4.0", (1, 1): "5.0", (2, 1): "6.0"}
    assert values.get_ylim()[0] < values.get_ylim()[1]
    assert {text.get_text() for text in widths.texts} == {"0.5"}
    assert widths.get_title() == "width of its 95 % interval, %"


def test_layers_go_over_the_stages_beside_each_other() -> None:
    nan = np.nan
    one = Course("layer 1", np.array([0.0, 90.0, nan]), np.array([0.0, 89.0, nan]), np.array([0.0, 92.0, nan]))
    two = Course("layer 2", np.array([0.0, 95.0, 50.0]), np.array([0.0, 94.0, 49.0]), np.array([0.0, 96.0, 51.0]))
    drawn = draw_courses({"ketamine": [one, two]}, ["healthy", "depressed", "treated"], "%")
    (axis,) = drawn.axes
    first, second = drawn_lines(axis)
    assert (first[1], second[1]) == ([0, 90], [0, 95, 50])
    assert first[0] == pytest.approx([-0.035, 0.965])
    assert second[0] == pytest.approx([0.035, 1.035, 2.035])
    assert ticks(axis, "x") == {0: "healthy", 1: "depressed", 2: "treated"}
    assert [box[2:] for box in boxes(axis)] == [(0.0, 92.0), (0.0, 96.0)]
    assert legend(drawn) == ["layer 1", "layer 2"]


def test_an_overlap_has_the_mean_its_interval_and_the_band_of_chance() -> None:
    (axis,) = draw_overlaps({"ketamine": [Bar("1", 60.0, (58.0, 61.0), 50.0, (48.0, 53.0))]}, "%").axes
    assert boxes(axis) == [(-0.3, 0.3, 48.0, 53.0)]
    assert segments(axis) == [[[-0.3, 50.0], [0.3, 50.0]], [[0.0, 58.0], [0.0, 61.0]]]
    assert drawn_lines(axis) == [([0], [60])]
    assert ticks(axis, "x") == {0: "1"}


def test_the_history_of_a_search_tells_kept_broken_pruned_and_failed_apart() -> None:
    values = {"mean": [(0, 1.0, True), (1, 3.0, False), (4, 2.0, True)]}
    drawn = draw_history(values, [(0, 1.0), (4, 2.0)], [(2, "stopped early"), (3, "failed"), (5, "interrupted")])
    (axis,) = drawn.axes
    found = {line.get_label(): ([*line.get_xdata()], [*line.get_ydata()]) for line in axis.lines}
    assert found == {
        "finished": ([0, 4], [1.0, 2.0]),
        "finished, breaks a constraint": ([1], [3.0]),
        "best so far": ([0, 4], [1.0, 2.0]),
        "stopped early": ([2], [0.03]),
        "interrupted": ([5], [0.03]),
        "failed": ([3], [0.03]),
    }
    assert axis.get_xlabel() == "trial"


def test_importance_is_a_bar_per_setting_from_above() -> None:
    (axis,) = draw_importance({"mean": {"epochs": 0.7, "rate": 0.3}}).axes
    assert [(round(bar.get_y() + bar.get_height() / 2, 9), bar.get_width()) for bar in axis.patches] == [
        (0, 0.7),
        (1, 0.3),
    ]
    assert ticks(axis) == {0: "epochs", 1: "rate"}
    assert axis.yaxis_inverted()


def test_a_front_has_its_trials_its_edge_and_the_way_to_fresh_individuals() -> None:
    drawn = draw_front([(1.0, 5.0), (2.0, 4.0)], [(2.0, 4.0)], [((2.0, 4.0), (1.8, 4.4))], ("dose", "drop"))
    (axis,) = drawn.axes
    assert drawn_lines(axis) == [([1, 2], [5, 4]), ([2], [4]), ([2.0, 1.8], [4.0, 4.4]), ([1.8], [4.4])]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("dose", "drop")
    assert legend(drawn) == ["trials", "trade-off", "the same on fresh individuals"]


def test_optimism_is_the_search_above_and_fresh_individuals_below() -> None:
    drawn = draw_optimism({"mean": [Pair("winner", 90.0, 85.0, (89.0, 91.0), (83.0, 86.0))]})
    (axis,) = drawn.axes
    assert drawn_lines(axis) == [([90], [-0.12]), ([85], [0.12])]
    assert segments(axis) == [[[89.0, -0.12], [91.0, -0.12]], [[83.0, 0.12], [86.0, 0.12]]]
    assert axis.get_ylim() == (0.5, -0.5)
    assert legend(drawn) == ["in the search", "on fresh individuals"]


def test_stacked_pieces_begin_where_the_one_before_ends() -> None:
    drawn = stacked_bars.draw_stacked_bars({"combined": {"ketamine": {"init": 0.25, "rest": 0.75}}}, "rest")
    (axis,) = drawn.axes
    pieces = [(bar.get_x(), bar.get_width()) for bar in axis.patches[:2]]
    assert pieces == [(0.0, 0.25), (0.25, 0.75)]
    assert [text.get_text() for text in axis.texts] == ["25", "75"]
    assert ticks(axis) == {0: "ketamine"}
    assert legend(drawn) == ["init", "rest"]


def test_of_many_contrasts_the_widest_are_named_and_all_are_drawn() -> None:
    sizes = np.array([5, 50])
    names = [f"treatment {number}" for number in range(MOST_NAMED + 9)]
    look = dict.fromkeys((*names, "none"), LOOK["ketamine"])
    widths = [Width(name, "none", sizes, np.array([1.0 + n, 0.5])) for n, name in enumerate(names)]
    with style.look():
        drawn = draw_half_widths({"combined": widths, "standard": widths}, look, 20, 1.5)
        drawn.draw_without_rendering()
    assert legend(drawn) == ["others", *(f"{name} − none" for name in names[-MOST_NAMED:])]
    for axis in drawn.axes:
        assert [list(line.get_ydata()) for line in axis.lines[2:]] == [[1.0 + n, 0.5] for n in range(len(names))]
        assert sum(line.get_color() == GREY for line in axis.lines[2:]) == 9
    assert_legend_is_beside_panels(drawn)


def assert_legend_is_beside_panels(drawn: Any) -> None:
    """The legend lies in the figure, on no panel, and the panels have kept a size."""
    box = drawn.legends[0].get_window_extent()
    assert 0 <= box.x0 < box.x1 <= drawn.bbox.width
    for axis in drawn.axes:
        place = axis.get_window_extent()
        assert place.height > 50
        assert not place.overlaps(box)


def test_points_of_conditions_with_long_names_keep_their_legend_in_the_figure() -> None:
    names = [f"a_very_long_name_of_a_treatment_{number}" for number in range(11)]
    dots = [Dot(name, float(n), float(n), None, None) for n, name in enumerate(names)]
    with style.look():
        drawn = draw_scatter({"one": dots, "two": dots}, "dose", ("%", "%"))
        drawn.draw_without_rendering()
    assert legend(drawn) == names
    assert_legend_is_beside_panels(drawn)


def test_a_title_longer_than_its_panel_is_broken() -> None:
    names = [f"ssri_then_ketamine_if_needed, combined {number}, epochs 5" for number in range(3)]
    course = Course("layer 1", np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    drawn = draw_courses({name: [course] for name in names}, ["healthy", "treated"], "%")
    drawn.draw_without_rendering()
    for axis, name in zip(drawn.axes, names, strict=True):
        assert axis.get_title().replace("\n", " ") == name
        box = axis.title.get_window_extent()
        assert 0 <= box.x0 < box.x1 <= drawn.bbox.width
