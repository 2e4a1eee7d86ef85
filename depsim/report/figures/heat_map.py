"""An outcome over two varied settings: its mean, and beside it how surely it is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from depsim.report.figures.style import WIDTH, figure

_MAP, _WIDTH_MAP = "viridis", "Greys"
"""Colour maps of steadily rising or falling lightness: they read the same in any colour vision, and in print."""


def draw_heat_map(
    mean: np.ndarray,
    width: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    labels: tuple[str, str],
    unit: str,
) -> Any:
    """The figure.

    Args:
        mean, width: of each combination (R, C); NaN where there is none.
        rows, columns: values of the two settings.
        labels: what the rows and the columns are.
        unit: of the outcome.
    """
    drawn = figure(WIDTH, max(2.4, 0.42 * len(rows) + 1.5))
    shown = ((mean, f"mean, {unit}", _MAP), (width, f"width of its 95 % interval, {unit}", _WIDTH_MAP))
    for axis, (values, title, colours) in zip(drawn.subplots(1, 2), shown, strict=True):
        axis.grid(False)
        image = axis.imshow(np.ma.masked_invalid(values), cmap=colours, aspect="auto", origin="lower")
        axis.set_title(title)
        axis.set_xticks(range(len(columns)), columns, rotation=45 if sum(map(len, columns)) > 24 else 0)
        axis.set_yticks(range(len(rows)), rows)
        axis.set_xlabel(labels[1])
        axis.set_ylabel(labels[0])
        for (row, column), value in np.ndenumerate(values):
            red, green, blue, _ = image.cmap(image.norm(value)) if np.isfinite(value) else (1.0, 1.0, 1.0, 1.0)
            ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"
            text = f"{value:.1f}" if np.isfinite(value) else "–"
            axis.text(column, row, text, ha="center", va="center", color=ink, fontsize=8)
    return drawn
