"""A table, or a list of lines, as Markdown."""

from __future__ import annotations

import re

from depsim.report.document import Column, Sheet, Value
from depsim.report.wording import code_spans, is_code, is_number, spell_value

_SPECIAL = re.compile(r"([\\`*_\[\]{}|#~])")


def escape(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> escape("<b>a_b</b> | c")
    '&lt;b&gt;a\\_b&lt;/b&gt; \\| c'
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(_SPECIAL.sub(r"\\\1", escaped).split())


def inline(text: str) -> str:
    """Text whose backquotes mark code."""
    return "".join(f"`{piece}`" if marked else _escape_inside(piece) for marked, piece in code_spans(text))


def _escape_inside(piece: str) -> str:
    """Escaped, with the spaces that part it from its neighbours."""
    return f"{' ' * piece[:1].isspace()}{escape(piece)}{' ' * piece[-1:].isspace()}"


def _cell(value: Value, column: Column) -> str:
    text = spell_value(value, column)
    if is_code(value, column) and "`" not in text:
        return f"`{' '.join(text.split())}`".replace("|", r"\|")
    return escape(text)


def sheet_markdown(sheet: Sheet) -> str:
    """The table with its title above and its note below."""
    lines = [f"**{escape(sheet.title)}**", ""]
    lines.append(f"| {' | '.join(escape(column.heading) for column in sheet.columns)} |")
    right = [any(is_number(row[place]) for row in sheet.rows) for place in range(len(sheet.columns))]
    lines.append(f"| {' | '.join('---:' if is_right else '---' for is_right in right)} |")
    for row in sheet.rows:
        cells = [_cell(value, column) for value, column in zip(row, sheet.columns, strict=True)]
        lines.append(f"| {' | '.join(cells)} |")
    if sheet.note:
        lines += ["", inline(sheet.note)]
    return "\n".join(lines) + "\n"
