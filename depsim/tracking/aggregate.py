"""Figures over the individuals of a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.statistics import summarise_individuals

Curve = Sequence[tuple[int, float]]


def summary_metrics(individuals: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean under each metric's own name, beside ``.sd``, ``.ci_low``, ``.ci_high`` and ``.n``.

    An interval is left out where there is none: all values equal, or fewer than three individuals.
    """
    result: dict[str, float] = {}
    for name, summary in summarise_individuals(individuals).items():
        result[name] = summary.mean
        result[f"{name}.n"] = float(summary.n)
        if summary.sd is not None:
            result[f"{name}.sd"] = summary.sd
        if summary.interval is not None:
            result[f"{name}.ci_low"], result[f"{name}.ci_high"] = summary.interval
    return result


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
