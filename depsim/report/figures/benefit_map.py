"""Which drug is best for individuals of which traits, as a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.patches import Rectangle

from depsim.report.figures import style

_HEIGHT, _UNKNOWN, _PANELS_A_ROW = 2.8, "#f2f2f2", 4


@dataclass(frozen=True)
class Field:
    """A cell as it is drawn.

    Args:
        bottom, top, left, right: its ends on the axes.
        colour: of the best drug; None leaves it empty.
        undecided: whether it is hatched.
    """

    bottom: float
    top: float
    left: float
    right: float
    colour: str | None
    undecided: bool


def draw_benefit_map(panels: Mapping[str, Sequence[Field]], legend: Mapping[str, str], labels: tuple[str, str]) -> Any:
    """The figure.

    Args:
        panels: title to its cells.
        legend: drug to colour.
        labels: of the vertical and the horizontal axes.
    """
    drawn, grid = style.panels(len(panels), _PANELS_A_ROW, _HEIGHT, 0.4, sharey=True)
    for axis, (title, fields) in zip(grid.flat, panels.items(), strict=False):
        axis.grid(visible=False)
        for field in fields:
            corner, size = (field.left, field.bottom), (field.right - field.left, field.top - field.bottom)
            hatch = "///" if field.undecided else None
            axis.add_patch(
                Rectangle(corner, *size, facecolor=field.colour or _UNKNOWN, edgecolor="white", alpha=0.75, hatch=hatch)
            )
        axis.set_xlim(min(field.left for field in fields), max(field.right for field in fields))
        axis.set_ylim(min(field.bottom for field in fields), max(field.top for field in fields))
        axis.set_title(title)
        axis.set_xlabel(labels[1])
    grid.flat[0].set_ylabel(labels[0])
    for name, colour in legend.items():
        grid.flat[0].plot([], [], "s", color=colour, alpha=0.75, label=name)
    grid.flat[0].plot([], [], "s", markerfacecolor="white", markeredgecolor="grey", label="hatched: undecided")
    style.legend_below(drawn, [grid.flat[0]], 6)
    return drawn
