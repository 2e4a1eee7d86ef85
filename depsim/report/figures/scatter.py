"""Conditions as points: one measured quantity against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from depsim.report.figures import style
from depsim.report.figures.style import ALONE, WIDTH, colours, markers

_PANEL_HEIGHT, _PANELS_A_ROW = 2.7, 2


@dataclass(frozen=True)
class Dot:
    """One condition.

    Args:
        treatment: decides the look.
        x, y: means.
        x_interval, y_interval: of the means, or None.
    """

    treatment: str
    x: float
    y: float
    x_interval: tuple[float, float] | None
    y_interval: tuple[float, float] | None


def draw_scatter(panels: Mapping[str, Sequence[Dot]], x_label: str, units: Sequence[str]) -> Any:
    """The figure.

    Args:
        panels: title to conditions.
        x_label: of the horizontal axes.
        units: of the vertical ones.
    """
    width = WIDTH if len(panels) > 1 else ALONE
    drawn, grid = style.panels(len(panels), _PANELS_A_ROW, _PANEL_HEIGHT, 0.5, width)
    names = list(dict.fromkeys(dot.treatment for dots in panels.values() for dot in dots))
    colour, marker = colours(names), markers(names)
    for axis, (title, dots), unit in zip(grid.flat, panels.items(), units, strict=False):
        for dot in dots:
            own = colour[dot.treatment]
            if dot.x_interval:
                axis.hlines(dot.y, *dot.x_interval, color=own, linewidth=1)
            if dot.y_interval:
                axis.vlines(dot.x, *dot.y_interval, color=own, linewidth=1)
            axis.plot([dot.x], [dot.y], color=own, marker=marker[dot.treatment], linestyle="none")
        axis.set_title(title)
        axis.set_xlabel(x_label)
        axis.set_ylabel(unit)
    for name in names if len(names) > 1 else ():
        grid.flat[0].plot([], [], color=colour[name], marker=marker[name], linestyle="none", label=name)
    style.legend_below(drawn, [grid.flat[0]], 5)
    return drawn
