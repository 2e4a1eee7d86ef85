"""Cells of a table as strips: each individual a dot, where a new one is expected, and the published one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.looks import MANY, Look
from depsim.report.figures.style import INK, PUBLISHED, panels

_COLUMNS, _LINE, _AROUND = 2, 0.3, 0.75
_GOLDEN = 0.6180339887498949
"""Multiples of it, whole parts dropped, spread dots evenly and the same way every time."""


@dataclass(frozen=True)
class Strip:
    """One cell.

    Args:
        name: of the condition.
        values: of the individuals, (N,).
        predicted: interval for one new individual, or None.
        published: the published value, or None.
        inside: whether it lies in that interval; None where unknown.
    """

    name: str
    values: np.ndarray
    predicted: tuple[float, float] | None
    published: float | None
    inside: bool | None


def draw_strips(outcomes: Mapping[str, tuple[str, Sequence[Strip]]], look: Mapping[str, Look]) -> Any:
    """The figure.

    Args:
        outcomes: title to unit and the strips of its conditions, a panel each.
        look: of the conditions, whose order is that of the rows.
    """
    names = list(look)
    drawn, grid = panels(len(outcomes), _COLUMNS, _AROUND + _LINE * len(names), sharey=True)
    for axis, (title, (unit, strips)) in zip(grid.flat, outcomes.items(), strict=False):
        for strip in strips:
            _draw(axis, strip, names.index(strip.name), look[strip.name])
        axis.set_title(title)
        axis.set_xlabel(unit)
        axis.set_yticks(range(len(names)), names)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
    return drawn


def spread(n: int, height: float) -> np.ndarray:
    """Offsets that keep dots apart, (N,), within ``height`` to either side."""
    return height * (2 * ((np.arange(1, n + 1) * _GOLDEN) % 1) - 1)


def _draw(axis: Any, strip: Strip, row: int, look: Look) -> None:
    n = strip.values.size
    if strip.predicted is not None:
        axis.fill_between(strip.predicted, row - 0.38, row + 0.38, color=look.colour, alpha=0.17, linewidth=0)
    axis.scatter(
        strip.values,
        row + spread(n, 0.28),
        s=9,
        marker=look.marker,
        facecolors=look.face,
        edgecolors=look.colour,
        linewidths=0.5,
        alpha=max(0.15, min(0.8, 25 / n)),
        rasterized=n > MANY,
    )
    if strip.published is not None:
        face = PUBLISHED if strip.inside is not False else "#ffffff"
        axis.plot(
            [strip.published], [row], marker="D", markersize=6, color=INK, markerfacecolor=face, zorder=5,
            linestyle="none", markeredgewidth=1.3,
        )  # fmt: skip
