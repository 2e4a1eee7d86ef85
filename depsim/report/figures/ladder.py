"""Who recovers at which step of a ladder, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.report.figures import style

_HEIGHT, _BAR = 3.2, 0.6


def draw_ladder(
    steps: Sequence[str], shares: Sequence[tuple[float, float, float]], published: Sequence[float], source: str
) -> Any:
    """The figure.

    Args:
        steps: names, S of them.
        shares: recovered of those who got each, and the ends of its interval, per cent.
        published: of the trial whose shape stands beside, per cent; the first S are drawn.
        source: that trial.
    """
    drawn = style.figure(style.WIDTH, _HEIGHT)
    axis = drawn.subplots()
    places = range(len(steps))
    heights = [share for share, _, _ in shares]
    ends = [[share - low for share, low, _ in shares], [high - share for share, _, high in shares]]
    axis.bar(places, heights, _BAR, color="#56b4e9", yerr=ends, capsize=3, label="these individuals")
    beside = list(published[: len(steps)])
    axis.plot(range(len(beside)), beside, "o", markerfacecolor="white", color=style.INK, label=source)
    axis.set_xticks(places, [style.wrapped(step, 24) for step in steps])
    axis.set_ylim(0, 100)
    axis.set_ylabel("recovered with it, % of those who got it")
    style.legend_below(drawn, [axis])
    return drawn
