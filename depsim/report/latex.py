"""A table as LaTeX, for ``\\input`` into a paper; needs the packages booktabs and, for long ones, longtable."""

from __future__ import annotations

import re

from depsim.report.document import Column, Sheet, Value
from depsim.report.wording import code_spans, is_code, is_number, spell_value

_ON_A_PAGE = 40
"""Rows that fit one page; more make a table that breaks across pages."""
_CHARACTERS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    "—": "---",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "≈": r"$\approx$",
    "→": r"$\rightarrow$",
    "σ": r"$\sigma$",
    "²": "$^2$",
    "½": r"$\frac{1}{2}$",
    "…": r"\dots{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
}
_NEGATIVE = re.compile(r"(?<![^\s(\[])-(?=\d)")


def escape(text: str) -> str:
    r"""Text that LaTeX sets as it is.

    >>> escape("5 % of a_b, σ ≥ -1")
    '5 \\% of a\\_b, $\\sigma$ $\\geq$ $-$1'
    """
    return _escape_literally(_NEGATIVE.sub("−", text))


def _escape_literally(text: str) -> str:
    return "".join(_CHARACTERS.get(character, character) for character in text)


def _inline(text: str) -> str:
    return "".join(
        rf"\texttt{{{_escape_literally(piece)}}}" if marked else escape(piece) for marked, piece in code_spans(text)
    )


def _cell(value: Value, column: Column) -> str:
    text = spell_value(value, column)
    return rf"\texttt{{{_escape_literally(text)}}}" if is_code(value, column) else escape(text)


def sheet_latex(sheet: Sheet) -> str:
    """The table with its caption, its label ``tab:NAME`` and its note."""
    right = [any(is_number(row[place]) for row in sheet.rows) for place in range(len(sheet.columns))]
    columns = "".join("r" if is_right else "l" for is_right in right)
    heading = rf"{' & '.join(escape(column.heading) for column in sheet.columns)} \\"
    body = []
    for row in sheet.rows:
        cells = [_cell(value, column) for value, column in zip(row, sheet.columns, strict=True)]
        body.append(rf"{' & '.join(cells)} \\")
    caption = rf"\caption{{{escape(sheet.title)}}}\label{{tab:{sheet.name}}}"
    note = [rf"\par\smallskip{{\footnotesize {_inline(sheet.note)}\par}}"] if sheet.note else []
    if len(body) > _ON_A_PAGE:
        head = [rf"\begin{{longtable}}{{{columns}}}", rf"{caption} \\", r"\toprule", heading, r"\midrule", r"\endhead"]
        lines = [*head, *body, r"\bottomrule", r"\end{longtable}", *note]
    else:
        head = [r"\begin{table}", r"\centering", caption, rf"\begin{{tabular}}{{{columns}}}", r"\toprule", heading]
        lines = [*head, r"\midrule", *body, r"\bottomrule", r"\end{tabular}", *note, r"\end{table}"]
    return "\n".join(lines) + "\n"
