"""The page about two varied settings: a heat map of each outcome, with the width of its interval beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from depsim.report.columns import columns_of, of_settings
from depsim.report.document import Column, Paragraph, Picture, Section, Sheet
from depsim.report.figures.heat_map import draw_heat_map
from depsim.report.points import Measured, Point, examined, setting, spell_counts, summary_cells
from depsim.report.settings import file_stem, setting_of, spell_fixed
from depsim.stages import WITHDRAWN
from depsim.statistics import MEAN_INTERVAL
from depsim.study.axes import Grid
from depsim.study.reading import StudyArm

Points = Mapping[tuple[str, str], Point]


def grid_page(grids: Sequence[Grid], points: Points, suffix: str) -> Section:
    """The page about all grids over the same two settings.

    Args:
        grids: one or more.
        points: of all arms.
        suffix: of names, unique to the slice of the study.
    """
    rows, columns = setting_of(grids[0].rows.key), setting_of(grids[0].columns.key)
    stem = f"{file_stem(grids[0].rows.key)}_by_{file_stem(grids[0].columns.key)}{suffix}"
    pictures = []
    for number, grid in enumerate(grids, start=1):
        for outcome, when, metric in examined([arm for row in grid.arms for arm in row]):
            name = "_".join(["map", stem, *([str(number)] if len(grids) > 1 else []), outcome.stem, when])
            pictures.append(_picture(grid, outcome, when, metric, points, name))
    intro = f"Every combination of {rows.label} and {columns.label}."
    title = f"{_capital(rows.label)} by {columns.label}"
    return Section(f"grid-{stem}", title, (Paragraph(intro), *pictures))


def _picture(grid: Grid, outcome: Measured, when: str, metric: str, points: Points, name: str) -> Picture:
    rows, columns = setting_of(grid.rows.key), setting_of(grid.columns.key)
    cells = [[points.get((arm.arm_key, metric)) for arm in row] for row in grid.arms]
    mean = np.array([[np.nan if cell is None else cell.summary.mean for cell in row] for row in cells])
    width = np.array([[np.nan if cell is None else _width(cell) for cell in row] for row in cells])
    who = ", ".join(filter(None, (grid.treatment, spell_fixed(grid.fixed))))
    counts = spell_counts([cell.summary for row in cells for cell in row if cell is not None])
    off = ", drug withdrawn" if when == WITHDRAWN else ""
    draw = partial(
        draw_heat_map,
        mean,
        width,
        [rows.spell(value) for value in grid.rows.values],
        [columns.spell(value) for value in grid.columns.values],
        (rows.label, columns.label),
        outcome.unit,
    )
    return Picture(
        name=name,
        title=f"{_capital(outcome.name)}{off}: {who}",
        caption=(
            f"Left: the mean over individuals ({counts} in each cell). Right: the width of its "
            f"{MEAN_INTERVAL}; 0 where all individuals are equal, a dash where there are too few for an interval."
        ),
        draw=draw,
        data=_sheet(grid, outcome, [cell for row in cells for cell in row], name),
        alt=f"Two heat maps over {rows.label} and {columns.label}: means and interval widths; numbers in the table.",
    )


def _width(cell: Point) -> float:
    interval = cell.summary.interval
    return interval[1] - interval[0] if interval else 0.0 if cell.summary.constant else np.nan


def _sheet(grid: Grid, outcome: Measured, cells: Sequence[Point | None], name: str) -> Sheet:
    arms: list[StudyArm] = [arm for row in grid.arms for arm in row]
    columns = columns_of(
        "treatment",
        *of_settings((grid.rows.key, grid.columns.key, *grid.fixed)),
        "n mean ci_low ci_high sd",
        Column("width", "width", ".2f"),
        "arm_key",
    )
    rows = []
    for arm, cell in zip(arms, cells, strict=True):
        told = (setting(arm, key) for key in (grid.rows.key, grid.columns.key, *grid.fixed))
        measured: Any = (0, None, None, None, None, None)
        if cell is not None:
            width = _width(cell)
            measured = (*summary_cells(cell.summary), None if np.isnan(width) else width)
        rows.append((arm.treatment, *told, *measured, arm.arm_key))
    return Sheet(name, f"{outcome.name}, {outcome.unit}", columns, tuple(rows))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
