"""Conditions as strips: each individual a dot, their mean with its interval, and the published individual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.condition_style import MANY, ConditionStyle
from depsim.report.figures.style import INK, PAPER, PUBLISHED, panels

_COLUMNS, _LINE, _AROUND = 4, 0.32, 0.9
_GOLDEN = 0.6180339887498949
"""Multiples of it, whole parts dropped, spread dots evenly and the same way every time."""


@dataclass(frozen=True)
class Strip:
    """One condition in one outcome.

    Args:
        name: of the condition.
        values: of the individuals, (N,).
        mean: of them.
        interval: of the mean, or None.
        published: the published value, or None.
        predicted: where 95 % of new individuals would lie, or None.
    """

    name: str
    values: np.ndarray
    mean: float
    interval: tuple[float, float] | None
    published: float | None = None
    predicted: tuple[float, float] | None = None


def draw_strips(outcomes: Mapping[str, tuple[str, Sequence[Strip]]], styles: Mapping[str, ConditionStyle]) -> Any:
    """The figure.

    Args:
        outcomes: title to unit and the strips of its conditions, a panel each.
        styles: of the conditions, whose order is that of the rows.
    """
    names = list(styles)
    drawn, grid = panels(len(outcomes), _COLUMNS, _AROUND + _LINE * len(names), sharey=True)
    for axis, (title, (unit, strips)) in zip(grid.flat, outcomes.items(), strict=False):
        for strip in strips:
            _draw(axis, strip, names.index(strip.name), styles[strip.name])
        axis.set_title(title)
        axis.set_xlabel(unit)
        axis.set_yticks(range(len(names)), names)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
    return drawn


def spread(n: int, height: float) -> np.ndarray:
    """Offsets that keep dots apart, (N,), within ``height`` to either side."""
    return height * (2 * ((np.arange(1, n + 1) * _GOLDEN) % 1) - 1)


def _draw(axis: Any, strip: Strip, row: int, style: ConditionStyle) -> None:
    n = strip.values.size
    if strip.predicted is not None:
        axis.fill_between(strip.predicted, row - 0.4, row + 0.4, color=style.colour, alpha=0.16, linewidth=0)
    axis.scatter(
        strip.values,
        row + spread(n, 0.28),
        s=11,
        marker=style.marker,
        facecolors=style.face,
        edgecolors=style.colour,
        linewidths=0.5,
        alpha=max(0.15, min(0.8, 25 / n)),
        rasterized=n > MANY,
    )
    if strip.interval is not None:
        axis.plot(strip.interval, [row, row], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=4)
    if n > 1:
        axis.plot([strip.mean], [row], marker="|", markersize=10, markeredgewidth=1.6, color=INK, zorder=5)
    if strip.published is not None:
        axis.plot(
            [strip.published],
            [row + 0.36],
            marker="D",
            markersize=5,
            color=PUBLISHED,
            markerfacecolor=PAPER,
            zorder=6,
            linestyle="none",
            markeredgewidth=1.2,
            clip_on=False,
        )
