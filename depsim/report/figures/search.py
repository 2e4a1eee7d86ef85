"""How a search went: its trials in order, what mattered, the trade-off, and winners on fresh individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.ticker import MaxNLocator

from depsim.report.figures import style
from depsim.report.figures.style import ALONE, GREY, INK, WIDTH, figure

_BLUE, _ORANGE = "#0072b2", "#e69f00"
_FALLEN = {"stopped early": ("v", _ORANGE), "interrupted": ("_", GREY), "failed": ("x", "#d55e00")}
"""How a trial without a value is marked."""
_WIDE = 50.0
"""Ratio of the largest to the smallest value from which an axis of settings is logarithmic."""


@dataclass(frozen=True)
class Pair:
    """A winner in one objective.

    Args:
        label: which winner.
        own, fresh: value in the search and on fresh individuals; None where there is none.
        own_interval, fresh_interval: of the mean over individuals, or None.
    """

    label: str
    own: float
    fresh: float | None
    own_interval: tuple[float, float] | None
    fresh_interval: tuple[float, float] | None


def draw_history(
    values: Mapping[str, Sequence[tuple[int, float, bool]]],
    best: Sequence[tuple[int, float]],
    fallen: Sequence[tuple[int, str]],
) -> Any:
    """Values by trial.

    Args:
        values: of each objective: trial, value, and whether it keeps the constraints.
        best: the best value so far by trial, of one objective.
        fallen: trials without a value and what became of them, in words.
    """
    drawn, grid = style.panels(len(values), 1, 2.5, 0.6, sharex=True)
    for axis, (title, points) in zip(grid.flat, values.items(), strict=True):
        for kept, face, label in ((True, _BLUE, "finished"), (False, "none", "finished, breaks a constraint")):
            own = [(number, value) for number, value, feasible in points if feasible == kept]
            if own:
                axis.plot(*zip(*own, strict=True), "o", color=_BLUE, markerfacecolor=face, label=label)
        if best:
            axis.step(*zip(*best, strict=True), where="post", color=INK, linewidth=1.2, label="best so far")
        for fate, (marker, colour) in _FALLEN.items():
            numbers = [number for number, own in fallen if own == fate]
            if numbers:
                across = axis.get_xaxis_transform()
                axis.plot(numbers, [0.03] * len(numbers), marker, color=colour, transform=across, label=fate)
        axis.set_title(title)
        axis.set_ylabel("value")
    grid.flat[-1].set_xlabel("trial")
    grid.flat[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    style.legend_below(drawn, [grid.flat[0]], 4, 1)
    return drawn


def draw_settings(panels: Sequence[tuple[str, str, Sequence[tuple[Any, float, bool]]]]) -> Any:
    """Values against each setting: where the search looked, and where it found what it was after.

    Args:
        panels: setting, objective, and of each finished trial the setting's value, the objective's, and whether it
            keeps the constraints.
    """
    drawn, grid = style.panels(len(panels), 2, 2.5, 0.5, WIDTH if len(panels) > 1 else ALONE)
    for axis, (setting, objective, points) in zip(grid.flat, panels, strict=False):
        values = [value for value, _, _ in points]
        numeric = all(isinstance(value, int | float) for value in values)
        names = list(dict.fromkeys(map(str, values)))
        for value, gain, kept in points:
            place = value if numeric else names.index(str(value))
            axis.plot([place], [gain], "o", color=_BLUE, markerfacecolor=_BLUE if kept else "none", alpha=0.8)
        if not numeric:
            axis.set_xticks(range(len(names)), names)
        elif min(values) > 0 and max(values) / min(values) > _WIDE:
            style.logarithmic(axis.xaxis)
        axis.set_xlabel(setting)
        axis.set_ylabel(objective)
    return drawn


def draw_importance(weights: Mapping[str, Mapping[str, float]]) -> Any:
    """Shares of settings in what moves an objective.

    Args:
        weights: objective to setting to share.
    """
    longest = max(len(own) for own in weights.values())
    drawn, grid = style.panels(len(weights), 1, 0.32 * longest + 0.8)
    for axis, (title, own) in zip(grid.flat, weights.items(), strict=True):
        axis.barh(range(len(own)), list(own.values()), height=0.6, color=_BLUE)
        axis.set_yticks(range(len(own)), list(own))
        axis.invert_yaxis()
        axis.set_xlim(0, 1)
        axis.set_xlabel("importance")
        axis.set_title(title)
    return drawn


def draw_front(
    trials: Sequence[tuple[float, float]],
    front: Sequence[tuple[float, float]],
    fresh: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    labels: tuple[str, str],
) -> Any:
    """Two objectives against each other.

    Args:
        trials: values of all finished ones.
        front: of those that none beats in both.
        fresh: the search's values and those on fresh individuals, of each winner.
        labels: of the axes.
    """
    drawn = figure(WIDTH * 0.8, 4.0)
    axis = drawn.subplots()
    axis.plot(*zip(*trials, strict=True), "o", color=GREY, alpha=0.6, label="trials")
    if front:
        axis.plot(*zip(*front, strict=True), "o-", color=_BLUE, label="trade-off")
    for number, (own, again) in enumerate(fresh):
        axis.plot([own[0], again[0]], [own[1], again[1]], color=_ORANGE, linewidth=0.8)
        name = "the same on fresh individuals" if number == 0 else None
        axis.plot([again[0]], [again[1]], "D", color=_ORANGE, label=name)
    axis.set_xlabel(labels[0])
    axis.set_ylabel(labels[1])
    style.legend_below(drawn, [axis], 3, 1)
    return drawn


def draw_optimism(panels: Mapping[str, Sequence[Pair]]) -> Any:
    """Winners in the search beside themselves on fresh individuals.

    Args:
        panels: objective to winners.
    """
    longest = max(len(pairs) for pairs in panels.values())
    drawn, grid = style.panels(len(panels), len(panels), 0.34 * longest, 1.5, sharey=True)
    for axis, (title, pairs) in zip(grid.flat, panels.items(), strict=True):
        for place, pair in enumerate(pairs):
            shown = ((pair.own, pair.own_interval, -0.12, "o", _BLUE, "in the search"),
                     (pair.fresh, pair.fresh_interval, 0.12, "D", _ORANGE, "on fresh individuals"))  # fmt: skip
            for value, interval, shift, marker, colour, name in shown:
                if interval is not None:
                    axis.hlines(place + shift, *interval, color=colour, linewidth=1.6)
                if value is not None:
                    label = name if place == 0 else None
                    axis.plot([value], [place + shift], marker, color=colour, label=label)
        axis.set_yticks(range(len(pairs)), [pair.label for pair in pairs])
        axis.set_ylim(len(pairs) - 0.5, -0.5)
        axis.set_title(title)
        axis.set_xlabel("value")
    style.legend_below(drawn, [grid.flat[0]], 2, 1)
    return drawn
