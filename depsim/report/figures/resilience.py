"""Accuracy against internal noise: every individual, their mean, and the published curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.looks import Look, thin
from depsim.report.figures.style import INK, PUBLISHED, legend_below, panels

_ROW_HEIGHT, _COLUMNS = 2.5, 6
_TITLE, _LETTERS = 8.5, 26
"""Size of a panel's title, and how many letters fit at it."""


@dataclass(frozen=True)
class Curves:
    """One condition.

    Args:
        name: of the condition.
        sigmas: noise levels, (K,).
        people: accuracies, (N, K), per cent.
        mean, low, high: of the individuals, (K,); bounds are NaN where there is no interval.
        published: noise levels and accuracies, or None.
    """

    name: str
    sigmas: np.ndarray
    people: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    published: tuple[Sequence[float], Sequence[float]] | None


def draw_resilience(
    curves: Sequence[Curves],
    look: Mapping[str, Look],
    x_label: str = "internal noise, sigma",
    reference: tuple[str, np.ndarray, np.ndarray] | None = None,
) -> Any:
    """The figure: a panel per condition, and one with all means.

    Args:
        curves: of the conditions.
        look: of each.
        x_label: of the horizontal axes.
        reference: name, positions and heights of a line that every panel shows, (K,) each; or None.
    """
    count = len(curves) + (len(curves) > 1)
    drawn, grid = panels(count, _COLUMNS, _ROW_HEIGHT, 0.6, sharex=True, sharey=True)
    for axis, curve in zip(grid.flat, curves, strict=False):
        _draw_people(axis, curve, look[curve.name])
        title = f"{curve.name} (n = {len(curve.people)})"
        axis.set_title(title, fontsize=_TITLE * min(1, _LETTERS / len(title)))
    if len(curves) > 1:
        axis = grid.flat[len(curves)]
        for curve in curves:
            draw_mean(axis, curve, look[curve.name], curve.name)
        axis.set_title("means", fontsize=_TITLE)
    if reference is not None:
        for axis in grid.flat[:count]:
            axis.plot(*reference[1:], color=INK, linestyle=":", linewidth=1.2, label=reference[0])
    for axis in grid.flat[max(0, count - grid.shape[1]) : count]:
        axis.set_xlabel(x_label)
        axis.xaxis.set_tick_params(labelbottom=True)
    for axis in grid[:, 0]:
        axis.set_ylabel("accuracy, %")
    if len(curves) > 1 or reference:
        legend_below(drawn, [grid.flat[count - 1]], 3, 1)
    return drawn


def _draw_people(axis: Any, curve: Curves, look: Look) -> None:
    n = len(curve.people)
    if n > 1:
        axis.plot(curve.sigmas, curve.people.T, color=look.colour, **thin(n))
    draw_mean(axis, curve, look, None)
    if curve.published is not None:
        axis.plot(*curve.published, color=PUBLISHED, marker="D", markersize=4.5, linestyle="none", zorder=5)


def draw_mean(axis: Any, curve: Curves, look: Look, label: str | None) -> None:
    """Draw the mean of a condition and its band; the label is for a legend."""
    axis.fill_between(curve.sigmas, curve.low, curve.high, color=look.colour, alpha=0.3, linewidth=0)
    style = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markerfacecolor": look.face}
    axis.plot(curve.sigmas, curve.mean, markersize=3.5, label=label, **style)
