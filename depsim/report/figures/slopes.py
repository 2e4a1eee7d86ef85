"""The same individual under every condition: one thin line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.looks import Look, thin
from depsim.report.figures.style import GREY, INK, panels

_COLUMNS, _HEIGHT = 2, 2.9
_MOST_FLAT = 7
"""Conditions whose names leave each other room though they are hardly turned."""


@dataclass(frozen=True)
class Slopes:
    """One outcome.

    Args:
        title: what it is.
        unit: of its values.
        names: conditions, M of them.
        people: of the individuals that have all of them, (N, M).
    """

    title: str
    unit: str
    names: tuple[str, ...]
    people: np.ndarray


def draw_slopes(outcomes: Sequence[Slopes], look: Mapping[str, Look]) -> Any:
    """The figure: a panel per outcome."""
    drawn, grid = panels(len(outcomes), _COLUMNS, _HEIGHT)
    for axis, slopes in zip(grid.flat, outcomes, strict=False):
        places = np.arange(len(slopes.names))
        axis.plot(places, slopes.people.T, color=GREY, **thin(len(slopes.people)))
        means = slopes.people.mean(axis=0)
        axis.plot(places, means, color=INK, linewidth=1.4)
        for place, mean, name in zip(places, means, slopes.names, strict=True):
            own = look[name]
            face = "#ffffff" if own.hollow else own.colour
            axis.plot(
                [place], [mean], marker=own.marker, color=own.colour, markerfacecolor=face, markersize=7, zorder=4
            )
        axis.set_title(f"{slopes.title} (n = {len(slopes.people)})")
        axis.set_ylabel(slopes.unit)
        turned = 20 if len(slopes.names) <= _MOST_FLAT else 60
        axis.set_xticks(places, slopes.names, rotation=turned, horizontalalignment="right", rotation_mode="anchor")
        axis.tick_params(axis="x", labelsize=8)
    return drawn
