"""Structure, layer by layer: how it goes over the stages, and how far overlaps lie from chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures import style
from depsim.report.figures.style import GREY, WIDTH, wrapped

_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#6b6b6b", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
_PANELS_A_ROW = 3
_LETTERS = 36
"""Of a title, as wide as a panel."""
_BESIDE = 0.07
"""How far layers stand from each other at a stage, in stages."""


@dataclass(frozen=True)
class Course:
    """One layer over the stages.

    Args:
        label: of the layer.
        mean, low, high: at each stage, (S,); NaN where it was not measured.
    """

    label: str
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Bar:
    """One layer's overlap.

    Args:
        label: of the layer.
        mean: share, in per cent.
        interval: of the mean, or None.
        chance: expectation by lot, in per cent.
        chance_interval: of one individual by lot, or None.
    """

    label: str
    mean: float
    interval: tuple[float, float] | None
    chance: float
    chance_interval: tuple[float, float] | None


def draw_courses(panels: Mapping[str, Sequence[Course]], stages: Sequence[str], unit: str) -> Any:
    """A panel per condition, a line per layer over the stages.

    Args:
        panels: title to lines.
        stages: where the lines have their points.
        unit: of the vertical axes.
    """
    drawn, grid = _panels(len(panels), 2.5)
    place = np.arange(len(stages))
    for axis, (title, courses) in zip(grid.flat, panels.items(), strict=False):
        for number, course in enumerate(courses):
            look = {"color": _COLOURS[number % len(_COLOURS)], "marker": _MARKERS[number % len(_MARKERS)]}
            there = np.isfinite(course.mean)
            at = place[there] + _BESIDE * (number - (len(courses) - 1) / 2)  # equal layers would hide each other
            low, high = course.low[there], course.high[there]
            axis.fill_between(at, low, high, color=look["color"], alpha=0.18, linewidth=0)
            axis.plot(at, course.mean[there], label=course.label, **look)
        axis.set_title(wrapped(title, _LETTERS), fontsize=8)
        axis.set_ylabel(unit)
        axis.set_xticks(place, stages, rotation=30, ha="right")
    style.legend_below(drawn, grid.flat, 6)
    return drawn


def draw_overlaps(panels: Mapping[str, Sequence[Bar]], unit: str) -> Any:
    """A panel per condition, a dot per layer, and chance behind it.

    Args:
        panels: title to layers.
        unit: of the vertical axes.
    """
    drawn, grid = _panels(len(panels), 2.6)
    for axis, (title, bars) in zip(grid.flat, panels.items(), strict=False):
        for place, bar in enumerate(bars):
            if bar.chance_interval is not None:
                axis.fill_between([place - 0.3, place + 0.3], *bar.chance_interval, color=GREY, alpha=0.3, linewidth=0)
            axis.hlines(bar.chance, place - 0.3, place + 0.3, color=GREY, linewidth=1.2)
            if bar.interval is not None:
                axis.vlines(place, *bar.interval, color=_COLOURS[0], linewidth=2)
            axis.plot([place], [bar.mean], color=_COLOURS[0], marker="o", linestyle="none")
        axis.set_title(wrapped(title, _LETTERS), fontsize=8)
        axis.set_ylabel(unit)
        axis.set_xticks(range(len(bars)), [bar.label for bar in bars])
        axis.set_xlim(-0.6, len(bars) - 0.4)
    return drawn


def _panels(count: int, height: float) -> tuple[Any, Any]:
    width = WIDTH * max(0.55, min(1.0, count / _PANELS_A_ROW))
    return style.panels(count, _PANELS_A_ROW, height, 0.5, width, sharey=True)
