"""How a search went, and what its winners gain over the paper's settings on fresh individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.ticker import MaxNLocator

from depsim.report.figures import style
from depsim.report.figures.forest import Mark, draw_marks
from depsim.report.figures.style import GREY, INK

_BLUE, _ORANGE = "#0072b2", "#e69f00"
_FALLEN = {"stopped early": ("v", _ORANGE), "interrupted": ("_", GREY), "failed": ("x", "#d55e00")}
"""How a trial without a value is marked."""
_PANELS_A_ROW, _HEIGHT, _AROUND, _LINE = 4, 2.3, 0.4, 0.2


@dataclass(frozen=True)
class History:
    """An objective by trial.

    Args:
        title: the objective.
        points: trial, value, and whether it keeps the constraints.
        best: the best value so far by trial.
        fallen: trials without a value and what became of them, in words.
    """

    title: str
    points: Sequence[tuple[int, float, bool]]
    best: Sequence[tuple[int, float]]
    fallen: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Front:
    """A trade-off of two objectives.

    Args:
        labels: of the axes.
        trials: values of all finished ones.
        front: of those that none beats in both.
        fresh: the search's values and those on fresh individuals, of each winner.
        reference: the paper's settings on fresh individuals.
    """

    labels: tuple[str, str]
    trials: Sequence[tuple[float, float]]
    front: Sequence[tuple[float, float]]
    fresh: Sequence[tuple[tuple[float, float], tuple[float, float]]]
    reference: Sequence[tuple[float, float]]


def draw_search(course: Sequence[History] | Front, gains: Mapping[str, Sequence[Mark]]) -> Any:
    """The figure: how the search went, then a panel for the gains in each objective.

    Args:
        course: a panel for each objective, or the trade-off.
        gains: objective to winners; empty where nothing was compared.
    """
    names = list(dict.fromkeys(mark.name for marks in gains.values() for mark in marks))
    left = [course] if isinstance(course, Front) else list(course)
    count = len(left) + len(gains)
    drawn, grid = style.panels(count, min(count, _PANELS_A_ROW), max(_HEIGHT, 0.8 + _LINE * len(names)), _AROUND)
    axes = list(grid.flat)
    if isinstance(course, Front):
        _draw_front(axes[0], course)
    else:
        for axis, history in zip(axes, course, strict=False):
            _draw_history(axis, history)
    for axis, (title, marks) in zip(axes[len(left) :], gains.items(), strict=False):
        draw_marks(axis, marks, names)
        axis.set_title(title)
        axis.set_xlabel("gain over the paper's settings")
    style.legend_below(drawn, axes[: len(left)], 6, 1)
    return drawn


def _draw_history(axis: Any, history: History) -> None:
    for keeps_constraints, face, label in ((True, _BLUE, "finished"), (False, "none", "finished, breaks a constraint")):
        points = [(number, value) for number, value, feasible in history.points if feasible == keeps_constraints]
        if points:
            axis.plot(*zip(*points, strict=True), "o", color=_BLUE, markerfacecolor=face, label=label)
    if history.best:
        axis.step(*zip(*history.best, strict=True), where="post", color=INK, linewidth=1.2, label="best so far")
    for status, (marker, colour) in _FALLEN.items():
        numbers = [number for number, how in history.fallen if how == status]
        if numbers:
            across = axis.get_xaxis_transform()
            axis.plot(numbers, [0.03] * len(numbers), marker, color=colour, transform=across, label=status)
    axis.set_title(history.title)
    axis.set_ylabel("value in the search")
    axis.set_xlabel("trial")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _draw_front(axis: Any, front: Front) -> None:
    axis.plot(*zip(*front.trials, strict=True), "o", color=GREY, alpha=0.6, label="trials")
    if front.front:
        axis.plot(*zip(*front.front, strict=True), "o-", color=_BLUE, label="trade-off")
    for number, (searched, again) in enumerate(front.fresh):
        axis.plot([searched[0], again[0]], [searched[1], again[1]], color=_ORANGE, linewidth=0.8)
        name = "the same on fresh individuals" if number == 0 else None
        axis.plot([again[0]], [again[1]], "D", color=_ORANGE, label=name)
    for number, (x, y) in enumerate(front.reference):
        axis.plot([x], [y], "*", color=INK, markersize=9, label="the paper's settings there" if number == 0 else None)
    axis.set_xlabel(front.labels[0])
    axis.set_ylabel(front.labels[1])
