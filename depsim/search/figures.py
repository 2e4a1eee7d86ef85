"""Pictures of a search, for its run in MLflow."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial, TrialState

from depsim.search.plan import SearchPlan
from depsim.search.trials import is_feasible

if TYPE_CHECKING:
    from depsim.search.engine import Winner

_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#999999"
"""Colours that the colour-blind can tell apart (Okabe and Ito)."""
_RESOLUTION = 110


def history(plan: SearchPlan, counted: Sequence[FrozenTrial], best: Mapping[int, float]) -> bytes:
    """Values by trial, one panel per objective; what was stopped or failed is marked at the bottom."""
    objectives = plan.settings.objectives
    figure = _figure(7, 3 * len(objectives) + 0.5)
    for place, (axis, objective) in enumerate(zip(figure.subplots(len(objectives), squeeze=False).flat, objectives,
                                                  strict=True)):  # fmt: skip
        for keeps, colour, label in ((True, _BLUE, "trial"), (False, _GREY, "breaks a constraint")):
            points = [
                (trial.number, trial.values[place])
                for trial in counted
                if trial.state == TrialState.COMPLETE and is_feasible(trial) is keeps
            ]
            if points:
                axis.plot(*zip(*points, strict=True), "o", color=colour, label=label, markersize=4)
        if best:
            axis.step(list(best), list(best.values()), where="post", color=_ORANGE, label="best so far")
        for state, marker in ((TrialState.PRUNED, "|"), (TrialState.FAIL, "x")):
            numbers = [trial.number for trial in counted if trial.state == state]
            if numbers:
                bottom = axis.get_xaxis_transform()
                axis.plot(numbers, [0.02] * len(numbers), marker, color=_GREY, transform=bottom, label=state.name)
        axis.set_ylabel(f"{objective.statistic} of\n{objective.metric}", fontsize=8)
        axis.set_xlabel("trial", fontsize=8)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(fontsize=7)
    return _png(figure)


def importance(weights: Sequence[tuple[str, str, float]]) -> bytes:
    """The share of each dimension in what moves an objective (PED-ANOVA)."""
    figure = _figure(7, 0.35 * len(weights) + 1)
    axis = figure.subplots()
    several = len({metric for _, metric, _ in weights}) > 1
    labels = [f"{key}  ({metric})" if several else key for key, metric, _ in weights]
    axis.barh(range(len(weights)), [weight for *_, weight in weights], color=_BLUE)
    axis.set_yticks(range(len(weights)), labels, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlabel("importance (PED-ANOVA), shares of 1", fontsize=8)
    return _png(figure)


def pareto(plan: SearchPlan, counted: Sequence[FrozenTrial], winners: Sequence[Winner]) -> bytes:
    """The first two objectives: all trials, and the trade-off in its own values and on fresh individuals."""
    first, second = plan.settings.objectives[:2]
    figure = _figure(6, 5)
    axis = figure.subplots()
    complete = [trial for trial in counted if trial.state == TrialState.COMPLETE]
    if complete:
        axis.plot([t.values[0] for t in complete], [t.values[1] for t in complete], "o", color=_GREY, markersize=4,
                  label="trial")  # fmt: skip
    if winners:
        own = [(winner.trial.values[0], winner.trial.values[1]) for winner in winners]
        axis.plot(*zip(*own, strict=True), "o-", color=_BLUE, label="trade-off, the search's own values")
    fresh = [winner for winner in winners if winner.fresh.values]
    for winner in fresh:
        axis.plot([winner.trial.values[0], winner.fresh.values[0]], [winner.trial.values[1], winner.fresh.values[1]],
                  "-", color=_ORANGE, linewidth=0.7)  # fmt: skip
    if fresh:
        axis.plot([w.fresh.values[0] for w in fresh], [w.fresh.values[1] for w in fresh], "D", color=_ORANGE,
                  markersize=5, label="on fresh individuals")  # fmt: skip
    axis.set_xlabel(f"{first.statistic} of {first.metric} ({first.direction})", fontsize=8)
    axis.set_ylabel(f"{second.statistic} of {second.metric} ({second.direction})", fontsize=8)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize=7)
    return _png(figure)


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_RESOLUTION, metadata={"Software": None})
    return file.getvalue()
