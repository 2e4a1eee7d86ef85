"""Outcomes along one varied setting: a panel per outcome, a line per treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.looks import thin
from depsim.report.figures.style import ALONE, INK, PAPER, WIDTH

_MOST_BANDS = 6
"""Lines in a panel up to which bands can be told from each other."""
_PANEL_HEIGHT, _PANELS_A_ROW = 2.9, 4
_CURVE_POINTS = 200
_LETTER = 0.022
"""Width of a letter at a tick, as a share of a panel."""
_LINE = 0.05
"""Width of a label that is turned, as a share of a panel."""


@dataclass(frozen=True)
class Half:
    """A fitted dose-response curve and its half-way point, on the axis of the figure.

    Args:
        x, y: the curve, (C,) each.
        middle: position of the half-way point.
        height: of the half-way point.
        interval: of its position, or None.
    """

    x: np.ndarray
    y: np.ndarray
    middle: float
    height: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    Args:
        label: for the legend.
        colour, marker, dashes: its look.
        x: positions, (K,).
        mean, low, high: of the outcome, (K,); NaN where there is none.
        people: one row per individual, (N, K), drawn thinly; or None.
        half: a fitted curve, or None.
    """

    label: str
    colour: str
    marker: str
    dashes: str
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    people: np.ndarray | None = None
    half: Half | None = None


@dataclass(frozen=True)
class Panel:
    """One outcome.

    Args:
        title: what it is.
        unit: for the vertical axis.
        curves: its lines.
    """

    title: str
    unit: str
    curves: tuple[Curve, ...]

    @property
    def banded(self) -> bool:
        """Whether bands are drawn."""
        return len(self.curves) <= _MOST_BANDS


def draw_lines(
    panels: Sequence[Panel], x_label: str, ticks: Sequence[tuple[float, str]], *, discrete: bool = False
) -> Any:
    """The figure.

    Args:
        panels: one per outcome.
        x_label: of the horizontal axes.
        ticks: positions and what stands there.
        discrete: whether positions have no distances, so that intervals are bars beside each other, not bands.
    """
    width = WIDTH if len(panels) > 1 else ALONE
    drawn, grid = style.panels(len(panels), _PANELS_A_ROW, _PANEL_HEIGHT, 0.5, width)
    for axis, panel in zip(grid.flat, panels, strict=False):
        for place, curve in enumerate(panel.curves):
            if discrete:
                _draw_bars(axis, curve, (place - (len(panel.curves) - 1) / 2) * min(0.12, 0.5 / len(panel.curves)))
            else:
                _draw_line(axis, curve, panel.banded)
        axis.set_title(panel.title)
        axis.set_ylabel(panel.unit)
        axis.set_xlabel(x_label)
        _set_ticks(axis, ticks)
        if discrete:
            axis.set_xlim(ticks[0][0] - 0.5, ticks[-1][0] + 0.5)
    style.legend_below(drawn, grid.flat)
    return drawn


def curve_points(low: float, high: float) -> np.ndarray:
    """Positions at which a fitted curve is drawn."""
    return np.linspace(low, high, _CURVE_POINTS)


def _draw_line(axis: Any, curve: Curve, banded: bool) -> None:
    look = _look(curve)
    if curve.people is not None and len(curve.people):
        axis.plot(curve.x, curve.people.T, color=curve.colour, **thin(len(curve.people)))
    if banded:
        axis.fill_between(curve.x, curve.low, curve.high, color=curve.colour, alpha=0.18, linewidth=0)
    axis.plot(curve.x, curve.mean, **look, linestyle="none" if curve.half else curve.dashes)
    axis.plot([], [], **look, linestyle=curve.dashes, label=curve.label)
    if curve.half is None:
        return
    half = curve.half
    axis.plot(half.x, half.y, color=curve.colour, linestyle=curve.dashes, linewidth=1.2)
    axis.plot([half.middle], [half.height], marker="|", markersize=11, color=INK, linestyle="none")
    if half.interval is not None:
        axis.plot(half.interval, [half.height, half.height], color=INK, linewidth=1.2)


def _draw_bars(axis: Any, curve: Curve, shift: float) -> None:
    x = curve.x + shift
    if curve.people is not None:
        for person in curve.people:
            axis.plot(x, person, color=curve.colour, alpha=0.25, linewidth=0.6)
    axis.vlines(x, curve.low, curve.high, color=curve.colour, linewidth=2.2)
    axis.plot(x, curve.mean, **_look(curve), linestyle="none", label=curve.label)


def _look(curve: Curve) -> dict[str, Any]:
    """Colour and marker, the marker hollow where the line is broken."""
    face = curve.colour if curve.dashes == "-" else PAPER
    return {"color": curve.colour, "marker": curve.marker, "markerfacecolor": face}


def _set_ticks(axis: Any, ticks: Sequence[tuple[float, str]]) -> None:
    crowded = _crowded(ticks)
    axis.set_xticks([place for place, _ in ticks], _joined(ticks) if crowded else [label for _, label in ticks])
    if crowded:
        axis.tick_params(axis="x", rotation=45)


def _joined(ticks: Sequence[tuple[float, str]]) -> list[str]:
    """What stands at each tick where labels are turned: those that would still touch stand together at the first."""
    span, labels, first = ticks[-1][0] - ticks[0][0], [label for _, label in ticks], 0
    for place in range(1, len(ticks)):
        if (ticks[place][0] - ticks[first][0]) / span < _LINE:
            labels[first], labels[place] = f"{labels[first]}, {labels[place]}", ""
        else:
            first = place
    return labels


def _crowded(ticks: Sequence[tuple[float, str]]) -> bool:
    """Whether labels side by side would touch."""
    span = ticks[-1][0] - ticks[0][0]
    return any(
        (right - left) / span < _LETTER * (len(one) + len(other)) / 2 + _LETTER
        for (left, one), (right, other) in pairwise(ticks)
    )
