"""How narrow intervals get with more individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.looks import Look
from depsim.report.figures.style import GREY, INK, legend_below, logarithmic, panels

_COLUMNS, _HEIGHT = 2, 2.7
MOST_NAMED = 12
"""Contrasts that can be told from each other."""


@dataclass(frozen=True)
class Width:
    """Of one contrast.

    Args:
        a, b: conditions.
        sizes: individuals, (K,).
        widths: half-width to expect, (K,), points.
    """

    a: str
    b: str
    sizes: np.ndarray
    widths: np.ndarray


def draw_half_widths(outcomes: Mapping[str, Sequence[Width]], look: Mapping[str, Look], n: int, target: float) -> Any:
    """The figure: a panel per outcome, a line per pair with the colour of A and the marker of B.

    Of many pairs those with the widest intervals have both, the others are thin and grey.

    Args:
        outcomes: title to its contrasts.
        look: of the conditions.
        n: individuals at hand, a vertical line.
        target: half-width to reach, a horizontal line.
    """
    drawn, grid = panels(len(outcomes), _COLUMNS, _HEIGHT, 0.9, sharex=True, sharey=True)
    named = _widest(outcomes)
    for axis, (title, widths) in zip(grid.flat, outcomes.items(), strict=False):
        axis.axvline(n, color=GREY, linewidth=0.9)
        axis.axhline(target, color=INK, linewidth=0.9, linestyle=":")
        for width in widths:
            a, b = look[width.a], look[width.b]
            if (width.a, width.b) not in named:
                axis.plot(width.sizes, width.widths, color=GREY, linewidth=0.5, alpha=0.6, label="others", zorder=1)
                continue
            axis.plot(
                width.sizes, width.widths, color=a.colour, linestyle=a.line, marker=b.marker, linewidth=1.1,
                markersize=4, markevery=3, markerfacecolor="none" if b.hollow else b.colour, markeredgecolor=b.colour,
                label=f"{width.a} − {width.b}",
            )  # fmt: skip
        axis.set_title(title)
    for side in (grid[0, 0].xaxis, grid[0, 0].yaxis):  # all panels share them
        logarithmic(side)
    for axis in grid[-1, :]:
        axis.set_xlabel("individuals")
    for axis in grid[:, 0]:
        axis.set_ylabel("half-width, points")
    legend_below(drawn, grid.flat, 2, 1)
    return drawn


def _widest(outcomes: Mapping[str, Sequence[Width]]) -> set[tuple[str, str]]:
    """The pairs that are drawn by name: those with the widest intervals, on whatever outcome."""
    widest: dict[tuple[str, str], float] = {}
    for width in (each for widths in outcomes.values() for each in widths):
        pair = width.a, width.b
        widest[pair] = max(widest.get(pair, 0.0), float(width.widths[0]))
    return set(sorted(widest, key=lambda pair: -widest[pair])[:MOST_NAMED])
