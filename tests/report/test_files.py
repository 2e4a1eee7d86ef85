"""Rows and tables as CSV, Markdown and LaTeX."""

from __future__ import annotations

import csv
import io

from depsim.report.cell import NOTHING, count_cell, number_cell, p_cell
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


def test_markdown_tells_no_tags_and_sets_numbers_flush_right() -> None:
    lines = table_markdown(table()).splitlines()
    assert lines[0] == "**Cells of &lt;b>x&lt;/b> &amp; \"y\" 'z'**"
    assert lines[2:4] == ["| who &lt;b>x&lt;/b> &amp; \"y\" 'z' | mean | n |", "| --- | ---: | ---: |"]
    assert lines[4].startswith("| &lt;b>x&lt;/b>")
    assert lines[-1].endswith("`code &lt; 1`.")
    bars = Table("t", "T", ("a",), (("x | y",),))
    assert table_markdown(bars).splitlines()[-1] == r"| x \| y |"


def test_latex_is_a_tabular_that_begins_with_what_it_is() -> None:
    made = Table("t", "Means, 95 %", ("A − B", "n"), (("a_b, 5 %", "≥ −1"),), note="From 10 on.")
    assert table_latex(made) == (
        "% Means, 95 %\n% From 10 on.\n"
        "\\begin{tabular}{ll}\n\\toprule\nA $-$ B & n \\\\\n\\midrule\na\\_b, 5 \\% & $\\geq$ $-$1 \\\\\n"
        "\\bottomrule\n\\end{tabular}\n"
    )


def test_a_column_of_numbers_is_one_whose_every_cell_is_a_number() -> None:
    made = Table("t", "T", ("a", "b", "c"), (("1 x", NOTHING, ""), (count_cell(1), p_cell(0.0001), number_cell(2.0))))
    assert right_aligned(made) == [False, True, True]
    assert right_aligned(Table("t", "T", ("a",), ())) == [False]


def test_columns_of_all_keys_come_first() -> None:
    rows = (Estimate({"a": "1"}, 1, 2.0, more={"z": 1}), Estimate({"b": "2"}, 1, 3.0))
    assert read(rows_csv(rows))[0] == ["a", "b", "n", "value", "z"]
