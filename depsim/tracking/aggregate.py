"""Figures over the individuals of a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.statistics import summarise_individuals

Curve = Sequence[tuple[int, float]]
_GROUP = "summary/"
"""What the names of spread, interval and number begin with, so that charts of the means stand alone."""


def summary_metrics(individuals: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """All means under the metrics' own names; then ``.sd``, ``.ci_low``, ``.ci_high`` and ``.n`` in their own group.

    An interval is left out where there is none: all values equal, or fewer than three individuals.

    >>> summary_metrics([{"treated/combined": 80.0}])
    {'treated/combined': 80.0, 'summary/treated/combined.n': 1.0}
    """
    means, others = {}, {}
    for name, summary in summarise_individuals(individuals).items():
        means[name] = summary.mean
        others[f"{_GROUP}{name}.n"] = float(summary.n)
        if summary.sd is not None:
            others[f"{_GROUP}{name}.sd"] = summary.sd
        if summary.interval is not None:
            others[f"{_GROUP}{name}.ci_low"], others[f"{_GROUP}{name}.ci_high"] = summary.interval
    return {**means, **others}  # in the order in which a run's page lists them


def former_names(summary: Mapping[str, float], there: Mapping[str, float]) -> dict[str, float]:
    """The figures that a run of an earlier version has beside its means: MLflow deletes no metric, so they stay right.

    Args:
        summary: the figures under their present names.
        there: the metrics of the run.
    """
    former = {name.removeprefix(_GROUP): value for name, value in summary.items() if name.startswith(_GROUP)}
    return {name: value for name, value in former.items() if name in there}


def number_and_interval(metrics: Mapping[str, float], name: str) -> tuple[int, tuple[float, float] | None]:
    """How many individuals a condition's mean is of, and its interval, from the metrics of its run.

    A run of one individual says neither; one of an earlier version has both without the group.
    """
    group = _GROUP if f"{_GROUP}{name}.n" in metrics else ""
    low, high = (metrics.get(f"{group}{name}.{end}") for end in ("ci_low", "ci_high"))
    interval = None if low is None or high is None else (float(low), float(high))
    return int(metrics.get(f"{group}{name}.n", 1)), interval


def mean_curves(individuals: Sequence[Mapping[str, Curve]]) -> dict[str, list[tuple[int, float]]]:
    """The mean over individuals of each curve, step by step.

    >>> mean_curves([{"healthy/loss": [(0, 1.0)]}, {"healthy/loss": [(0, 2.0)]}])
    {'healthy/loss': [(0, 1.5)]}
    """
    values: dict[str, dict[int, list[float]]] = {}
    for individual in individuals:
        for name, curve in individual.items():
            for step, value in curve:
                values.setdefault(name, {}).setdefault(step, []).append(value)
    return {name: [(s, float(np.mean(v))) for s, v in sorted(steps.items())] for name, steps in values.items()}
