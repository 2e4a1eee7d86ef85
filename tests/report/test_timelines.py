"""The figure of treatments in time, by what it draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.timelines import Row, draw_timelines
from depsim.treatment.regimen_timeline import EXAMINE, STRESS, Moment, Span, Timeline

GREEN, ORANGE, BLUE = (style.colours([name])[name] for name in ("neurosteroid", "ssri", "ketamine"))
BRIDGE = Timeline(
    [Span("n", 0, 10), Span("s", 10, 110)],
    [Span("n", 0, 10), Span("n", 10, 110, fading=50)],
    doses={"n": 1, "s": 1},
    epochs=110,
)
LADDER = Timeline(
    [Span("s", 0, 100), Span("n", 100, 110, "unless remitted"), Span("k", 110, 125, "unless remitted")],
    [Span("n", 100, 110, "unless remitted"), Span("n", 110, 125, "unless remitted")],
    [Moment("k", 0), Moment(STRESS, 100), Moment(EXAMINE, 125), Moment("k", 125, "unless combined ≥ 80 %")],
    left_on=("n",),
    doses={"s": 1, "n": 1, "k": 3},
    epochs=125,
)
CHOICES = {"n": "neurosteroid", "s": "ssri", "k": "ketamine"}


def row(name: str, line: Timeline, **changes: Any) -> Row:
    people = np.array([70.0, 80.0, 90.0])
    values = {"epochs": str(line.epochs), "people": people, "mean": 80.0, "interval": (75.0, 86.0), **changes}
    return Row(name, line, {drug: CHOICES[drug] for drug in line.doses}, **values)


def drawn(*rows: Row) -> Any:
    with style.look():
        figure = draw_timelines(rows, "combined stress, %")
        figure.draw_without_rendering()
    return figure


def bars(axis: Any) -> list[tuple[float, float, str, bool]]:
    """Broad bars: from, to, colour, and whether they are hatched."""
    from matplotlib.colors import to_hex

    return [
        (float(bar.get_x()), float(bar.get_x() + bar.get_width()), to_hex(bar.get_facecolor()), bool(bar.get_hatch()))
        for bar in axis.patches
        if type(bar).__name__ == "Rectangle"
    ]


def thin_bars(axis: Any) -> list[tuple[list[float], str]]:
    """Thin bars: where their corners are along the epochs, and their colour."""
    from matplotlib.colors import to_hex

    return [
        ([float(x) for x in bar.get_xy()[:-1, 0]], to_hex(bar.get_facecolor()))
        for bar in axis.patches
        if type(bar).__name__ == "Polygon"
    ]


def texts(axis: Any) -> dict[str, tuple[float, float]]:
    return {text.get_text(): text.get_position() for text in axis.texts}


def legend(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_steps_are_bars_by_epochs_in_the_colour_of_their_drug() -> None:
    times, _ = drawn(row("bridge", BRIDGE)).axes
    assert bars(times) == [(0, 10, GREEN, False), (10, 110, ORANGE, False)]
    assert times.get_xlabel() == "epochs of training"


def test_a_standing_state_is_a_thin_bar_that_narrows_where_it_fades() -> None:
    times, _ = drawn(row("bridge", BRIDGE)).axes
    (on, _), (fading, colour) = thin_bars(times)
    assert on == [0, 10, 10, 0]
    assert fading == [10, 60, 110, 60, 10]
    assert colour == GREEN
    heights = {float(y) for x, y in times.patches[-1].get_xy() if x == 110}
    assert len(heights) == 1  # to a point


def test_steps_for_some_are_hatched_and_say_once_for_whom() -> None:
    times, _ = drawn(row("ladder", LADDER)).axes
    assert [hatched for *_, hatched in bars(times)] == [False, True, True]
    assert texts(times)["unless remitted; then unless combined ≥ 80 %"][0] == 100  # no room side by side
    apart = Timeline([Span("s", 0, 90, "unless remitted"), Span("n", 90, 200, "unless combined ≥ 80 %")], epochs=200)
    found = texts(drawn(replace(row("two", apart), choices=CHOICES)).axes[0])
    assert (found["unless remitted"][0], found["unless combined ≥ 80 %"][0]) == (0, 90)


def test_what_trains_nobody_is_a_mark() -> None:
    times, _ = drawn(row("ladder", LADDER)).axes
    marks = [(line.get_marker(), float(line.get_xdata()[0]), line.get_color()) for line in times.lines[:4]]
    assert marks == [("v", 0, BLUE), ("X", 100, style.INK), ("|", 125, style.INK), ("v", 125, BLUE)]
    assert times.lines[3].get_markerfacecolor() == style.PAPER  # for some only
    assert [(line.get_marker(), line.get_xdata()[0], line.get_color()) for line in times.lines[4:5]] == [
        (">", 125, GREEN)
    ]


def test_outcomes_stand_in_the_row_of_their_condition() -> None:
    rows = [row("bridge", BRIDGE), row("ladder", LADDER, people=np.array([10.0, 20.0]), mean=15.0, interval=None)]
    _, outcomes = drawn(*rows).axes
    dots = [np.asarray(points.get_offsets()) for points in outcomes.collections]
    assert [points[:, 0].tolist() for points in dots] == [[70, 80, 90], [10, 20]]
    assert [np.abs(points[:, 1] - place).max() < 0.3 for place, points in enumerate(dots)] == [True, True]
    shown = [(line.get_xdata()[:], line.get_ydata()[:]) for line in outcomes.lines if len(line.get_xdata()) < 3]
    interval, mean, other = [each for each in shown if set(each[1]) <= {0, 1}][:3]
    assert ([*interval[0]], [*interval[1]]) == ([75, 86], [0, 0])
    assert ([*mean[0]], [*mean[1]]) == ([80], [0])
    assert ([*other[0]], [*other[1]]) == ([15], [1])
    assert outcomes.get_xlabel() == "combined stress, %"


def test_names_and_epochs_are_written_from_above() -> None:
    figure = drawn(row("bridge", BRIDGE), row("ladder", LADDER, epochs="125 (mean 110)"))
    times, _ = figure.axes
    found = texts(times)
    assert found["bridge"][1] < 0 < found["ladder"][1] < 1
    assert found["110"][0] > 110
    assert found["125 (mean 110)"][0] > 125
    assert times.get_ylim() == (1.6, -0.6)


def test_the_legend_names_what_is_there_and_no_more() -> None:
    assert legend(drawn(row("bridge", BRIDGE))) == ["neurosteroid", "ssri", "thin: drug on", "fading"]
    assert legend(drawn(row("ladder", LADDER))) == [
        "ssri", "neurosteroid", "ketamine", "thin: drug on", "on at the end", "only for some", "given without training",
        STRESS, EXAMINE,
    ]  # fmt: skip


def test_twelve_regimens_with_long_names_do_not_overlap() -> None:
    figure = drawn(
        *[row(f"ladder, treatment.steps.{place}.repeat=3", LADDER, epochs="125 (mean 110)") for place in range(12)]
    )
    times, _ = figure.axes
    boxes = sorted((text.get_window_extent() for text in times.texts), key=lambda box: -box.y0)
    for one, other in [(a, b) for place, a in enumerate(boxes) for b in boxes[:place]]:
        assert not one.overlaps(other)
    assert all(box.x1 <= times.get_window_extent().x1 for box in boxes)
    assert figure.legends[0].get_window_extent().x0 >= 0


def test_who_is_given_nothing_is_a_row_all_the_same() -> None:
    times, outcomes = drawn(row("none", Timeline())).axes
    assert bars(times) == []
    assert "none" in texts(times)
    assert len(outcomes.collections) == 1
