"""How conditions are: the mean of each outcome over individuals, its interval, and who collapsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.outcomes import PRIMARY, is_bounded
from depsim.statistics import Summary, summarise
from depsim.study.estimate import Estimate, Value, of_summary
from depsim.study.groups import Condition

COLUMNS = tuple(outcome.column for outcome in PRIMARY)


def estimates(
    conditions: Sequence[Condition],
    columns: Sequence[str] = COLUMNS,
    apart: Mapping[str, str | float] = {},
    published: Mapping[tuple[str, str], float | None] | None = None,
) -> tuple[Estimate, ...]:
    """A row for each condition and outcome that was measured there.

    Args:
        conditions: in order.
        columns: outcomes, as columns of the paper's tables or whole metric names.
        apart: what every key begins with.
        published: the published value by condition and column.
    """
    measured = [
        (condition, column, values)
        for condition in conditions
        for column in columns
        if (values := condition.values(column))
    ]
    rows = []
    collapsed = {condition.name: _collapsed(condition) for condition in conditions}
    for (condition, column, _), summary in zip(measured, _summaries(measured), strict=True):
        more: dict[str, Value] = {
            "median": summary.median,
            "smallest": summary.low,
            "largest": summary.high,
            "collapsed": collapsed[condition.name],
            "may_differ": summary.may_differ,
        }
        if published and (condition.name, column) in published:
            more["published"] = published[condition.name, column]
        rows.append(of_summary({**apart, "condition": condition.name, "outcome": column}, summary, **more))
    return tuple(rows)


def _summaries(measured: Sequence[tuple[Condition, str, Mapping[int, float]]]) -> list[Summary]:
    """Of each its own individuals, as columns of one table."""
    if not measured:
        return []
    everyone = sorted({seed for _, _, values in measured for seed in values})
    table = np.array([[values.get(seed, np.nan) for _, _, values in measured] for seed in everyone])
    bounded = np.array([is_bounded(condition.metric(column) or column) for condition, column, _ in measured])
    return summarise(table, bounded=bounded)


def _collapsed(condition: Condition) -> float | None:
    """Per cent of individuals below the limit in standard accuracy; None where that was not measured."""
    measured = len(condition.values("standard"))
    return 100 * len(condition.collapsed) / measured if measured else None
