"""Tables and rows as CSV, Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.report.cell import Cell
from depsim.report.parts import Table
from depsim.study.estimate import Estimate, frame

_SIGNS = str.maketrans({"−": "$-$", "≤": r"$\leq$", "≥": r"$\geq$", "σ": r"$\sigma$"})
"""What pdfLaTeX cannot set as it is."""


def right_aligned(table: Table) -> list[bool]:
    """Whether each column is one of numbers."""
    columns = [[row[place] for row in table.cells] for place in range(len(table.headings))]
    return [bool(column) and all(isinstance(cell, Cell) or not cell for cell in column) for column in columns]


def rows_csv(rows: Sequence[Estimate]) -> str:
    """Rows at full precision: a header and a line per row; what is missing is empty."""
    text: str = frame(rows).dropna(axis="columns", how="all").to_csv(index=False, lineterminator="\n")
    return text


def table_csv(table: Table) -> str:
    """A table's rows, or its cells where it has none."""
    if table.rows:
        return rows_csv(table.rows)
    import csv
    import io

    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([table.headings, *table.texts])
    return file.getvalue()


def markdown(text: str) -> str:
    r"""Text for Markdown that tells no tags and ends no cell.

    >>> markdown("<b>a</b> | c")
    '&lt;b>a&lt;/b> \\| c'
    """
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace("|", r"\|").split())


def table_markdown(table: Table) -> str:
    """The table with its title above and its note below."""
    rules = ["---:" if right else "---" for right in right_aligned(table)]
    lines = [" | ".join(["", *map(markdown, row), ""]).strip() for row in (table.headings, rules, *table.texts)]
    return (
        "\n".join([f"**{markdown(table.title)}**", "", *lines, *(["", markdown(table.note)] if table.note else [])])
        + "\n"
    )


def table_latex(table: Table) -> str:
    r"""The table for ``\input`` into a paper; title and note are comments, and it needs booktabs."""
    from pandas import DataFrame

    about = "".join(f"% {text}\n" for text in (table.title, table.note) if text)
    columns = "".join("r" if right else "l" for right in right_aligned(table))
    written: str = DataFrame(table.texts, columns=list(table.headings)).to_latex(
        index=False, escape=True, column_format=columns
    )
    return about + written.translate(_SIGNS)
