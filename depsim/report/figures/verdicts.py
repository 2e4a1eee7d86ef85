"""What became of each of several statements in each of several places, at one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.patches import Rectangle

from depsim.report.figures import style

_ROW, _AROUND = 0.16, 0.75
_SIDE_BY_SIDE, _SLANTED = 5, 0.7
"""How many columns have room for their names side by side, and the room that more take on a slant."""
COLOURS = {"yes": "#0072b2", "no": "#d55e00", "undecided": "#d9d9d9", "too few": "#f2f2f2", "not measured": "#ffffff"}
"""Of verdicts."""
_INK = {"yes": "white", "no": "white"}


def draw_verdicts(rows: Sequence[str], columns: Sequence[str], cells: Mapping[tuple[int, int], tuple[str, str]]) -> Any:
    """The figure.

    Args:
        rows: statements.
        columns: places.
        cells: row and column to verdict, a key of :data:`COLOURS`, and what stands in the cell.
    """
    many = len(columns) > _SIDE_BY_SIDE
    drawn = style.figure(style.WIDTH, _AROUND + (_SLANTED if many else 0) + _ROW * len(rows))
    axis = drawn.subplots()
    axis.grid(False)
    for (row, column), (verdict, text) in cells.items():
        axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=COLOURS[verdict], edgecolor="white"))
        axis.text(column, row, text, ha="center", va="center", fontsize=7, color=_INK.get(verdict, style.INK))
    axis.set_xlim(-0.5, len(columns) - 0.5)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.xaxis.tick_top()
    axis.set_xticks(range(len(columns)), columns)
    if many:
        axis.tick_params(axis="x", rotation=20)
        for label in axis.get_xticklabels():
            label.set_horizontalalignment("left")
    axis.set_yticks(range(len(rows)), rows)
    axis.tick_params(labelsize=7.5)
    for name in dict.fromkeys(verdict for verdict, _ in cells.values()):
        axis.plot([], [], "s", color=COLOURS[name], markeredgecolor=style.GREY, label=name)
    style.legend_below(drawn, [axis], fewest=1)
    return drawn
