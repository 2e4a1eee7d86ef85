"""What a terminal shows: as wide as it is, in few lines, nothing that steers it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from depsim.report.cell import Cell
from depsim.report.parts import Table
from depsim.report.terminal import say, show_condition, show_page, show_plan, show_rows, show_table
from tests.report.pages import page

METRICS = {
    "healthy/clean": 100.0,
    "treated/clean": 97.25,
    "relapse_drop": -0.5,
    "dose/l1": 0.0123,
    "dose/turnover": 47.1,
}
WIDE = Table(
    "wide", "Wide", ("", *(f"outcome {place}, points" for place in range(4))),
    tuple((f"condition {row}", *(Cell(10 * row + 0.5, row, row + 0.1, 9.9) for _ in range(4))) for row in range(8)),
)  # fmt: skip


@pytest.fixture(params=[60, 80, 200])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    columns: int = request.param
    monkeypatch.setenv("COLUMNS", str(columns))
    return columns


def test_a_page_takes_at_most_25_lines_of_the_terminals_width(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    words = "word " * 32
    made = replace(page(), title=words[:60], answer=words, table=WIDE, bullets=(words[:120], words[:120], words[:100]))
    show_page(made, Path("reports/s/index.html"))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert width < 80 or len(lines) <= 25


def test_a_narrow_terminal_loses_intervals_then_published_values_then_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    title = "Conditions, mean [95 % interval] | published, n = 3"
    table = replace(WIDE, title=title, headings=("", *(f"out {place}" for place in range(4))))
    for columns, cell, hidden in (
        (105, "10.5 [1.0, 1.1] | 9.9", 0),
        (61, "10.5 | 9.9", 0),
        (41, "10.5", 0),
        (40, "10.5", 1),
    ):
        monkeypatch.setenv("COLUMNS", str(columns))
        show_table(table)
        shown = " ".join(capsys.readouterr().out.split())
        assert cell in shown
        assert [mark in shown for mark in "[|"] == [mark in cell for mark in "[|"]
        assert shown.count("out ") == 4 - hidden
        assert ("more column" in shown) == (hidden > 0)


def test_a_page_with_much_to_say_has_fewer_rows_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show_table(WIDE, 8)
    shown = capsys.readouterr().out
    assert "4 more rows on the page" in shown
    assert "condition 3" in shown
    assert "condition 4" not in shown


def test_no_colour_reaches_an_output_that_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_page(page())
    assert "\x1b" not in capsys.readouterr().out


def test_a_condition_is_shown_stage_by_stage(capsys: pytest.CaptureFixture[str]) -> None:
    show_condition("ssri, seed 42", {42: METRICS})
    shown = capsys.readouterr().out
    assert "one individual" in shown
    assert "healthy" in shown
    assert "withdrawn" not in shown
    assert "97.2" in shown
    assert "relapse drop -0.5 points, dose 0.012" in shown


def test_a_cohort_is_shown_with_its_spread(capsys: pytest.CaptureFixture[str]) -> None:
    show_condition("x", {0: METRICS, 1: METRICS | {"treated/clean": 99.25}})
    shown = capsys.readouterr().out
    assert "mean ± SD of 2 individuals" in shown
    assert "98.2 ± 1.4" in shown


def test_a_line_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "next: depsim run 'model.hidden=[16,12]' [bold]x[/bold] " + "long " * 60
    say(text)
    assert capsys.readouterr().out == text + "\n"


def test_what_all_conditions_of_a_plan_share_stands_once_above_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    names = ("untreated", "ssri, 9 epochs", "ssri, 90 epochs")
    show_plan("Why?", [(f"{name}, individuals 10-59 · n=50", 50, 50, "1 s") for name in names])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "Why? (individuals 10-59, n=50)"
    assert [line.split("  ")[0].strip() for line in lines[3:6]] == list(names)
    show_plan("Why?", [("ssri, 9 epochs · n=3", 3, 3, "1 s")])
    assert "ssri, 9 epochs · n=3" in capsys.readouterr().out


def test_brackets_in_a_text_are_no_markup(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = "why [/foo] and [bold]?"
    show_plan(text, [(f"{text} 1", 1, 1, "1 s")])
    show_rows(text, ("key", f"{text} 2"), [("a", f"{text} 3")])
    show_condition(text, {42: METRICS})
    assert capsys.readouterr().out.count(text) == 6
