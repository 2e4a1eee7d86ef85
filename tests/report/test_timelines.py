"""The figure of treatments in time, by what it draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.timelines import TimelineRow, draw_timelines
from depsim.treatment.regimen_timeline import EXAMINE, STRESS, Moment, Span, Timeline

GREEN, BLUE = (style.colours([name])[name] for name in ("neurosteroid", "ketamine"))
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


def row(name: str, line: Timeline, **changes: Any) -> TimelineRow:
    people = np.array([70.0, 80.0, 90.0])
    values = {"epochs": str(line.epochs), "people": people, "mean": 80.0, "interval": (75.0, 86.0), **changes}
    return TimelineRow(name, line, {drug: CHOICES[drug] for drug in line.doses}, **values)


def drawn(*rows: TimelineRow) -> Any:
    with style.look():
        figure = draw_timelines(rows, "combined stress, %")
        figure.draw_without_rendering()
    return figure


def hatched(axis: Any) -> list[bool]:
    """Which of the broad bars are."""
    return [bool(bar.get_hatch()) for bar in axis.patches if type(bar).__name__ == "Rectangle"]


def texts(axis: Any) -> dict[str, tuple[float, float]]:
    return {text.get_text(): text.get_position() for text in axis.texts}


def legend(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_steps_for_some_are_hatched_and_say_once_for_whom() -> None:
    times, _ = drawn(row("ladder", LADDER)).axes
    assert hatched(times) == [False, True, True]
    assert texts(times)["unless remitted; then unless combined ≥ 80 %"][0] == 100  # no room side by side
    apart = Timeline([Span("s", 0, 90, "unless remitted"), Span("n", 90, 200, "unless combined ≥ 80 %")], epochs=200)
    rules = texts(drawn(replace(row("two", apart), choices=CHOICES)).axes[0])
    assert (rules["unless remitted"][0], rules["unless combined ≥ 80 %"][0]) == (0, 90)


def test_what_trains_nobody_is_a_mark() -> None:
    times, _ = drawn(row("ladder", LADDER)).axes
    marks = [(line.get_marker(), float(line.get_xdata()[0]), line.get_color()) for line in times.lines[:4]]
    assert marks == [("v", 0, BLUE), ("X", 100, style.INK), ("|", 125, style.INK), ("v", 125, BLUE)]
    assert times.lines[3].get_markerfacecolor() == style.PAPER  # for some only
    assert [(line.get_marker(), line.get_xdata()[0], line.get_color()) for line in times.lines[4:5]] == [
        (">", 125, GREEN)
    ]


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
    assert hatched(times) == []
    assert "none" in texts(times)
    assert len(outcomes.collections) == 1
