"""Which treatment is best for individuals of which traits, as a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.patches import Rectangle

from depsim.report.figures import style

_HEIGHT, _UNKNOWN = 4.2, "#f2f2f2"


@dataclass(frozen=True)
class Field:
    """A cell as it is drawn.

    Args:
        bottom, top, left, right: its ends on the axes.
        colour: of the best treatment; None leaves it empty.
        undecided: whether it is hatched.
        text: what stands in it.
    """

    bottom: float
    top: float
    left: float
    right: float
    colour: str | None
    undecided: bool
    text: str


def draw_benefit_map(fields: Sequence[Field], legend: dict[str, str], labels: tuple[str, str]) -> Any:
    """The figure.

    Args:
        fields: the cells.
        legend: treatment to colour.
        labels: of the vertical and the horizontal axis.
    """
    drawn = style.figure(style.WIDTH, _HEIGHT)
    axis = drawn.subplots()
    axis.grid(False)
    for field in fields:
        corner, size = (field.left, field.bottom), (field.right - field.left, field.top - field.bottom)
        hatch = "///" if field.undecided else None
        axis.add_patch(
            Rectangle(corner, *size, facecolor=field.colour or _UNKNOWN, edgecolor="white", alpha=0.75, hatch=hatch)
        )
        middle = (field.left + field.right) / 2, (field.bottom + field.top) / 2
        paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 2}
        axis.text(*middle, field.text, ha="center", va="center", fontsize=8, bbox=paper)
    axis.set_xlim(min(field.left for field in fields), max(field.right for field in fields))
    axis.set_ylim(min(field.bottom for field in fields), max(field.top for field in fields))
    axis.set_ylabel(labels[0])
    axis.set_xlabel(labels[1])
    for name, colour in legend.items():
        axis.plot([], [], "s", color=colour, alpha=0.75, label=name)
    axis.plot([], [], "s", markerfacecolor="white", markeredgecolor="grey", label="hatched: undecided")
    style.legend_below(drawn, [axis])
    return drawn
