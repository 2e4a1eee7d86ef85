"""Our individuals beside the published values, cell by cell: is the published individual one of ours?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depsim.outcomes import PRIMARY, Outcome
from depsim.statistics import (
    Joint,
    Prediction,
    Summary,
    error_logit,
    exam_scatter,
    joint_verdict,
    lies_inside,
    noticed_shift,
    percentile_of,
    predict_accuracy,
    predict_by_order,
    predict_value,
    summarise,
)
from depsim.study.kept import kept
from depsim.study.panels import Condition, Panel, align
from depsim.study.published import Value, published, values

TABLES = ("table_1", "table_2")
_COUNTED, _FEW_QUESTIONS = "sparsity", "clean"
"""A column that is no measurement, and the exam with as few distinct questions as there are clusters."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell of Table 1 or 2.

    Args:
        value: the published one.
        seeds, samples: who has it here and what they have, (N,).
        ours: their summary.
        prediction: where one new individual is expected; None below three individuals, and for a constant that is
            no accuracy.
        percentile: per cent of the reference below the published value, ours rounded alike; None without either.
        inside: whether the published value lies where 95 % of new individuals would; None where that cannot be told.
    """

    value: Value
    seeds: tuple[int, ...]
    samples: np.ndarray
    ours: Summary
    prediction: Prediction | None
    percentile: float | None
    inside: bool | None


@dataclass(frozen=True)
class Gap:
    """A published difference between two conditions beside our individuals' differences.

    Args:
        outcome: of what.
        a, b: the conditions.
        published: A - B of the one published individual.
        ours: our individuals' A - B.
        prediction: where one new individual's is expected; None as for a cell.
        percentile: per cent of our differences below the published one.
        inside: whether the published one lies where 95 % of new individuals' would; None where that cannot be told.
    """

    outcome: Outcome
    a: str
    b: str
    published: float
    ours: Summary
    prediction: Prediction | None
    percentile: float
    inside: bool | None


@dataclass(frozen=True)
class Comparison:
    """Tables 1 and 2 of the paper with our individuals in them.

    Args:
        cells: that could be filled, table by table, row by row.
        joint: whether the published individual can be told from ours by all its values together; None without a
            published value to compare.
        noticed: the shift of any one condition, in standard deviations, that would have told 8 of 10 individuals apart;
            None where not even ten would, or no shift can.
        gaps: the published differences between conditions on the primary outcomes.
    """

    cells: tuple[Cell, ...]
    joint: Joint | None
    noticed: float | None
    gaps: tuple[Gap, ...]

    @property
    def judged(self) -> tuple[Cell, ...]:
        """Distinct cells with a verdict of their own: those that both tables have, once."""
        first = {(cell.value.row, cell.value.column): cell for cell in reversed(self.cells)}
        return tuple(cell for cell in first.values() if cell.inside is not None)[::-1]

    @property
    def outside(self) -> tuple[Cell, ...]:
        """Those of them whose published value lies outside."""
        return tuple(cell for cell in self.judged if not cell.inside)

    @property
    def by_chance(self) -> float:
        """How many of them would lie outside by chance: a cell in which all of ours are equal cannot."""
        return sum(cell.prediction.miss for cell in self.judged if cell.prediction and not cell.ours.constant)


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


@kept
def compare(panel: Panel) -> Comparison:
    """Tables 1 and 2 for a panel with the paper's surroundings.

    Raises:
        ValueError: for a panel whose surroundings are not the paper's.
    """
    if not panel.is_papers:
        raise ValueError(f"{', '.join(panel.differs)}: not what the published values are of")
    places = [(value, c) for table in TABLES for value in values(table) if (c := panel.condition(value.row))]
    measured = [(value, c, found) for value, c in places if (found := c.values(value.column))]
    summaries = _summaries([found for _, _, found in measured])
    cells = tuple(
        _cell(value, condition, found, ours)
        for (value, condition, found), ours in zip(measured, summaries, strict=True)
    )
    return Comparison(cells, *_joint(panel, cells), _gaps(panel))


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
    reference = np.array([*found.values()])
    prediction = _predict(value.column, condition, reference)
    percentile, inside = None, None
    if value.mean is not None and reference.size:
        percentile = percentile_of(value.mean, np.round(reference, decimals))
        if prediction is not None:
            inside = lies_inside(value.mean, prediction, decimals)
        elif value.column == _COUNTED and np.ptp(reference) == 0:
            inside = bool(np.round(reference[0], decimals) == value.mean)
    return Cell(value, tuple(found), np.array(list(found.values())), ours, prediction, percentile, inside)


def _predict(column: str, condition: Condition, reference: np.ndarray) -> Prediction | None:
    if column == _FEW_QUESTIONS:
        return predict_by_order(reference)
    tests = _questions(column, condition)
    return predict_value(reference) if tests is None else predict_accuracy(reference, tests)


def _questions(column: str, condition: Condition) -> int | None:
    """How many questions an exam has; None for what is no share of right answers."""
    if column in (_COUNTED, "relapse_drop"):
        return None
    return int(condition.arm.settings["task.clean_size" if column == _FEW_QUESTIONS else "task.test_size"])


def _joint(panel: Panel, cells: Sequence[Cell]) -> tuple[Joint | None, float | None]:
    """The joint verdict over the distinct published cells, as the tables share two columns, and its power."""
    distinct = {
        (cell.value.row, cell.value.column): cell
        for cell in cells
        if cell.value.mean is not None and cell.value.column != _FEW_QUESTIONS
    }
    if not distinct:
        return None, None
    paper = published()["paper"]
    _, people = align([dict(zip(cell.seeds, cell.samples, strict=True)) for cell in distinct.values()])
    theirs = np.array([cell.value.mean for cell in distinct.values()], dtype=np.float64)
    pool = np.vstack([people, theirs])
    pool = pool.round(paper["decimals"])  # ours as theirs
    columns, floors = zip(
        *(_on_a_scale(panel, cell, pool[:, k]) for k, cell in enumerate(distinct.values())), strict=True
    )
    scaled = np.stack(columns, axis=1)
    rows = [cell.value.row for cell in distinct.values()]
    joint = joint_verdict(scaled[:-1], scaled[-1], np.array(floors))
    shifts = noticed_shift(scaled[:-1], np.array(floors), rows).values() if joint.can_reject else ()
    known = [shift for shift in shifts if shift is not None]
    return joint, max(known) if known and len(known) == len(shifts) else None


def _on_a_scale(panel: Panel, cell: Cell, column: np.ndarray) -> tuple[np.ndarray, float]:
    """A column on the scale on which individuals scatter evenly, and the scatter of the exam alone there."""
    condition, decimals = panel.condition(cell.value.row), published()["paper"]["decimals"]
    assert condition is not None
    tests, rounding = _questions(cell.value.column, condition), 10.0**-decimals / math.sqrt(12)
    if tests is not None:
        errors = 1 - column.mean() / 100
        slope = 100 * (errors + 0.5 / tests) * (1 - errors + 0.5 / tests)  # of the accuracy by the logit
        return error_logit(column, tests), exam_scatter(column.mean(), tests, decimals) / slope
    if cell.value.column == _COUNTED:
        return column, rounding
    before = np.array(list(condition.values("combined").values()))
    return column, math.sqrt(2) * exam_scatter(before.mean(), int(condition.arm.settings["task.test_size"]), decimals)


def _gaps(panel: Panel) -> tuple[Gap, ...]:
    paper = published()["paper"]
    theirs = {(value.row, value.column): value.mean for value in values("table_1")}
    found = []
    for outcome in PRIMARY:
        for a, b in combinations(panel.conditions, 2):
            first, second = theirs.get((a.name, outcome.column)), theirs.get((b.name, outcome.column))
            _, both = align([a.values(outcome.column), b.values(outcome.column)])
            own = both[:, 0] - both[:, 1]
            if first is None or second is None or not own.size:
                continue
            gap, decimals = round(first - second, paper["decimals"]), paper["decimals"]
            prediction = predict_by_order(own) or predict_value(own)  # differences are skewed
            inside = None if prediction is None else lies_inside(gap, prediction, decimals)
            percentile = percentile_of(gap, own.round(decimals))
            found.append(Gap(outcome, a.name, b.name, gap, summarise(own[:, None])[0], prediction, percentile, inside))
    return tuple(found)
