"""How narrow intervals get with more individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.looks import Look
from depsim.report.figures.style import GREY, INK, panels

_COLUMNS, _HEIGHT = 2, 2.7


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

    Args:
        outcomes: title to its contrasts.
        look: of the conditions.
        n: individuals at hand, a vertical line.
        target: half-width to reach, a horizontal line.
    """
    drawn, grid = panels(len(outcomes), _COLUMNS, _HEIGHT, 0.9, sharex=True, sharey=True)
    handles: dict[str, Any] = {}
    for axis, (title, widths) in zip(grid.flat, outcomes.items(), strict=False):
        axis.axvline(n, color=GREY, linewidth=0.9)
        axis.axhline(target, color=INK, linewidth=0.9, linestyle=":")
        for width in widths:
            a, b = look[width.a], look[width.b]
            (line,) = axis.plot(
                width.sizes, width.widths, color=a.colour, linestyle=a.line, marker=b.marker, linewidth=1.1,
                markersize=4, markevery=3, markerfacecolor="none" if b.hollow else b.colour, markeredgecolor=b.colour,
            )  # fmt: skip
            handles.setdefault(f"{width.a} − {width.b}", line)
        axis.set_title(title)
        axis.set_xscale("log")
        axis.set_yscale("log")
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter("{x:g}")
            side.set_minor_formatter("")
    for axis in grid[-1, :]:
        axis.set_xlabel("individuals")
    for axis in grid[:, 0]:
        axis.set_ylabel("half-width, points")
    drawn.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=2, fontsize=7.5)
    return drawn
