"""Figures over the individuals of a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.outcomes import is_bounded, primary_metrics
from depsim.statistics import Summary, summarise_individuals
from depsim.tracking.artifacts import csv_bytes

SUMMARY = "summary.csv"
"""The artifact of a condition with all figures of all its metrics."""
Curve = Sequence[tuple[int, float]]
_GROUP = "summary/"
"""What the names of spread, interval and number begin with, so that charts of the means stand alone."""
_COLUMNS = ("metric", "n", "mean", "sd", "low", "high", "median", "smallest", "largest")


def summaries(individuals: Sequence[Mapping[str, float]]) -> dict[str, Summary]:
    """Each metric over the individuals that have it."""
    return summarise_individuals(individuals, is_bounded)


def summary_metrics(of_metrics: Mapping[str, Summary]) -> dict[str, float]:
    """All means under the metrics' own names; then, of the primary outcomes, ``.sd``, ``.ci_low``, ``.ci_high`` and
    ``.n`` in a group of their own.

    An interval is left out where there is none: all values equal, or fewer than three individuals.

    >>> summary_metrics(summaries([{"treated/combined": 80.0, "treated/clean": 99.0}]))
    {'treated/clean': 99.0, 'treated/combined': 80.0, 'summary/treated/combined.n': 1.0}
    """
    means, others = {name: summary.mean for name, summary in of_metrics.items()}, {}
    for name in primary_metrics():
        if (summary := of_metrics.get(name)) is None:
            continue
        others[f"{_GROUP}{name}.n"] = float(summary.n)
        if summary.sd is not None:
            others[f"{_GROUP}{name}.sd"] = summary.sd
        if summary.interval is not None:
            others[f"{_GROUP}{name}.ci_low"], others[f"{_GROUP}{name}.ci_high"] = summary.interval
    return {**means, **others}  # in the order in which a run's page lists them


def summary_table(of_metrics: Mapping[str, Summary]) -> bytes:
    """All figures of all metrics as CSV; ``low`` and ``high`` are the ends of the interval of the mean.

    >>> print(summary_table(summaries([{"a": 1.0}, {"a": 3.0}])).decode().splitlines()[1])
    a,2,2.0,1.4142135623730951,,,2.0,1.0,3.0
    """
    rows = [(name, s.n, s.mean, s.sd, *s.ends, s.median, s.low, s.high) for name, s in of_metrics.items()]
    return csv_bytes([_COLUMNS, *(["" if cell is None else cell for cell in row] for row in rows)])


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
