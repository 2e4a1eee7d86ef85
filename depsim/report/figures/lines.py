"""Lines with individuals and bands, and outcomes along one setting: a panel per outcome, a line per treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.condition_style import ConditionStyle, thin
from depsim.report.figures.style import ALONE, GREY, INK, PUBLISHED, WIDTH

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
class Line:
    """One line of a panel.

    Args:
        label: for the legend.
        style: of the condition; None for a reference, which is dotted.
        x: places, (K,).
        mean, low, high: of the outcome at each of them, (K,); NaN where there is none.
        people: one row per individual, (N, K), drawn thinly; or None.
        published: places and values of the published individual, or None.
        steps: whether it stays level from place to place.
    """

    label: str
    style: ConditionStyle | None
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    people: np.ndarray | None = None
    published: tuple[Sequence[float], Sequence[float]] | None = None
    steps: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines on one pair of axes.

    Args:
        title: what it shows.
        unit: for the vertical axis.
        lines: in the order of the legend.
        alike: ends of a range that is shaded, within which differences do not matter; or None.
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    alike: tuple[float, float] | None = None


def draw_lines(panels: Sequence[Panel], x_label: str, ticks: Sequence[tuple[float, str]]) -> Any:
    """A panel per outcome, with bands up to six lines.

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
        for line in panel.lines:
            draw_line(axis, line, banded=len(panel.lines) <= _MOST_BANDS)
        axis.set_title(panel.title)
        axis.set_ylabel(panel.unit)
        axis.set_xlabel(style.wrapped(x_label, _LETTERS))
        _set_ticks(axis, ticks)
    style.legend_below(drawn, grid.flat, 6)
    return drawn


def draw_line(axis: Any, line: Line, *, banded: bool = True) -> None:
    """Draw a line with its individuals, its band and the published individual."""
    if line.style is None:
        axis.plot(line.x, line.mean, color=INK, linestyle=":", linewidth=1.2, label=line.label or None)
        return
    if line.people is not None and len(line.people) > 1:
        axis.plot(line.x, line.people.T, color=line.style.colour, **thin(len(line.people)))
    if banded:
        step: dict[str, Any] = {"step": "post"} if line.steps else {}
        axis.fill_between(line.x, line.low, line.high, color=line.style.colour, alpha=0.25, linewidth=0, **step)
    drawn: dict[str, Any] = {"color": line.style.colour, "linestyle": line.style.line, "label": line.label or None}
    if line.steps:
        axis.step(line.x, line.mean, where="post", **drawn)
    else:
        axis.plot(line.x, line.mean, marker=line.style.marker, markerfacecolor=line.style.face, markersize=3.5, **drawn)
    if line.published is not None:
        axis.plot(*line.published, color=PUBLISHED, marker="D", markersize=4.5, linestyle="none", zorder=5)


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
