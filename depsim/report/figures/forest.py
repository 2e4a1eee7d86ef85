"""Estimates with their intervals, one below the other: a panel per outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.strips import spread
from depsim.report.figures.style import GREY, INK, panels

_COLUMNS, _LINE, _AROUND = 4, 0.28, 0.95


@dataclass(frozen=True)
class Mark:
    """An estimate.

    Args:
        name: of its line.
        value: the estimate.
        interval: of it, or None.
        colour: as matplotlib names it.
        people: what it is the mean of, (N,), or None.
    """

    name: str
    value: float
    interval: tuple[float, float] | None
    colour: str = INK
    people: np.ndarray | None = None


def draw_forest(
    outcomes: Mapping[str, Sequence[Mark]],
    x_label: str,
    at: float = 0.0,
    bands: Mapping[str, float] | None = None,
    limits: tuple[float, float] | None = None,
) -> Any:
    """The figure.

    Args:
        outcomes: title to its marks.
        x_label: of all panels.
        at: where the vertical line stands.
        bands: title to what lies around that line without mattering.
        limits: of all horizontal axes, where values have any.
    """
    names = list(dict.fromkeys(mark.name for marks in outcomes.values() for mark in marks))
    drawn, grid = panels(len(outcomes), _COLUMNS, _AROUND + _LINE * len(names), sharey=True)
    for axis, (title, marks) in zip(grid.flat, outcomes.items(), strict=False):
        if bands and title in bands:
            axis.axvspan(at - bands[title], at + bands[title], color=GREY, alpha=0.25, linewidth=0)
        draw_marks(axis, marks, names, at)
        axis.set_title(title)
        axis.set_xlabel(x_label)
        if limits is not None:
            axis.set_xlim(*limits)
    return drawn


def draw_marks(axis: Any, marks: Sequence[Mark], names: Sequence[str], at: float = 0.0) -> None:
    """Marks in one panel.

    Args:
        axis: to draw on.
        marks: of this panel.
        names: of all lines, from above.
        at: where the vertical line stands.
    """
    axis.axvline(at, color=INK, linewidth=0.8)
    for mark in marks:
        row = names.index(mark.name)
        if mark.people is not None:
            faint = max(0.1, min(0.5, 12 / max(mark.people.size, 1)))
            places = row + spread(mark.people.size, 0.3)
            axis.scatter(mark.people, places, s=6, color=mark.colour, alpha=faint, linewidths=0)
        if mark.interval is not None:
            colour = INK if mark.people is not None else mark.colour
            axis.plot(mark.interval, [row, row], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=4)
        axis.plot([mark.value], [row], marker="|", markersize=10, markeredgewidth=1.6, color=INK, zorder=5)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.grid(visible=False, axis="y")
