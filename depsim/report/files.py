"""Tables and rows as CSV, Markdown and LaTeX, each made in one place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from depsim.report.parts import Table
from depsim.report.words import code_spans, true_minus
from depsim.study.estimate import Estimate, frame

_MARKDOWN = re.compile(r"([\\`*_\[\]{}|#~])")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "–": "--", "—": "---", "−": "$-$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$",
    "≥": r"$\geq$", "≤": r"$\leq$", "≈": r"$\approx$", "σ": r"$\sigma$", "…": r"\dots{}", "“": "``", "”": "''",
}  # fmt: skip
_LONGEST_NUMBER = 28
"""With its interval and what is beside it; a longer cell is text that begins with a number, and folds."""
_NUMBER = re.compile(r"[+\-−]?\d|–$|< 0")


def is_number(text: str) -> bool:
    """Whether a cell is a number for people, to be set flush right.

    >>> [is_number(text) for text in ("+1.2 [0, 2]", "–", "ketamine", "< 0.001", "78 (80 % regrown, 90 % pruned)")]
    [True, True, False, True, False]
    """
    return len(text) < _LONGEST_NUMBER and bool(_NUMBER.match(text))


def right_aligned(table: Table) -> list[bool]:
    """Whether each column is one of numbers."""
    return [
        bool(table.cells) and all(is_number(row[place]) or not row[place] for row in table.cells)
        for place in range(len(table.headings))
    ]


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
    csv.writer(file, lineterminator="\n").writerows([table.headings, *table.cells])
    return file.getvalue()


def escape_markdown(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> escape_markdown("<b>a_b</b> | c")
    '&lt;b&gt;a\\_b&lt;/b&gt; \\| c'
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(_MARKDOWN.sub(r"\\\1", escaped).split())


def markdown(text: str) -> str:
    """Text whose backquotes mark code."""
    return "".join(
        f"`{piece}`" if is_code else f"{' ' * piece[:1].isspace()}{escape_markdown(piece)}{' ' * piece[-1:].isspace()}"
        for is_code, piece in code_spans(text)
    )


def table_markdown(table: Table) -> str:
    """The table with its title above and its note below."""
    rules = ("---:" if right else "---" for right in right_aligned(table))
    lines = [f"**{escape_markdown(table.title)}**", "", f"| {' | '.join(map(escape_markdown, table.headings))} |"]
    lines.append(f"| {' | '.join(rules)} |")
    lines += [f"| {' | '.join(map(escape_markdown, row))} |" for row in table.cells]
    return "\n".join([*lines, *(["", markdown(table.note)] if table.note else [])]) + "\n"


def escape_latex(text: str) -> str:
    r"""Text that LaTeX sets as it is.

    >>> escape_latex("5 % of a_b, σ ≥ -1")
    '5 \\% of a\\_b, $\\sigma$ $\\geq$ $-$1'
    """
    return "".join(_LATEX.get(character, character) for character in true_minus(text))


def table_latex(table: Table) -> str:
    r"""The table for ``\input`` into a paper, with its caption, label ``tab:NAME`` and note; needs booktabs."""
    columns = "".join("r" if right else "l" for right in right_aligned(table))
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escape_latex(table.title)}}}\label{{tab:{table.name}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        rf"{' & '.join(map(escape_latex, table.headings))} \\",
        r"\midrule",
        *(rf"{' & '.join(map(escape_latex, row))} \\" for row in table.cells),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if table.note:
        spans = (rf"\texttt{{{escape_latex(part)}}}" if is_code else escape_latex(part)
                 for is_code, part in code_spans(table.note))  # fmt: skip
        lines.append(rf"\par\smallskip{{\footnotesize {''.join(spans)}\par}}")
    return "\n".join([*lines, r"\end{table}"]) + "\n"
