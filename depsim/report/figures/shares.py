"""Statements and the share of individuals in which each holds, beside the share that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from depsim.report.figures.style import GREY, INK, PAPER, figure, legend_below
from depsim.report.figures.verdicts import COLOURS

_ROW, _AROUND, _IN_ONE = 0.185, 0.75, 12
"""Inches: of a row, and of what is around them; rows up to which one panel has them all."""


class Share(NamedTuple):
    """One statement.

    Args:
        name: what it says.
        share: of individuals in which it holds, per cent.
        interval: of the share, per cent.
        required: the share that it needs, per cent; None where it is about a mean.
        verdict: a key of :data:`~depsim.report.figures.verdicts.COLOURS`.
    """

    name: str
    share: float
    interval: tuple[float, float]
    required: float | None
    verdict: str


def draw_shares(shares: Sequence[Share]) -> Any:
    """The figure: a row for each statement, in two panels side by side where there are many.

    Args:
        shares: from above.
    """
    count = 1 if len(shares) <= _IN_ONE else 2
    rows_a_panel = -(-len(shares) // count)
    drawn = figure(height=_AROUND + _ROW * rows_a_panel)
    axes = drawn.subplots(1, count, squeeze=False)[0]
    for place, axis in enumerate(axes):
        _draw_panel(axis, shares[place * rows_a_panel : (place + 1) * rows_a_panel], rows_a_panel)
    for verdict in dict.fromkeys(share.verdict for share in shares):
        axes[0].plot([], [], "o", color=COLOURS[verdict], markeredgecolor=INK, markeredgewidth=0.4, label=verdict)
    if any(share.required is not None for share in shares):
        axes[0].plot([], [], "|", color=INK, markersize=8, markeredgewidth=1.4, label="share that is needed")
    legend_below(drawn, [axes[0]], 6, 1)
    return drawn


def _draw_panel(axis: Any, shares: Sequence[Share], rows: int) -> None:
    for row, share in enumerate(shares):
        axis.plot(share.interval, [row, row], color=GREY, linewidth=1.4, solid_capstyle="butt")
        if share.required is not None:
            axis.plot([share.required], [row], "|", color=INK, markersize=8, markeredgewidth=1.4, zorder=3)
        axis.plot(
            [share.share],
            [row],
            "o",
            color=COLOURS[share.verdict],
            markeredgecolor=INK,
            markeredgewidth=0.4,
            markersize=5,
            clip_on=False,
            zorder=4,
        )
    axis.set_yticks(range(len(shares)), [share.name for share in shares])
    axis.tick_params(axis="y", labelsize=7.5)
    axis.set_ylim(rows - 0.4, -0.6)
    axis.set_xlim(0, 100)
    axis.set_xlabel("individuals in which it holds, %")
    axis.grid(visible=False, axis="y")
    axis.set_facecolor(PAPER)
