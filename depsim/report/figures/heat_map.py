"""Outcomes over two settings: a map for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.style import ALONE, WIDTH

_MAP = "viridis"
"""Of steadily rising lightness: it reads the same in any colour vision, and in print."""
_MAPS_A_ROW, _LINE, _AROUND, _LEAST = 4, 0.32, 1.5, 2.6
_LETTERS = 18
"""Of a row of column labels beside each other."""
_SMALL = 30
"""Cells from which their numbers are small."""


@dataclass(frozen=True)
class HeatMap:
    """One outcome.

    Args:
        title: what it is.
        mean: of each combination, (R, C); NaN where there is none.
    """

    title: str
    mean: np.ndarray


def draw_heat_maps(
    maps: Sequence[HeatMap], rows: Sequence[str], columns: Sequence[str], labels: tuple[str, str]
) -> Any:
    """The figure, each map in colours of its own range, with the numbers in its cells.

    Args:
        maps: side by side.
        rows, columns: values of the two settings.
        labels: what the rows and the columns are.
    """
    height = max(_LEAST, _LINE * len(rows) + _AROUND)
    width = WIDTH if len(maps) > 1 else ALONE
    drawn, grid = style.panels(len(maps), _MAPS_A_ROW, height, 0.0, width, sharey=True)
    for axis, heat_map in zip(grid.flat, maps, strict=False):
        axis.grid(False)
        image = axis.imshow(np.ma.masked_invalid(heat_map.mean), cmap=_MAP, aspect="auto", origin="lower")
        axis.set_title(heat_map.title)
        axis.set_xticks(range(len(columns)), columns, rotation=45 if len("".join(columns)) > _LETTERS else 0)
        axis.set_xlabel(labels[1])
        axis.set_yticks(range(len(rows)), rows)
        _write_numbers(axis, image, heat_map.mean)
    for row in grid:
        row[0].set_ylabel(labels[0])
    return drawn


def _write_numbers(axis: Any, image: Any, values: np.ndarray) -> None:
    size = 8 if values.size < _SMALL else 6
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = image.cmap(image.norm(value)) if np.isfinite(value) else (1.0, 1.0, 1.0, 1.0)
        ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"
        text = f"{value:.1f}" if np.isfinite(value) else "–"
        axis.text(column, row, text, ha="center", va="center", color=ink, fontsize=size)
