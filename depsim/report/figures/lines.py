"""Outcomes along one setting, or over cycles and noise: a panel per outcome, a line per treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.looks import thin
from depsim.report.figures.style import ALONE, GREY, INK, PAPER, WIDTH

_MOST_BANDS = 6
"""Lines in a panel up to which bands can be told from each other."""
_PANEL_HEIGHT, _PANELS_A_ROW = 2.9, 4
_LETTERS = 30
"""Of a line below a panel."""
_LETTER = 0.022
"""Width of a letter at a tick, as a share of a panel."""
_LINE = 0.05
"""Width of a label that is turned, as a share of a panel."""


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    Args:
        label: for the legend.
        colour, marker, dashes: its look.
        x: positions, (K,).
        mean, low, high: of the outcome, (K,); NaN where there is none.
        people: one row per individual, (N, K), drawn thinly; or None.
        half: position of half the effect with both ends of its interval, or None.
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
    half: tuple[float, float | None, float | None] | None = None


@dataclass(frozen=True)
class Panel:
    """One outcome.

    Args:
        title: what it is.
        unit: for the vertical axis.
        curves: its lines.
        alike: ends of a range that is shaded, within which differences do not matter; or None.
    """

    title: str
    unit: str
    curves: tuple[Curve, ...]
    alike: tuple[float, float] | None = None

    @property
    def banded(self) -> bool:
        """Whether bands are drawn."""
        return len(self.curves) <= _MOST_BANDS


def draw_lines(panels: Sequence[Panel], x_label: str, ticks: Sequence[tuple[float, str]]) -> Any:
    """The figure.

    Args:
        panels: one per outcome.
        x_label: of the horizontal axes.
        ticks: positions and what stands there.
    """
    width = WIDTH if len(panels) > 1 else ALONE
    drawn, grid = style.panels(len(panels), _PANELS_A_ROW, _PANEL_HEIGHT, 0.5, width)
    for axis, panel in zip(grid.flat, panels, strict=False):
        if panel.alike is not None:
            axis.axhspan(*panel.alike, color=GREY, alpha=0.15, linewidth=0, zorder=0)
        for curve in panel.curves:
            _draw_line(axis, curve, panel.banded)
        axis.set_title(panel.title)
        axis.set_ylabel(panel.unit)
        axis.set_xlabel(style.wrapped(x_label, _LETTERS))
        _set_ticks(axis, ticks)
    style.legend_below(drawn, grid.flat, 6)
    return drawn


def _draw_line(axis: Any, curve: Curve, banded: bool) -> None:
    look = _look(curve)
    if curve.people is not None and len(curve.people):
        axis.plot(curve.x, curve.people.T, color=curve.colour, **thin(len(curve.people)))
    if banded:
        axis.fill_between(curve.x, curve.low, curve.high, color=curve.colour, alpha=0.18, linewidth=0)
    axis.plot(curve.x, curve.mean, **look, linestyle=curve.dashes, label=curve.label)
    if curve.half is None:
        return
    middle, low, high = curve.half
    height = float(np.interp(middle, curve.x, curve.mean))
    axis.plot([middle], [height], marker="|", markersize=11, color=INK, linestyle="none", zorder=4)
    if low is not None and high is not None:
        axis.plot((low, high), [height, height], color=INK, linewidth=1.2, zorder=4)


def _look(curve: Curve) -> dict[str, Any]:
    """Colour and marker, the marker hollow where the line is broken."""
    face = curve.colour if curve.dashes == "-" else PAPER
    return {"color": curve.colour, "marker": curve.marker, "markerfacecolor": face}


def _set_ticks(axis: Any, ticks: Sequence[tuple[float, str]]) -> None:
    crowded = _crowded(ticks)
    axis.set_xticks([place for place, _ in ticks], _joined(ticks) if crowded else [label for _, label in ticks])
    if crowded:
        axis.tick_params(axis="x", rotation=45, labelsize=7.5)


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
