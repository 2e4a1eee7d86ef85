"""Shares of a whole as stacked bars: a panel per whole, a bar per condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from depsim.report.figures import style

_COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#56b4e9",
    "#cc79a7",
    "#d55e00",
    "#f0e442",
    "#999999",
    "#882255",
    "#44aa99",
)
_REST = "#d9d9d9"
_BAR_HEIGHT, _PANELS_A_ROW = 0.34, 4
_LEAST_LABELLED = 0.08
"""Share from which a piece is wide enough for its number."""


def draw_stacked_bars(panels: Mapping[str, Mapping[str, Mapping[str, float]]], rest: str) -> Any:
    """The figure.

    Args:
        panels: title to bar to piece to share, 0 to 1; all bars have their pieces in one order.
        rest: the piece that is drawn in grey.
    """
    rows = list(dict.fromkeys(bar for bars in panels.values() for bar in bars))
    drawn, grid = style.panels(len(panels), _PANELS_A_ROW, 0.9 + _BAR_HEIGHT * len(rows), 0.4, sharey=True)
    names = list(dict.fromkeys(piece for bars in panels.values() for pieces in bars.values() for piece in pieces))
    colours = _colours(names, rest)
    for axis, (title, bars) in zip(grid.flat, panels.items(), strict=False):
        for name, pieces in bars.items():
            _draw_bar(axis, rows.index(name), pieces, colours)
        axis.set_yticks(range(len(rows)), rows)
        axis.set_ylim(len(rows) - 0.4, -0.6)
        axis.set_xlim(0, 1)
        axis.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
        axis.set_xlabel("share of the variance, %")
        axis.set_title(title)
        axis.grid(visible=False)
    for name in names:
        grid.flat[0].barh([0], [0], color=colours[name], label=name)
    style.legend_below(drawn, [grid.flat[0]], 8, 1)
    return drawn


def _colours(names: Sequence[str], rest: str) -> dict[str, str]:
    coloured = [name for name in names if name != rest]
    return {name: _COLOURS[place % len(_COLOURS)] for place, name in enumerate(coloured)} | {rest: _REST}


def _draw_bar(axis: Any, place: int, pieces: Mapping[str, float], colours: Mapping[str, str]) -> None:
    left = 0.0
    for name, share in pieces.items():
        axis.barh([place], [share], left=left, height=0.7, color=colours[name])
        if share >= _LEAST_LABELLED:
            axis.text(left + share / 2, place, f"{100 * share:.0f}", ha="center", va="center", fontsize=8)
        left += share
