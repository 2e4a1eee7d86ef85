"""What a page consists of, independent of how it is written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from depsim.report.cell import NOTHING, Content
from depsim.study.estimate import Estimate

MOST_ROWS = 15
"""Rows of a table in the page; its files hold all."""


@dataclass(frozen=True)
class Table:
    """A table: as people see it, and the rows that its CSV file holds at full precision.

    Args:
        name: stem of its files, unique in a page: lower-case letters, digits and underscores.
        title: what it shows, with n.
        headings: of the columns, M of them.
        cells: words and numbers, M a row.
        rows: behind it; where there are none, the file holds the cells.
        note: what a reader needs to read it.
    """

    name: str
    title: str
    headings: tuple[str, ...]
    cells: tuple[tuple[Content, ...], ...]
    rows: tuple[Estimate, ...] = ()
    note: str = ""

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """All cells as they are printed where there is room."""
        return tuple(tuple(map(str, row)) for row in self.cells)


@dataclass(frozen=True)
class Figure:
    """A figure with the numbers behind it.

    Args:
        name: stem of its files, unique in a page.
        caption: what it shows: every mark, line and band, and n.
        draw: makes the matplotlib figure; called once.
        rows: the drawn numbers, written beside it as CSV.
    """

    name: str
    caption: str
    draw: Callable[[], Any]
    rows: tuple[Estimate, ...]


@dataclass(frozen=True)
class Finding:
    """What a study says to one question.

    Args:
        name: stem of its files and its address in the page, unique.
        title: the question, as a heading.
        sentence: the answer, as short as it can be with what qualifies it.
        rows: all of its results.
        table: some of them for people; None where the sentence says it all.
        figure: None where there is nothing to draw.
        picture: what stands above if this is the study's first question; the figure where it is left out.
        text: what stands in its section; the sentence where it is left out.
        also: what else was found that deserves a bullet.
        open: what could not be told, and how many individuals would tell; empty for nothing.
        caution: what a reader has to be careful of; empty for nothing.
        conditions: those that the sentence is about, in order.
    """

    name: str
    title: str
    sentence: str
    rows: tuple[Estimate, ...]
    table: Table | None = None
    figure: Figure | None = None
    picture: Figure | None = None
    text: str = ""
    also: tuple[str, ...] = ()
    open: str = ""
    caution: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageSection:
    """A part of a page: one question, at most one figure and one table.

    Args:
        anchor: its address in the page, unique.
        title: its heading, a question.
        text: what it says.
        figure, table: or None.
    """

    anchor: str
    title: str
    text: str
    figure: Figure | None = None
    table: Table | None = None


@dataclass(frozen=True)
class Page:
    """A whole report.

    Args:
        title: the question that the study asks.
        study: its name.
        answer: one sentence.
        figure, table: of the answer.
        bullets: at most three.
        sections: in order.
        foot: how many, who failed, how intervals and tests are made, and where it comes from.
        files: tables that are written beside the page and not shown in it.
        facts: what ``study.json`` holds besides all that is written here, as plain JSON values.
    """

    title: str
    study: str
    answer: str
    figure: Figure | None
    table: Table | None
    bullets: tuple[str, ...]
    sections: tuple[PageSection, ...]
    foot: tuple[str, ...]
    files: tuple[Table, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Those in the page, in order."""
        return tuple(table for table in (self.table, *(part.table for part in self.sections)) if table is not None)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Those in the page, in order."""
        return tuple(figure for figure in (self.figure, *(part.figure for part in self.sections)) if figure is not None)


CellOf = Callable[[Estimate], Content]


def table_of(
    name: str,
    title: str,
    rows: Sequence[Estimate],
    columns: Mapping[str, CellOf],
    *,
    shown: Sequence[Estimate] | None = None,
    note: str = "",
) -> Table:
    """A table with a line for each row.

    Args:
        name, title, note: of it.
        rows: all of them, for its files.
        columns: heading to what stands in the cell.
        shown: the rows that the page has, where these are not all; at most fifteen of them are shown.
    """
    chosen = list(rows if shown is None else shown)[:MOST_ROWS]
    cells = tuple(tuple(cell(row) for cell in columns.values()) for row in chosen)
    left = len(rows) - len(chosen)
    more = f"{left} more {'row is' if left == 1 else 'rows are'} in `tables/{name}.csv`." if left > 0 else ""
    return Table(name, title, tuple(columns), cells, tuple(rows), " ".join(filter(None, (note, more))))


def crosstab(
    name: str,
    title: str,
    rows: Sequence[Estimate],
    down: str,
    across: Mapping[str, str],
    cell: CellOf,
    *,
    by: str = "outcome",
    only: Sequence[str] | None = None,
    most: int = MOST_ROWS,
    heading: str = "",
    note: str = "",
) -> Table:
    """A table with a line for each value of one part of the keys and a column for each of another.

    Args:
        name, title, note: of it.
        rows: all of them.
        down: the part of the key whose values head the lines.
        across: the values of ``by`` that have a column, in order, and the headings of the columns.
        cell: what stands in a cell.
        by: the part of the key whose values head the columns.
        only: the values of ``down`` that are shown, in order; all where it is left out.
        most: lines.
        heading: of the first column.
    """
    places = {(row.of(down), row.of(by)): row for row in reversed(rows)}
    lines = list(only) if only is not None else list(dict.fromkeys(row.of(down) for row in rows))
    used = {column: text for column, text in across.items() if any((line, column) in places for line in lines)}
    cells = tuple(
        (line, *(cell(places[line, column]) if (line, column) in places else NOTHING for column in used))
        for line in lines[:most]
    )
    all_lines = len({row.of(down) for row in rows})
    left = all_lines - len(cells)
    more = f"{left} more {'is' if left == 1 else 'are'} in `tables/{name}.csv`." if left > 0 else ""
    return Table(name, title, (heading, *used.values()), cells, tuple(rows), " ".join(filter(None, (note, more))))
