"""How outcomes change over two settings at once, and whether the effect of one depends on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depsim.stages import WITHDRAWN
from depsim.statistics import interaction, verdict
from depsim.study.analyses.contrasts import COLUMNS
from depsim.study.analyses.estimates import estimates
from depsim.study.analyses.response import by_stage, in_order, is_asked, names_of, number
from depsim.study.estimate import Estimate, Value, family
from depsim.study.groups import Condition, align, groups
from depsim.study.naming import name_at
from depsim.study.reading import Study


@dataclass(frozen=True, eq=False)
class SettingGrid:
    """Conditions that differ in two settings only, in every combination.

    Args:
        name: what sets it apart from other grids over the same settings.
        x, y: keys of the settings.
        x_values, y_values: that they take, in order, X and Y of them.
        conditions: X rows of Y.
    """

    name: str
    x: str
    y: str
    x_values: tuple[str, ...]
    y_values: tuple[str, ...]
    conditions: tuple[tuple[Condition, ...], ...]

    @property
    def cells(self) -> tuple[Condition, ...]:
        """All conditions, row by row."""
        return tuple(condition for row in self.conditions for condition in row)

    def has(self, column: str) -> bool:
        """As for a line."""
        return is_asked(self.cells, column)


def grids(study: Study, x: str, y: str) -> list[SettingGrid]:
    """The complete grids of a study over two settings; empty where a combination is missing.

    Args:
        study: of which.
        x, y: keys of the settings.
    """
    parts = [part for part in groups(study, (x, y)) if len(part.arms) > 1]
    complete = []
    for part, name in zip(parts, names_of(parts, (x, y)), strict=True):
        arms = {(arm.settings.get(x, ""), arm.settings.get(y, "")): arm for arm in part.arms}
        rows, columns = in_order({row for row, _ in arms}), in_order({column for _, column in arms})
        if min(len(rows), len(columns)) < 2 or not len(rows) * len(columns) == len(arms) == len(part.arms):
            continue
        for stage, at_stage in by_stage(part).items():
            if len(at_stage) == len(arms):
                cells = tuple(tuple(at_stage[arms[row, column].arm_key] for column in columns) for row in rows)
                off = any(condition.stage == WITHDRAWN for condition in part.conditions)
                complete.append(SettingGrid(name_at(name, stage, off), x, y, rows, columns, cells))
    return complete


def grid_levels(grids: Sequence[SettingGrid], columns: Sequence[str] = COLUMNS) -> tuple[Estimate, ...]:
    """A row for each grid, combination and outcome: the mean of those who were measured there."""
    rows = []
    for grid in grids:
        places = {
            cell.name: (number(x), number(y))
            for x, row in zip(grid.x_values, grid.conditions, strict=True)
            for y, cell in zip(grid.y_values, row, strict=True)
        }
        for row in estimates(grid.cells, [column for column in columns if grid.has(column)]):
            x, y = places[row.of("condition")]
            key = {"line": grid.name, "x": x, "y": y, "condition": row.of("condition"), "outcome": row.of("outcome")}
            rows.append(row._replace(key=key))
    return tuple(rows)


def interactions(grids: Sequence[SettingGrid], columns: Sequence[str] = COLUMNS) -> tuple[Estimate, ...]:
    """Whether the effect of one setting depends on the other one: a row for each grid and outcome, one family of tests.

    The estimate is the largest difference of effects: (x high - x low) at y high less the same at y low, with an
    interval that is simultaneous over all that it was chosen from. The levels are further columns.

    Args:
        grids: grids over the same settings.
        columns: outcomes.
    """
    measured = [
        (grid, column, both)
        for grid in grids
        for column in columns
        if grid.has(column) and len(both := align([cell.values(column) for cell in grid.cells])[1])
    ]
    rows = []
    for grid, column, both in measured:
        largest = interaction(both.reshape(len(both), len(grid.x_values), len(grid.y_values)), len(measured))
        more: dict[str, Value] = {
            "x_low": number(grid.x_values[largest.x_low]),
            "x_high": number(grid.x_values[largest.x_high]),
            "y_low": number(grid.y_values[largest.y_low]),
            "y_high": number(grid.y_values[largest.y_high]),
            "tests": len(measured),
        }
        key = {"line": grid.name, "outcome": column}
        rows.append(Estimate(key, largest.n, largest.difference, largest.low, largest.high, p=largest.p, more=more))
    return tuple(row._replace(verdict=verdict(row.p_holm, row.n, len(measured))) for row in family(rows))
