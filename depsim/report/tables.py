"""Tables 1 and 2 of the paper and its sequel's figures, each cell ours beside the published one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics import Summary, summarise
from depsim.study.comparison import standard_errors
from depsim.study.published import Value, published, values
from depsim.study.reliability import People

_FAR = 3.0
"""Standard errors from which a difference to the sequel asks for an explanation."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table: our individuals, or None where nothing was measured, and the published value."""

    ours: Summary | None
    theirs: Value

    @property
    def distance(self) -> float | None:
        """How far our mean lies from the published one, in standard errors of the difference."""
        theirs = self.theirs
        return None if self.ours is None else standard_errors(self.ours, theirs.mean, theirs.sd, theirs.n)


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
                if cell.distance is not None and abs(cell.distance) >= _FAR:
                    far.append(f"{name}, {column}: {cell.distance:+.1f} standard errors")
        return far

    @property
    def compared(self) -> int:
        """How many cells could be compared in standard errors."""
        return sum(cell.distance is not None for _, cells in self.rows for cell in cells)


def paper_table(number: int, arms: Mapping[str, People]) -> Table:
    """Table 1 or 2 of the paper.

    Args:
        number: which.
        arms: treatment to the individuals that had it; a row whose treatment is missing is left out.
    """
    name = f"table_{number}"
    return _table(published()["paper"][name]["title"], values(name), arms)


def sequel_table(arms: Mapping[str, People]) -> Table:
    """The sequel's ten individuals beside ours; sensible where individuals have data of their own."""
    return _table("The sequel's ten individuals", values("sequel"), arms)


def _table(title: str, theirs: Sequence[Value], arms: Mapping[str, People]) -> Table:
    rows: dict[str, list[Cell]] = {}
    for value in theirs:
        if value.treatment in arms:
            rows.setdefault(value.row, []).append(Cell(_summary(arms[value.treatment], value.metric), value))
    columns = dict.fromkeys(value.column.replace("internal_noise_", "sigma ").replace("_", " ") for value in theirs)
    return Table(title, tuple(columns), tuple((name, tuple(cells)) for name, cells in rows.items()))


def _summary(people: People, metric: str | None) -> Summary | None:
    found = [person[metric] for person in people.values() if metric is not None and metric in person]
    return summarise(np.array(found)[:, None], intervals=False)[0] if found else None


def spell_cell(cell: Cell) -> str:
    """A cell for the terminal: ours, a bar, the published value.

    >>> ours = Summary(30, 29.04, 2.51, None, median=29.0, low=24.0, high=34.0)
    >>> spell_cell(Cell(ours, Value("sequel", "untreated", "combined", "none", "treated", 28.9, 2.4, 10)))
    '29.0 ± 2.5 | 28.9 ± 2.4 (+0.2)'
    """
    theirs = _format_value(cell.theirs.mean, cell.theirs.sd)
    if cell.ours is None:
        return f"- | {theirs}"
    text = f"{_format_value(cell.ours.mean, cell.ours.sd)} | {theirs}"
    return text if cell.distance is None else f"{text} ({cell.distance:+.1f})"


def _format_value(mean: float | None, sd: float | None) -> str:
    if mean is None:
        return "-"
    shown = f"{mean:.1f}".replace("-0.0", "0.0")
    return f"{shown} ± {sd:.1f}" if sd else shown
