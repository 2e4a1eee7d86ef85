"""One condition at a glance: its resilience curve, and the primary outcomes with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from depsim.report.figures.looks import Look
from depsim.report.figures.resilience import Curves, draw_mean
from depsim.report.figures.style import GREY, WIDTH, figure
from depsim.statistics import MEAN_INTERVAL, Summary

_HEIGHT, _ROW = 1.6, 0.27
"""Inches: of what is around the rows, and of a row."""
_SMALL = 7.5


@dataclass(frozen=True)
class Bar:
    """One primary outcome.

    Args:
        label: what it is.
        summary: over the individuals.
        look: of the condition.
    """

    label: str
    summary: Summary
    look: Look


def draw_condition(title: str, curves: Sequence[tuple[Curves, Look]], bars: Sequence[Bar]) -> Any:
    """The figure.

    Args:
        title: which condition, and of how many individuals.
        curves: on the drug and, where it is withdrawn, off it; may be empty.
        bars: the outcomes, from above; one or more.
    """
    drawn = figure(WIDTH, _HEIGHT + _ROW * len(bars))
    left, right = drawn.subplots(1, 2, width_ratios=(1.3, 1.0))
    for curve, look in curves:
        draw_mean(left, curve, look, curve.name)
    left.set_xlabel("internal noise, sigma")
    left.set_ylabel("accuracy, %")
    if len(curves) > 1:
        left.legend()
    if not curves:
        left.set_axis_off()
    for row, bar in enumerate(bars):
        _draw_bar(right, row, bar)
    right.set_yticks(range(len(bars)), [bar.label for bar in bars], fontsize=_SMALL)
    right.set_ylim(len(bars) - 0.4, -0.75)
    right.margins(x=0.2)
    right.set_xlabel("%; relapse drop in points")
    right.grid(visible=False, axis="y")
    drawn.suptitle(title, x=0.01, ha="left", fontsize=10)
    drawn.supxlabel(f"Band and bars: {MEAN_INTERVAL}.", x=0.01, ha="left", fontsize=_SMALL, color=GREY)
    return drawn


def _draw_bar(axis: Any, row: int, bar: Bar) -> None:
    text = f"{bar.summary.mean:.1f}"
    if bar.summary.interval is not None:
        low, high = bar.summary.interval
        axis.hlines(row, low, high, color=bar.look.colour, linewidth=2.2)
        text += f" [{low:.1f}, {high:.1f}]"
    style = {"marker": bar.look.marker, "color": bar.look.colour, "markerfacecolor": bar.look.face}
    axis.plot([bar.summary.mean], [row], linestyle="none", **style)
    axis.annotate(text, (bar.summary.mean, row), (0, 5), textcoords="offset points", ha="center", fontsize=_SMALL)
