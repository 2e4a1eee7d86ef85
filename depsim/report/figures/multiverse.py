"""Effects over the points of a multiverse: the specification curve, what decides, and along which settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.forest import Mark, draw_marks
from depsim.report.figures.style import GREY, GRID, INK, PAPER, PUBLISHED, WIDTH, figure, logarithmic

_BETTER, _WORSE = "#0072b2", "#d55e00"
"""Points at which A is better, and at which it is not."""
_CURVE, _STRIP, _AROUND, _MARKS = 2.9, 0.19, 0.75, 0.27
"""Inches: of the curve, of a setting's strip, around both, and of a line of shares."""
_RAMP = (PAPER, "#f3d9a4", "#b8860b", "#5b3a00")
"""From the lowest to the highest value of a setting."""


@dataclass(frozen=True)
class CurvePoint:
    """A point of the specification curve.

    Args:
        effect: mean over individuals, points.
        gains: of each individual, (N,).
        places: of the point on each setting, 0 to 1, (K,).
        is_papers: whether it is the paper's own.
    """

    effect: float
    gains: np.ndarray
    places: np.ndarray
    is_papers: bool


@dataclass(frozen=True)
class EffectCurve:
    """Effects along one setting.

    Args:
        label: of the axis.
        x, y: of the points, (P,) each.
        middle: x, mean and the middle half of the effects in each part of the range, (C, 4).
        log: whether the axis is.
        ticks: names of the places 0, 1, ... where values have no numbers.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    middle: np.ndarray
    log: bool = False
    ticks: tuple[str, ...] = ()


def draw_specification_curve(
    points: Sequence[CurvePoint], settings: Sequence[str], y_label: str, margin: float | None
) -> Any:
    """The effect at each point, smallest first, and below it where on each setting the point lies.

    Args:
        points: P of them, in any order.
        settings: names of the K settings.
        y_label: of the effect.
        margin: the smallest relevant difference, or None.
    """
    from matplotlib.colors import LinearSegmentedColormap

    ordered = sorted(points, key=lambda point: point.effect)
    drawn = figure(WIDTH, _CURVE + _AROUND + _STRIP * len(settings))
    curve, strips = drawn.subplots(2, 1, sharex=True, height_ratios=[_CURVE, max(_STRIP * len(settings), 0.4)])
    ranks = np.arange(1, len(ordered) + 1)
    if margin is not None:
        curve.axhspan(-margin, margin, color=GREY, alpha=0.2, linewidth=0)
    curve.axhline(0.0, color=INK, linewidth=0.8)
    for rank, point in zip(ranks, ordered, strict=True):
        curve.plot([rank, rank], [point.gains.min(), point.gains.max()], color=GRID, linewidth=1.4, zorder=1)
        curve.plot([rank] * point.gains.size, point.gains, ".", color=GREY, markersize=2, zorder=2)
    effects = np.array([point.effect for point in ordered])
    for colour, chosen in ((_BETTER, effects > 0), (_WORSE, effects <= 0)):
        curve.plot(ranks[chosen], effects[chosen], "o", color=colour, markersize=3.2, zorder=3)
    papers = [rank for rank, point in zip(ranks, ordered, strict=True) if point.is_papers]
    curve.plot(
        papers,
        effects[[rank - 1 for rank in papers]],
        "D",
        color=PUBLISHED,
        markersize=7,
        fillstyle="none",
        markeredgewidth=1.6,
        zorder=4,
        label="the paper's settings",
    )
    curve.set_ylabel(y_label)
    if papers:
        curve.legend(loc="upper left")
    shares = np.clip(np.array([point.places for point in ordered]).T, 0.0, 1.0)
    colours = LinearSegmentedColormap.from_list("range", _RAMP)
    image = strips.imshow(
        shares,
        aspect="auto",
        cmap=colours,
        vmin=0,
        vmax=1,
        interpolation="nearest",
        extent=(0.5, len(ordered) + 0.5, len(settings) - 0.5, -0.5),
    )
    strips.set_yticks(range(len(settings)), settings)
    strips.tick_params(axis="y", length=0, labelsize=7.5)
    strips.grid(visible=False)
    strips.set_xlabel("sets of settings, by effect")
    bar = drawn.colorbar(image, ax=[curve, strips], shrink=0.35, aspect=14, ticks=[0, 1], pad=0.01)
    bar.ax.set_yticklabels(["low", "high"])
    bar.outline.set_visible(False)
    return drawn


def draw_deciding(shares: Sequence[Mark], curves: Sequence[EffectCurve], y_label: str) -> Any:
    """The share of each setting in the variance, and the effects along the settings with the largest.

    Args:
        shares: per cent, the largest first.
        curves: a panel each.
        y_label: of the effects.
    """
    drawn = figure(WIDTH, max(2.9, 0.9 + _MARKS * len(shares)))
    axes = drawn.subplots(1, 1 + len(curves), squeeze=False)[0]
    draw_marks(axes[0], shares, [mark.name for mark in shares])
    axes[0].set_xlabel("share of the variance over settings, %")
    axes[0].set_xlim(left=0)
    for axis, curve in zip(axes[1:], curves, strict=True):
        axis.axhline(0.0, color=INK, linewidth=0.8)
        axis.plot(curve.x, curve.y, "o", color=GREY, markersize=2.6, alpha=0.6, markeredgewidth=0)
        x, mean, low, high = curve.middle.T
        axis.fill_between(x, low, high, color=_BETTER, alpha=0.2, linewidth=0)
        axis.plot(x, mean, color=_BETTER)
        axis.set_xlabel(curve.label)
        axis.set_ylabel(y_label)
        if curve.log:
            logarithmic(axis.xaxis)
        if curve.ticks:
            axis.set_xticks(range(len(curve.ticks)), curve.ticks)
    return drawn
