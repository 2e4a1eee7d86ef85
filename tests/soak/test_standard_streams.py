"""Runs whose output goes nowhere, in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.test_standard_streams import NO_UTF_8, RUN, TWO_WORKERS, command, without_reader
from tests.jobs import statuses


def test_a_run_that_nobody_reads_keeps_what_is_finished(project: Path) -> None:
    code, said = without_reader(["run", "-m", *RUN[1:], "cohort.first_seed=1,3"])
    assert code == 141
    assert [line for line in said.splitlines() if "individual" not in line] == ["  0%  starting"]
    assert statuses("s")["FINISHED"] >= 3  # the first condition, which is printed, and its individuals
    assert "RUNNING" not in statuses("s")


@pytest.mark.parametrize(
    ("words", "redirect"), [(RUN, "1>&-"), (RUN, "0<&- 1>&- 2>&-"), (TWO_WORKERS, "2>&-")], ids=["out", "all", "err"]
)
def test_results_are_kept_where_a_stream_is_closed(words: list[str], redirect: str, project: Path) -> None:
    answer = command(words, redirect)
    assert answer.returncode == 0, answer.stderr
    assert statuses("s") == {"FINISHED": 3}
    assert ("n=2 (mean" in answer.stdout) == (redirect == "2>&-")
    assert ("100%" in answer.stderr) == (redirect == "1>&-")


def test_an_output_without_the_characters_shows_escapes(project: Path) -> None:
    for words in (RUN, ["report", "s"]):
        answer = command(words, **NO_UTF_8)
        assert answer.returncode == 0, answer.stderr
        assert (answer.stdout + answer.stderr).isascii()
        assert words != RUN or "n=2 (mean \\xb1 SD" in answer.stdout
