"""Outcomes by dose on a logarithmic axis, and differences between treatments at equal dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import NullLocator

from depsim.report.figures import style
from depsim.report.figures.condition_style import thin
from depsim.report.figures.style import GREY, WIDTH, colours, markers

_HEIGHT = 2.9
_SHADE = 0.25
"""Opacity of the range that all individuals have."""
_APART = 0.03
"""Between bars at one dose, as a share of the doses that are compared."""


@dataclass(frozen=True)
class TreatmentCurves:
    """One treatment.

    Args:
        name: decides its colour and marker.
        people: doses and outcomes of each individual, (K,) both, by dose.
        mean: of those that are compared, at each compared dose, (P,); empty without any.
    """

    name: str
    people: Sequence[tuple[np.ndarray, np.ndarray]]
    mean: np.ndarray


@dataclass(frozen=True)
class DoseDifference:
    """One treatment less another at each compared dose.

    Args:
        name: of the pair.
        mean, low, high: (P,); bounds are NaN where there is no interval.
    """

    name: str
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class DosePanel:
    """One outcome.

    Args:
        title: what it is.
        unit: of it.
        treated: a curve each.
        differences: a bar each at each dose; empty where nothing is compared.
    """

    title: str
    unit: str
    treated: Sequence[TreatmentCurves]
    differences: Sequence[DoseDifference]


def draw_iso_dose(panels: Sequence[DosePanel], ranges: np.ndarray, doses: np.ndarray, x_label: str) -> Any:
    """The figure: the curves of each outcome and beside them their differences, if there are any.

    Args:
        panels: one per outcome.
        ranges: of doses that an individual's treatments have in common, (N, 2).
        doses: that are compared, means over individuals, (P,).
        x_label: of the horizontal axes.
    """
    columns = 2 if panels[0].differences else 1
    drawn, grid = style.panels(len(panels) * columns, len(panels) * columns, _HEIGHT, 0.6, WIDTH)
    for place, panel in enumerate(panels):
        curves, *differences = grid[0, place * columns : (place + 1) * columns]
        _draw_curves(curves, panel, ranges, doses)
        for axis in differences:
            _draw_differences(axis, panel, doses)
    for axis in grid[0]:
        axis.set_xlabel(x_label)
    style.legend_below(drawn, grid[0], 6, 1)
    return drawn


def _draw_curves(axis: Any, panel: DosePanel, ranges: np.ndarray, doses: np.ndarray) -> None:
    names = [treated.name for treated in panel.treated]
    colour, marker = colours(names), markers(names)
    shade = 1 - (1 - _SHADE) ** (1 / max(1, len(ranges)))
    for low, high in ranges:
        axis.axvspan(low, high, color=GREY, alpha=shade, linewidth=0, zorder=0)
    for treated in panel.treated:
        for x, y in treated.people:
            axis.plot(x, y, color=colour[treated.name], **thin(len(treated.people)))
        mean_style = {"color": colour[treated.name], "marker": marker[treated.name]}
        axis.plot(doses if treated.mean.size else [], treated.mean, **mean_style, label=treated.name)
    style.logarithmic(axis.xaxis)
    axis.set_title(panel.title)
    axis.set_ylabel(panel.unit)


def _draw_differences(axis: Any, panel: DosePanel, doses: np.ndarray) -> None:
    names = [difference.name for difference in panel.differences]
    colour, marker = colours(names), markers(names)
    axis.axhline(0, color=GREY, linewidth=0.8)
    axis.set_xscale("log")
    axis.set_xticks(doses, [f"{dose:.2g}" for dose in doses], rotation=45)
    axis.xaxis.set_minor_locator(NullLocator())
    step = float(np.log(doses[-1] / doses[0])) * _APART
    for place, difference in enumerate(panel.differences):
        x = doses * np.exp(step * (place - (len(names) - 1) / 2))
        axis.vlines(x, difference.low, difference.high, color=colour[difference.name], linewidth=1.4)
        axis.plot(
            x,
            difference.mean,
            color=colour[difference.name],
            marker=marker[difference.name],
            linestyle=":",
            label=difference.name,
        )
    axis.set_title("differences")
    axis.set_ylabel("points")
