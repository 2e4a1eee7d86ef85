from __future__ import annotations

import pytest

from depsim.report.document import Column, Sheet
from depsim.report.tables import paper_table
from depsim.report.terminal import say, show_condition, show_plan, show_rows, show_sheet, show_table
from tests.report.test_tables import ARMS

METRICS = {
    "healthy/clean": 100.0,
    "treated/clean": 97.25,
    "relapse_drop": -0.5,
    "dose/l1": 0.0123,
    "dose/turnover": 47.1,
}


def test_a_table_keeps_every_number_whole_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    people = {
        treatment: {seed: {name: value + seed - 1 for name, value in arm[42].items()} for seed in range(3)}
        for treatment, arm in ARMS.items()
    }
    show_table(paper_table(1, people))
    shown = capsys.readouterr().out
    for text in ("Table 1", "neurosteroid withdrawn", "31.0 ± 1.0 | 50.8", "0.0 ± 1.0 | -0.2", "relapse drop"):
        assert text in shown


def test_a_condition_is_shown_stage_by_stage(capsys: pytest.CaptureFixture[str]) -> None:
    show_condition("ssri · 95 % · seed 42", {42: METRICS})
    shown = capsys.readouterr().out
    assert "one individual" in shown
    assert "healthy" in shown
    assert "withdrawn" not in shown
    assert "97.2" in shown
    assert "relapse drop -0.5 points, dose 0.012" in shown
    assert "turnover 47.1 %" in shown


def test_a_cohort_is_shown_with_its_spread(capsys: pytest.CaptureFixture[str]) -> None:
    show_condition("x", {0: METRICS, 1: METRICS | {"treated/clean": 99.25}})
    shown = capsys.readouterr().out
    assert "mean ± SD of 2 individuals" in shown
    assert "98.2 ± 1.4" in shown


def test_a_line_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "next: depsim run 'model.hidden=[16,12]' [bold]x[/bold] " + "long " * 60
    say(text)
    assert capsys.readouterr().out == text + "\n"


def test_brackets_in_a_text_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    text = "why [/foo] and [bold]?"
    show_plan(text, [(f"{text} 1", 1, 1, "1 s")])
    show_rows(text, ("key", f"{text} 2"), [("a", f"{text} 3")])
    show_condition(text, {42: METRICS})
    shown = capsys.readouterr().out
    assert shown.count(text) == 6


def test_a_sheet_is_shown_as_people_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column("a", "who"), Column("b", "how much", ".1%"), Column("c", "is it so"))
    show_sheet(Sheet("name", "What it shows", columns, (("[x]", 0.5, True), ("y", None, False))))
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].strip() == "What it shows"
    assert [
        word for word in ("who", "how much", "is it so", "[x]", "50.0%", "yes", "–", "no") if word not in shown
    ] == []
