"""Shares: a dot for each condition with its interval, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from depsim.report.figures.condition_style import ConditionStyle
from depsim.report.figures.style import GREY, INK, PAPER, WIDTH, legend_below, panels

_COLUMNS, _ROW, _AROUND = 2, 0.27, 0.85
_WHOLE = (-2, 102)
"""Per cent: a horizontal axis from none to all."""


@dataclass(frozen=True)
class Rate:
    """A share.

    Args:
        name: of the row.
        style: of the condition.
        share: per cent.
        interval: of it, or None.
        published: of a trial, per cent, or None.
        expected: what chance alone gives, and where 95 % would lie then; or None.
    """

    name: str
    style: ConditionStyle
    share: float
    interval: tuple[float, float] | None
    published: float | None = None
    expected: tuple[float, float, float] | None = None


def draw_rates(rates: Mapping[str, Sequence[Rate]], x_label: str, published: str = "", *, whole: bool = True) -> Any:
    """The figure: a panel per rate, a row per condition.

    Args:
        rates: title to its rows.
        x_label: of the horizontal axes.
        published: the trial, for a legend.
        whole: whether axes run from 0 to 100 %, else over what is there.
    """
    names = list(dict.fromkeys(rate.name for rows in rates.values() for rate in rows))
    width = WIDTH if len(rates) > 1 else 0.7 * WIDTH
    drawn, grid = panels(len(rates), _COLUMNS, _ROW * len(names) + _AROUND, 0.0, width, sharey=True)
    for axis, (title, rows) in zip(grid.flat, rates.items(), strict=False):
        for rate in rows:
            _draw(axis, rate, names.index(rate.name), published)
        axis.set_title(title)
        axis.set_xlabel(x_label)
        axis.set_yticks(range(len(names)), names)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
        if whole:
            axis.set_xlim(*_WHOLE)
    if published:
        legend_below(drawn, grid.flat, fewest=1)
    return drawn


def _draw(axis: Any, rate: Rate, row: int, published: str) -> None:
    if rate.expected is not None:
        middle, low, high = rate.expected
        axis.fill_between((low, high), row - 0.4, row + 0.4, color=GREY, alpha=0.3, linewidth=0)
        axis.plot([middle, middle], [row - 0.4, row + 0.4], color=GREY, linewidth=1.2)
    colour = rate.style.colour
    if rate.interval is not None:
        axis.plot(rate.interval, [row, row], color=colour, linewidth=2.2, solid_capstyle="butt")
    marks = {"marker": rate.style.marker, "color": colour, "markerfacecolor": PAPER if rate.style.hollow else colour}
    axis.plot([rate.share], [row], linestyle="none", markersize=6, clip_on=False, zorder=4, **marks)
    if rate.published is not None:
        axis.plot(
            [rate.published],
            [row + 0.25],
            marker="o",
            markersize=5,
            markerfacecolor=PAPER,
            color=INK,
            linestyle="none",
            label=published,
        )
