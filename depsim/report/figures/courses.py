"""Conditions along something: every individual, their mean with its band, and published values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from depsim.report.figures.looks import Look, thin
from depsim.report.figures.style import INK, PUBLISHED, WIDTH, legend_below, panels, wrapped

_ONE_ROW, _OF_SEVERAL, _AROUND = 2.5, 1.6, 0.6
"""Inches: height of a row that is alone, of each of several, and of what is above and below all of them."""
_TITLE, _LETTERS = 8.5, 150
"""Size of a panel's title, and how many letters a row of panels holds at it."""
_LEGEND = 7.5
"""Size of letters in a panel."""


@dataclass(frozen=True)
class Line:
    """A condition in a panel.

    Args:
        label: for the legend.
        look: of the condition; None for a reference, which is dotted.
        x: places, (K,).
        mean, low, high: at each of them, (K,); NaN where there is none.
        people: one row per individual, (N, K), drawn thinly; or None.
        published: places and values of the published individual, or None.
        steps: whether it stays level from place to place.
    """

    label: str
    look: Look | None
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    people: np.ndarray | None = None
    published: tuple[Sequence[float], Sequence[float]] | None = None
    steps: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines on one pair of axes."""

    title: str
    unit: str
    lines: tuple[Line, ...]


def draw_courses(
    shown: Sequence[Panel], columns: int, x_label: str, *, falling: bool = False, shares: bool = False
) -> Any:
    """The figure: panels in rows, all with one horizontal axis and each row with one vertical axis.

    Args:
        shown: in reading order.
        columns: panels a row.
        x_label: of the horizontal axis.
        falling: whether it runs from the largest place to the smallest.
        shares: whether vertical axes run from 0 to 100 %, and each panel has a legend of its own.
    """
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    width = WIDTH if columns > 2 else WIDTH * 0.36 * columns
    height = _ONE_ROW if rows == 1 else _OF_SEVERAL
    drawn, grid = panels(len(shown), columns, height, _AROUND, width, sharex=True, sharey="row")
    for axis, panel in zip(grid.flat, shown, strict=False):
        for line in panel.lines:
            _draw(axis, line)
        axis.set_title(wrapped(panel.title, int(_LETTERS * width / WIDTH / columns)), fontsize=_TITLE)
    for place, panel in enumerate(shown):
        axis = grid.flat[place]
        if place % columns == 0:
            axis.set_ylabel(panel.unit)
        if place + columns >= len(shown):
            axis.set_xlabel(x_label)
            axis.xaxis.set_tick_params(labelbottom=True)
    if all(float(place).is_integer() for panel in shown for line in panel.lines for place in line.x):
        grid.flat[0].xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    if falling:
        grid.flat[0].invert_xaxis()
    if not shares:
        legend_below(drawn, grid.flat[: len(shown)])
        return drawn
    for axis in grid.flat[: len(shown)]:
        axis.set_ylim(-2, 102)
        axis.legend(fontsize=_LEGEND, loc="lower left")
    return drawn


def draw_mean(axis: Any, line: Line, label: str | None = None) -> None:
    """Draw a mean and its band; the label is for a legend."""
    if line.look is None:
        axis.plot(line.x, line.mean, color=INK, linestyle=":", linewidth=1.2, label=label)
        return
    step: dict[str, Any] = {"step": "post"} if line.steps else {}
    axis.fill_between(line.x, line.low, line.high, color=line.look.colour, alpha=0.25, linewidth=0, **step)
    style: dict[str, Any] = {"color": line.look.colour, "linestyle": line.look.line, "label": label}
    if line.steps:
        axis.step(line.x, line.mean, where="post", **style)
    else:
        axis.plot(line.x, line.mean, marker=line.look.marker, markerfacecolor=line.look.face, markersize=3.5, **style)


def _draw(axis: Any, line: Line) -> None:
    if line.people is not None and len(line.people) > 1 and line.look is not None:
        axis.plot(line.x, line.people.T, color=line.look.colour, **thin(len(line.people)))
    draw_mean(axis, line, line.label or None)
    if line.published is not None:
        axis.plot(*line.published, color=PUBLISHED, marker="D", markersize=4.5, linestyle="none", zorder=5)
