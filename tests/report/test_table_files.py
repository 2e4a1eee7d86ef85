"""Tables as CSV, Markdown and LaTeX."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from depsim.report.comma_separated import sheet_csv
from depsim.report.document import CODE, Column, Sheet
from depsim.report.latex import sheet_latex
from depsim.report.markdown import sheet_markdown
from depsim.report.wording import code_spans, counted, spell_seeds, spell_value
from tests.report.documents import sheet


def test_csv_holds_raw_values_at_full_precision() -> None:
    columns = tuple(Column(key, key.upper()) for key in "abcdef")
    rows = ((0.1 + 0.2, 3, True, 'a "quoted", text', None, float("nan")), (1e-17, -1, False, "x\ny", "", np.float64(2)))
    lines = list(csv.reader(io.StringIO(sheet_csv(Sheet("s", "S", columns, rows)))))
    assert lines[0] == list("abcdef")
    assert lines[1] == ["0.30000000000000004", "3", "true", 'a "quoted", text', "", ""]
    assert lines[2] == ["1e-17", "-1", "false", "x\ny", "", "2.0"]


def test_markdown_escapes_what_would_be_markup() -> None:
    text = sheet_markdown(sheet())
    assert "<b>" not in text
    lines = text.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 4
    assert table[1] == "| --- | ---: | ---: | --- | --- |"
    assert "`a\\|b_c`" in table[2]
    assert all(line.replace("\\|", "").count("|") == 6 for line in table)
    assert "| -1.2 | 3 |" in table[2]
    assert table[3] == "| row 1 | – | – | – | – |"
    assert lines[-1].startswith("Note &lt;b&gt;")
    assert lines[-1].endswith("`code < 1`.")


def test_latex_escapes_what_would_be_commands() -> None:
    columns = (Column("a", "5 % & more"), Column("b", "b"), Column("c", "c", CODE))
    hostile = r"\input{/etc/passwd} $x_1^2$ #1 ~ {}"
    text = sheet_latex(Sheet("t_1", "σ = 2.5", columns, ((hostile, -0.25, "a_b -1"),), "n < 3, `x_y`"))
    assert r"\input" not in text
    assert r"\textbackslash{}input\{/etc/passwd\} \$x\_1\textasciicircum{}2\$ \#1 \textasciitilde{} \{\}" in text
    assert r"5 \% \& more & b & c \\" in text
    assert r"& $-$0.25 & \texttt{a\_b -1} \\" in text
    assert r"\caption{$\sigma$ = 2.5}\label{tab:t_1}" in text
    assert r"\begin{tabular}{lrl}" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2


def test_a_table_longer_than_a_page_breaks_across_pages() -> None:
    assert r"\begin{longtable}" not in sheet_latex(sheet(rows=40))
    text = sheet_latex(sheet(rows=41))
    assert r"\begin{longtable}" in text
    assert r"\endhead" in text
    assert text.count(r" \\") == 41 + 1 + 1


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (-0.04, ".1f", "0.0"),
        (-0.06, ".1f", "-0.1"),
        (float("inf"), ".1f", "–"),
        (float("nan"), ".1f", "–"),
        (None, ".1f", "–"),
        (0.5, ".0%", "50%"),
        (-0.0001, "+.1f", "0.0"),
        (0.0, "+.1f", "0.0"),
        (0.5, "+.1f", "+0.5"),
        (12, ".1f", "12"),
        (False, ".1f", "no"),
        ("-", ".1f", "-"),
    ],
)
def test_cells_for_people(value: object, form: str, shown: str) -> None:
    assert spell_value(value, Column("a", "A", form)) == shown  # type: ignore[arg-type]


def test_words() -> None:
    assert spell_seeds([]) == ""
    assert spell_seeds([42]) == "42"
    assert spell_seeds([3, 1, 2]) == "1–3"
    assert counted(0, "run") == "0 runs"
    assert code_spans("") == []
    assert code_spans("`a`") == [(True, "a")]
    assert code_spans("a`b") == [(False, "a`b")]
    assert code_spans("`a` `") == [(True, "a"), (False, " `")]
