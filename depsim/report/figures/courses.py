"""Conditions along something: every individual, their mean with its band, and published values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from depsim.report.figures.lines import Panel, draw_line
from depsim.report.figures.style import WIDTH, legend_below, panels, wrapped

_ONE_ROW, _OF_SEVERAL, _AROUND = 2.5, 1.6, 0.6
"""Inches: height of a row that is alone, of each of several, and of what is above and below all of them."""
_TITLE, _LETTERS = 8.5, 150
"""Size of a panel's title, and how many letters a row of panels holds at it."""
_LEGEND = 7.5
"""Size of letters in a panel."""


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
            draw_line(axis, line)
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
