"""Our individuals beside the published values, cell by cell: is the published individual one of ours?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics import (
    Joint,
    Prediction,
    Summary,
    is_typical,
    joint_verdict,
    percentile_of,
    predict_accuracy,
    predict_value,
    summarise,
)
from depsim.study.panels import Condition, Panel
from depsim.study.published import Value, published, values

TABLES = ("table_1", "table_2")
_NO_EXAM = ("sparsity", "relapse_drop")
"""Columns that are no share of right answers."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell of Table 1 or 2.

    Args:
        value: the published one.
        seeds, samples: who has it here and what they have, (N,).
        ours: their summary.
        reference: individuals that the published one is compared with: ours without its seed.
        prediction: where one new individual is expected; None below three individuals, and for a constant that is
            no accuracy.
        percentile: per cent of the reference below the published value, ours rounded alike; None without either.
        typical: whether the published value is one of ours; None where that cannot be told.
    """

    value: Value
    seeds: tuple[int, ...]
    samples: np.ndarray
    ours: Summary
    reference: int
    prediction: Prediction | None
    percentile: float | None
    typical: bool | None


@dataclass(frozen=True)
class Comparison:
    """Tables 1 and 2 of the paper with our individuals in them.

    Args:
        cells: that could be filled, table by table, row by row.
        joint: whether the published individual is one of ours, all its values together; None without a published
            value to compare.
        compared: distinct published values: the tables share two columns.
    """

    cells: tuple[Cell, ...]
    joint: Joint | None
    compared: int

    @property
    def judged(self) -> tuple[Cell, ...]:
        """Distinct cells with a verdict of their own: those that both tables have, once."""
        first = {(cell.value.row, cell.value.column): cell for cell in reversed(self.cells)}
        return tuple(cell for cell in first.values() if cell.typical is not None)[::-1]

    @property
    def atypical(self) -> tuple[Cell, ...]:
        """Those of them whose published value lies outside."""
        return tuple(cell for cell in self.judged if not cell.typical)


@dataclass(frozen=True)
class SequelCell:
    """A mean of the sequel's beside ours.

    Args:
        value: the published mean with its SD.
        ours: our individuals.
        distance: of the means, in standard errors of their difference; None without two spreads.
    """

    value: Value
    ours: Summary
    distance: float | None


def compare(panel: Panel) -> Comparison:
    """Tables 1 and 2 for a panel with the paper's surroundings.

    Raises:
        ValueError: for a panel whose surroundings are not the paper's.
    """
    if not panel.is_papers:
        raise ValueError(f"{panel.title}: not what the published values are of")
    places = [(value, c) for table in TABLES for value in values(table) if (c := panel.condition(value.row))]
    measured = [(value, c, found) for value, c in places if (found := c.values(value.column))]
    summaries = _summaries([found for _, _, found in measured])
    cells = tuple(
        _cell(value, condition, found, ours)
        for (value, condition, found), ours in zip(measured, summaries, strict=True)
    )
    return Comparison(cells, *_joint(cells))


def sequel(panel: Panel) -> tuple[SequelCell, ...]:
    """The sequel's means beside ours; sensible where individuals have data of their own."""
    places = [(value, c) for value in values("sequel") if (c := panel.condition(value.row)) and value.mean is not None]
    measured = [(value, found) for value, c in places if (found := c.values(value.column))]
    summaries = _summaries([found for _, found in measured])
    return tuple(
        SequelCell(value, ours, standard_errors(ours, value.mean, value.sd, value.n))
        for (value, _), ours in zip(measured, summaries, strict=True)
    )


def standard_errors(ours: Summary, mean: float | None, sd: float | None, n: int) -> float | None:
    """How far our mean lies from another, in standard errors of the difference; None without two spreads.

    >>> ours = Summary(30, 30.0, 3.0, None, 30.0, 25.0, 35.0)
    >>> round(standard_errors(ours, 28.9, 2.4, 10), 2)
    1.18
    """
    if ours.sd is None or mean is None or sd is None:
        return None
    error = math.sqrt(ours.sd**2 / ours.n + sd**2 / n)
    return (ours.mean - mean) / error if error else None


def _summaries(columns: Sequence[dict[int, float]]) -> list[Summary]:
    """Of each column, its own individuals."""
    if not columns:
        return []
    everyone = sorted({seed for column in columns for seed in column})
    return summarise(np.array([[column.get(seed, np.nan) for column in columns] for seed in everyone]))


def _cell(value: Value, condition: Condition, found: dict[int, float], ours: Summary) -> Cell:
    decimals = published()["paper"]["decimals"]
    reference = np.array([x for seed, x in found.items() if seed != published()["paper"]["seed"]])
    prediction = _predict(value.column, condition, reference)
    percentile, typical = None, None
    if value.mean is not None and reference.size:
        percentile = percentile_of(value.mean, np.round(reference, decimals))
        if prediction is not None:
            typical = is_typical(value.mean, prediction, decimals)
        elif reference.size > 2:  # a constant that is no accuracy
            typical = bool(np.round(reference[0], decimals) == value.mean)
    return Cell(
        value, tuple(found), np.array(list(found.values())), ours, reference.size, prediction, percentile, typical
    )


def _predict(column: str, condition: Condition, reference: np.ndarray) -> Prediction | None:
    if column in _NO_EXAM:
        return predict_value(reference)
    exam = "clean_size" if column == "clean" else "test_size"
    return predict_accuracy(reference, int(condition.arm.settings[f"task.{exam}"]))


def _joint(cells: Sequence[Cell]) -> tuple[Joint | None, int]:
    """The joint verdict over the distinct published cells, and how many those are."""
    distinct = {(cell.value.row, cell.value.column): cell for cell in cells if cell.value.mean is not None}
    columns = [dict(zip(cell.seeds, cell.samples, strict=True)) for cell in distinct.values()]
    if not columns:
        return None, 0
    seeds = sorted(set.intersection(*(set(column) for column in columns)) - {published()["paper"]["seed"]})
    reference = np.array([[column[seed] for column in columns] for seed in seeds]).reshape(len(seeds), len(columns))
    theirs = np.array([cell.value.mean for cell in distinct.values()])
    return joint_verdict(reference, theirs, published()["paper"]["decimals"]), len(columns)
