"""Rows and tables as CSV, Markdown and LaTeX."""

from __future__ import annotations

import csv
import io

from depsim.report.files import right_aligned, rows_csv, table_csv, table_latex, table_markdown
from depsim.report.parts import Table
from depsim.study.estimate import Estimate
from tests.report.pages import MARKUP, ROWS, table


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_csv_holds_the_rows_at_full_precision_and_nothing_for_what_is_missing() -> None:
    assert read(rows_csv(ROWS)) == [
        ["condition", "outcome", "n", "value", "low", "high", "d_z"],
        [MARKUP, "combined", "3", "-1.25", "-2.0", "0.123456789012", "0.5"],
        ["b", "", "2", "", "", "", ""],
    ]
    assert table_csv(table()) == rows_csv(ROWS)


def test_a_table_without_rows_has_its_cells_as_csv() -> None:
    bare = Table("bare", "Bare", ("a", "b"), (("x, y", "1"),))
    assert read(table_csv(bare)) == [["a", "b"], ["x, y", "1"]]


def test_markdown_escapes_and_sets_numbers_flush_right() -> None:
    lines = table_markdown(table()).splitlines()
    assert lines[0] == "**Cells of &lt;b&gt;x&lt;/b&gt; &amp; \"y\" 'z'**"
    assert lines[3] == "| --- | ---: | ---: |"
    assert lines[4].startswith("| &lt;b&gt;x&lt;/b&gt;")
    assert lines[-1].endswith("`code < 1`.")


def test_latex_escapes_and_carries_caption_label_and_note() -> None:
    text = table_latex(table())
    assert r"\caption{Cells of \textless{}b\textgreater{}" in text
    assert r"\label{tab:cells}" in text
    assert r"\begin{tabular}{lrr}" in text
    assert "$-$1.2 [$-$2.0, 0.1]" in text
    assert r"\texttt{code \textless{} 1}" in text
    assert text.count("\\\\") == 3


def test_a_column_of_numbers_is_one_whose_every_cell_is_a_number() -> None:
    made = Table("t", "T", ("a", "b", "c"), (("1 x", "–", ""), ("y", "< 0.001", "+2")))
    assert right_aligned(made) == [False, True, True]
    assert right_aligned(Table("t", "T", ("a",), ())) == [False]


def test_columns_of_all_keys_come_first() -> None:
    rows = (Estimate({"a": "1"}, 1, 2.0, more={"z": 1}), Estimate({"b": "2"}, 1, 3.0))
    assert read(rows_csv(rows))[0] == ["a", "b", "n", "value", "z"]
