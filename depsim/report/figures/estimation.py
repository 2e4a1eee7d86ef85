"""Estimation plot: paired differences, each individual's and their mean with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from depsim.report.figures.condition_style import MANY, ConditionStyle
from depsim.report.figures.strips import spread
from depsim.report.figures.style import GREY, INK, panels, wrapped

_COLUMNS, _LINE, _AROUND = 4, 0.25, 0.95
_LETTERS, _NARROWER, _FEWEST_LETTERS = 45, 0.37, 12
"""Of a title where rows have no names, how many fewer for each letter of the longest name, and how few at least."""


@dataclass(frozen=True)
class Difference:
    """Condition A less condition B.

    Args:
        a, b: names.
        people: difference of each individual, (N,).
        mean: of them.
        interval: of the mean, or None.
        margin: within which a difference does not matter, or None where nobody asks.
    """

    a: str
    b: str
    people: np.ndarray
    mean: float
    interval: tuple[float, float] | None
    margin: float | None


def draw_differences(
    outcomes: Mapping[str, Sequence[Difference]], styles: Mapping[str, ConditionStyle], unit: str = "points"
) -> Any:
    """The figure: a panel per outcome, a row per pair, coloured as A.

    Args:
        outcomes: title to its pairs.
        styles: of the conditions.
        unit: of the differences.
    """
    pairs = list(dict.fromkeys((d.a, d.b) for rows in outcomes.values() for d in rows))
    names = [f"{a} − {b}" for a, b in pairs]
    letters = max(_FEWEST_LETTERS, int(_LETTERS - _NARROWER * max(map(len, names), default=0)))
    drawn, grid = panels(len(outcomes), _COLUMNS, _AROUND + _LINE * len(pairs), sharey=True)
    for axis, (title, differences) in zip(grid.flat, outcomes.items(), strict=False):
        axis.axvline(0, color=INK, linewidth=0.8)
        for difference in differences:
            _draw(axis, difference, pairs.index((difference.a, difference.b)), styles[difference.a])
        axis.set_title(wrapped(title, letters))
        axis.set_xlabel(f"difference, {unit}")
        axis.set_yticks(range(len(pairs)), names)
        axis.tick_params(axis="y", labelsize=7.5)
        axis.set_ylim(len(pairs) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
    return drawn


def _draw(axis: Any, difference: Difference, row: int, style: ConditionStyle) -> None:
    n, margin = difference.people.size, difference.margin
    if margin is not None:
        axis.fill_between((-margin, margin), row - 0.45, row + 0.45, color=GREY, alpha=0.25, linewidth=0)
    axis.scatter(
        difference.people,
        row + spread(n, 0.3),
        s=5,
        color=style.colour,
        alpha=max(0.1, min(0.5, 12 / n)),
        linewidths=0,
        rasterized=n > MANY,
    )
    if difference.interval is not None:
        axis.plot(difference.interval, [row, row], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=4)
    axis.plot([difference.mean], [row], marker="|", markersize=9, markeredgewidth=1.6, color=INK, zorder=5)
