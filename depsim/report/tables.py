"""Tables 1 and 2 of the paper and its sequel's figures, each cell ours beside the published one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.outcomes import metric_of
from depsim.statistics import Summary, summarise
from depsim.study.published import published

People = Mapping[int, Mapping[str, float]]
"""Seed to metric name to value."""

_FAR = 3.0
"""Standard errors from which a difference to the sequel asks for an explanation."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Args:
        ours: our individuals, or None where nothing was measured.
        published: the published value, or None.
        published_sd: its standard deviation over ``published_n`` individuals, or None for a single one.
        published_n: how many individuals the published value is of.
    """

    ours: Summary | None
    published: float | None
    published_sd: float | None = None
    published_n: int = 1

    @property
    def standard_errors(self) -> float | None:
        """How far our mean lies from the published one, in standard errors of the difference."""
        if self.ours is None or self.ours.sd is None or self.published is None or self.published_sd is None:
            return None
        error = math.sqrt(self.ours.sd**2 / self.ours.n + self.published_sd**2 / self.published_n)
        return (self.ours.mean - self.published) / error if error else None


@dataclass(frozen=True)
class Table:
    """A table of ours beside the published.

    Args:
        title: what it shows.
        columns: headings.
        rows: name and cells of each row.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]

    def far_cells(self) -> list[str]:
        """Cells that lie three or more standard errors from the published ones, in words."""
        far = []
        for name, cells in self.rows:
            for column, cell in zip(self.columns, cells, strict=True):
                distance = cell.standard_errors
                if distance is not None and abs(distance) >= _FAR:
                    far.append(f"{name}, {column}: {distance:+.1f} standard errors")
        return far

    @property
    def compared(self) -> int:
        """How many cells could be compared in standard errors."""
        return sum(cell.standard_errors is not None for _, cells in self.rows for cell in cells)


def paper_table(number: int, arms: Mapping[str, People]) -> Table:
    """Table 1 or 2 of the paper.

    Args:
        number: which.
        arms: treatment to the individuals that had it; a row whose treatment is missing is left out.
    """
    data = published()["paper"][f"table_{number}"]
    rows = {name: [Cell(None, value) for value in values] for name, values in data["rows"].items()}
    return _table(data["title"], data["columns"], rows, arms)


def sequel_table(arms: Mapping[str, People]) -> Table:
    """The sequel's ten individuals beside ours; sensible where individuals have data of their own."""
    data = published()["sequel"]
    rows = {
        name: [Cell(None, mean, sd, data["n"]) for mean, sd in zip(means, data["sd"][name], strict=True)]
        for name, means in data["mean"].items()
    }
    return _table("The sequel's ten individuals", data["columns"], rows, arms)


def _table(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[Cell]], arms: Mapping[str, People]) -> Table:
    filled = []
    for name, cells in rows.items():
        treatment, stage = published()["rows"][name]
        if treatment not in arms:
            continue
        own = [
            Cell(_summary(arms[treatment], stage, column), cell.published, cell.published_sd, cell.published_n)
            for column, cell in zip(columns, cells, strict=True)
        ]
        filled.append((name, tuple(own)))
    headings = tuple(column.replace("internal_noise_", "sigma ").replace("_", " ") for column in columns)
    return Table(title, headings, tuple(filled))


def _summary(people: People, stage: str, column: str) -> Summary | None:
    name = metric_of(stage, column)
    if name is None:
        return None
    values = [person[name] for person in people.values() if name in person]
    return summarise(np.array(values)[:, None], intervals=False)[0] if values else None


def spell_cell(cell: Cell) -> str:
    """A cell for the terminal: ours, a bar, the published value.

    >>> spell_cell(Cell(Summary(1, 23.44, None, None, median=23.44, low=23.44, high=23.44), 50.8))
    '23.4 | 50.8'
    >>> spell_cell(Cell(Summary(30, 29.04, 2.51, None, median=29.0, low=24.0, high=34.0), 28.9, 2.4, 10))
    '29.0 ± 2.5 | 28.9 ± 2.4 (+0.2)'
    """
    theirs = _format_value(cell.published, cell.published_sd)
    if cell.ours is None:
        return f"- | {theirs}"
    text = f"{_format_value(cell.ours.mean, cell.ours.sd)} | {theirs}"
    return text if cell.standard_errors is None else f"{text} ({cell.standard_errors:+.1f})"


def _format_value(mean: float | None, sd: float | None) -> str:
    if mean is None:
        return "-"
    shown = f"{mean:.1f}".replace("-0.0", "0.0")
    return f"{shown} ± {sd:.1f}" if sd else shown
