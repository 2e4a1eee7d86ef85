"""What a report consists of: sections of paragraphs, tables and figures, independent of how they are written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Value = str | int | float | bool | None
CODE = "code"
"""Form of a column whose texts are commands, keys or the like."""


@dataclass(frozen=True)
class Paragraph:
    """Plain text. Text between backquotes is shown as code; everything is escaped by whoever writes it out.

    Args:
        text: what it says.
        kind: ``plain``; ``answer`` for the lines a report opens with; ``note`` for remarks; ``warning`` for what a
            reader must not miss.
    """

    text: str
    kind: str = "plain"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        key: its name in the CSV file.
        heading: what people see.
        form: format of its numbers, as for :func:`format`; by default as they are, which tells values of a setting
            apart. Texts are shown as they are. Or :data:`CODE`.
    """

    key: str
    heading: str
    form: str = ".6g"


@dataclass(frozen=True)
class Sheet:
    """A table: raw values, which CSV files get at full precision and people get formatted.

    Args:
        name: stem of its files, unique in a report: lower-case letters, digits and underscores.
        title: what it shows.
        columns: M of them.
        rows: M values each; None is shown as a dash.
        note: what a reader needs to read it: units, what intervals are, n.
        folded: whether the web page shows it only when asked to; for long tables.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Picture:
    """A figure with the numbers behind it.

    Args:
        name: stem of its files, unique in a report.
        title: what it shows.
        caption: says what every line and band is, and n.
        draw: makes the matplotlib figure; called once.
        data: the drawn numbers, written beside it as CSV.
        alt: what it shows, for people who cannot see it.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], Any]
    data: Sheet
    alt: str


Block = Paragraph | Sheet | Picture


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Args:
        anchor: its address in the page, unique.
        title: its heading.
        blocks: what it consists of.
        sub: sections within.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    sub: Sequence[Section] = ()


@dataclass(frozen=True)
class Document:
    """A whole report.

    Args:
        title: of the page.
        answer: the five lines it opens with.
        sections: in order.
        facts: what ``study.json`` holds besides all that is said: where it comes from, as plain JSON values.
        verdicts: short tables of what was found, for where the page has no room.
    """

    title: str
    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    facts: dict[str, Any]
    verdicts: tuple[Sheet, ...] = ()
