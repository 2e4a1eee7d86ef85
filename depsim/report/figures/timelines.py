"""Treatments in time: a row per condition, its steps by epochs, and beside it the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.condition_style import MANY
from depsim.report.figures.strips import spread
from depsim.report.figures.style import GREY, GRID, INK, PAPER, WIDTH, colours, figure
from depsim.treatment.regimen_timeline import EXAMINE, STRESS, Span, Timeline

_ROW, _AROUND = 0.5, 1.1
_BAR_TOP, _BAR_HEIGHT = -0.16, 0.26
_THIN_TOP, _THIN, _APART = 0.14, 0.06, 0.08
"""Of the thin bars: where the first one begins, their height, and from one to the next; in rows."""
_NAME, _RULE, _DOTS = -0.2, 0.48, 0.22
"""Where a row's name, and for whom a step is, are written, and how far individuals lie from the middle; in rows."""
_GAP, _LETTER = 0.015, 0.0145
"""Between a treatment and its epochs, as a share of the longest one, and a letter, as a share of the axis."""
_MARKS = {STRESS: "X", EXAMINE: "|"}
_HATCH = "////"
_WEDGE: Any = ((-0.5, -0.1), (0.5, 0.0), (-0.5, 0.1))
"""The marker of what fades, by its corners."""


@dataclass(frozen=True)
class TimelineRow:
    """One condition.

    Args:
        name: of it.
        line: its treatment in time.
        choices: what each drug of it is, which decides its colour.
        epochs: what is written behind it.
        people: outcomes of the individuals, (N,).
        mean: of them.
        interval: of the mean, or None.
    """

    name: str
    line: Timeline
    choices: Mapping[str, str]
    epochs: str
    people: np.ndarray
    mean: float
    interval: tuple[float, float] | None


def draw_timelines(rows: Sequence[TimelineRow], outcome: str) -> Any:
    """The figure.

    Args:
        rows: from above.
        outcome: what is shown beside them, with its unit.
    """
    drawn = figure(WIDTH, _AROUND + _ROW * len(rows))
    times, outcomes = drawn.subplots(1, 2, sharey=True, width_ratios=[2.7, 1])
    colour = colours(dict.fromkeys(choice for row in rows for choice in row.choices.values()))
    longest = max(row.line.epochs for row in rows) or 1
    for place, row in enumerate(rows):
        drug_colours = {drug: colour[choice] for drug, choice in row.choices.items()}
        _draw_line(times, row, place, drug_colours, longest)
        _draw_outcome(outcomes, row, place)
    times.set_xlim(-0.01 * longest, max(_room(row, longest) for row in rows))
    times.set_ylim(len(rows) - 0.4, -0.6)
    times.set_yticks([])
    times.set_xlabel("epochs of training")
    times.set_title("what is done")
    outcomes.set_xlabel(outcome)
    outcomes.set_title("what comes of it")
    for axis in (times, outcomes):
        axis.grid(visible=False, axis="y")
        for place in range(1, len(rows)):
            axis.axhline(place - 0.5, color=GRID, linewidth=0.6, zorder=0)
    _legend(drawn, rows, colour)
    return drawn


def _room(row: TimelineRow, longest: int) -> float:
    """How far the axis has to go so that what is written along the bars fits it."""
    texts = [(row.line.epochs + _GAP * longest, row.epochs), *_rules(row.line, longest)]
    return max(start / (1 - min(0.5, _LETTER * len(text))) for start, text in texts)


def _draw_line(axis: Any, row: TimelineRow, place: int, colour: Mapping[str, str], longest: int) -> None:
    line = row.line
    axis.text(0, place + _NAME, row.name, fontsize=8, va="bottom")
    for span in line.given:
        _bar(axis, span, place, colour[span.drug])
    drugs = list(dict.fromkeys(span.drug for span in line.standing))
    for span in line.standing:
        _thin_bar(axis, span, place + _THIN_TOP + _APART * drugs.index(span.drug), colour[span.drug])
    middle = place + _BAR_TOP + _BAR_HEIGHT / 2
    for moment in line.moments:
        style = {"marker": _MARKS.get(moment.what, "v"), "color": colour.get(moment.what, INK), "markersize": 6}
        face = PAPER if moment.rule else style["color"]
        axis.plot([moment.at], [middle], linestyle="none", markerfacecolor=face, zorder=4, **style)
    for drug in line.left_on:
        at = place + _THIN_TOP + _THIN / 2 + _APART * (drugs.index(drug) if drug in drugs else len(drugs))
        axis.plot([line.epochs], [at], marker=">", color=colour[drug], markersize=4, linestyle="none", zorder=4)
    for start, rule in _rules(line, longest):
        axis.text(start, place + _RULE, rule, fontsize=6.5, style="italic", color=GREY, va="bottom")
    axis.text(line.epochs + _GAP * longest, middle, row.epochs, fontsize=8, va="center")


