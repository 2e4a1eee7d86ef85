"""Individuals as points: one measured quantity against another, with fitted lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.condition_style import MANY
from depsim.report.figures.style import ALONE, WIDTH

_PANEL_HEIGHT, _PANELS_A_ROW = 2.9, 4


@dataclass(frozen=True)
class FittedLine:
    """A fitted line with its band.

    Args:
        x: positions, (C,).
        y, low, high: there, (C,) each; the band is NaN where there is none.
    """

    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Cloud:
    """The individuals of one condition.

    Args:
        label: for the legend.
        colour, marker: as matplotlib names them.
        x, y: of the individuals, (N,) each.
        line: or None.
    """

    label: str
    colour: str
    marker: str
    x: np.ndarray
    y: np.ndarray
    line: FittedLine | None = None


@dataclass(frozen=True)
class ScatterPanel:
    """One pair of quantities.

    Args:
        title: what it is.
        x_label, y_label: of the axes.
        clouds: its conditions.
    """

    title: str
    x_label: str
    y_label: str
    clouds: tuple[Cloud, ...]


def draw_scatter(panels: Sequence[ScatterPanel]) -> Any:
    """The figure: a panel for each pair of quantities."""
    width = WIDTH if len(panels) > 1 else ALONE
    drawn, grid = style.panels(len(panels), _PANELS_A_ROW, _PANEL_HEIGHT, 0.4, width)
    for axis, panel in zip(grid.flat, panels, strict=False):
        for cloud in panel.clouds:
            _draw(axis, cloud)
        axis.set_title(panel.title)
        axis.set_xlabel(panel.x_label)
        axis.set_ylabel(panel.y_label)
    style.legend_below(drawn, grid.flat[: len(panels)], 6)
    return drawn


def _draw(axis: Any, cloud: Cloud) -> None:
    n = cloud.x.size
    axis.scatter(
        cloud.x,
        cloud.y,
        s=9,
        marker=cloud.marker,
        color=cloud.colour,
        linewidths=0,
        alpha=max(0.15, min(0.6, 25 / max(n, 1))),
        rasterized=n > MANY,
    )
    axis.plot([], [], cloud.marker, color=cloud.colour, label=cloud.label)
    if cloud.line is not None:
        line = cloud.line
        axis.fill_between(line.x, line.low, line.high, color=cloud.colour, alpha=0.2, linewidth=0)
        axis.plot(line.x, line.y, color=cloud.colour)