def _bar(axis: Any, span: Span, place: int, colour: str) -> None:
    """A training; hatched where not all individuals get it."""
    hatch = {"hatch": _HATCH, "edgecolor": PAPER} if span.rule else {"edgecolor": PAPER}
    axis.barh(
        [place + _BAR_TOP],
        [span.end - span.start],
        _BAR_HEIGHT,
        left=span.start,
        align="edge",
        color=colour,
        linewidth=0.6,
        **hatch,
    )


def _thin_bar(axis: Any, span: Span, top: float, colour: str) -> None:
    """A standing state, which gets narrower where it fades."""
    full, bottom = span.end - span.fading, top + _THIN
    end = [(span.end, (top + bottom) / 2)] if span.fading else []
    corners = [(span.start, top), (full, top), *end, (full, bottom), (span.start, bottom)]
    axis.fill(*zip(*corners, strict=True), color=colour, linewidth=0)


def _rules(line: Timeline, longest: int) -> list[tuple[float, str]]:
    """For whom steps are, and where it is written: once for steps that follow each other, side by side if they fit."""
    rules: list[tuple[float, str]] = []
    steps = sorted([(span.start, span.rule) for span in line.given] + [(m.at, m.rule) for m in line.moments])
    last = ""
    for start, rule in steps:
        if rule and rule != last:
            before = rules[-1] if rules else None
            if before and start < before[0] + 1.4 * _LETTER * longest * len(before[1]):
                rules[-1] = (before[0], f"{before[1]}; then {rule}")
            else:
                rules.append((start, rule))
        last = rule
    return rules


def _draw_outcome(axis: Any, row: TimelineRow, place: int) -> None:
    n = row.people.size
    axis.scatter(
        row.people,
        place + spread(n, _DOTS),
        s=5,
        color=GREY,
        alpha=max(0.15, min(0.6, 12 / max(1, n))),
        linewidths=0,
        rasterized=n > MANY,
    )
    if row.interval is not None:
        axis.plot(row.interval, [place, place], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=4)
    axis.plot([row.mean], [place], marker="|", markersize=9, markeredgewidth=1.6, color=INK, zorder=5)


def _legend(drawn: Any, rows: Sequence[TimelineRow], colour: Mapping[str, str]) -> None:
    """What is in the figure, and no more."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    lines = [row.line for row in rows]
    given = {row.choices[drug] for row in rows for drug in row.line.doses}
    handles: list[Any] = [Patch(color=colour[name], label=name) for name in colour if name in given]

    def mark(marker: str, label: str, **more: Any) -> Line2D:
        return Line2D([], [], color=INK, linestyle="none", label=label, marker=marker, markersize=6, **more)

    what = {moment.what for line in lines for moment in line.moments}
    if any(line.standing for line in lines):
        handles.append(Line2D([], [], color=INK, linewidth=2.5, label="thin: drug on"))
    if any(span.fading for line in lines for span in line.standing):
        handles.append(Line2D([], [], color=INK, marker=_WEDGE, markersize=18, linestyle="none", label="fading"))
    if any(line.left_on for line in lines):
        handles.append(mark(">", "on at the end"))
    if any(span.rule for line in lines for span in line.given):
        handles.append(Patch(facecolor=GREY, edgecolor=PAPER, hatch=_HATCH, label="only for some"))
    handles += [mark("v", "given without training")] if what - set(_MARKS) else []
    handles += [mark(_MARKS[moment], moment) for moment in _MARKS if moment in what]
    drawn.legend(handles=handles, loc="outside lower center", ncols=min(5, len(handles)), frameon=False)
