"""Packages of components as people use them, in processes of their own."""

from __future__ import annotations

from pathlib import Path

from tests.jobs import runs
from tests.plugins import MINE, write_plugin
from tests.programs import ROOT, drive, edit, words
from tests.test_plugins import WRONG, failing, outside, pytest_says

__all__ = ["outside"]


def test_a_package_in_the_working_directory_reaches_the_workers(project: Path) -> None:
    write_plugin(project, "lying_here")
    answer = drive(
        ROOT, project, words("run", MINE, "training.epochs=2 workers=2 cohort=smoke study=theirs"),
        DEPSIM_PLUGINS="lying_here",
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert len(runs("theirs", kind="individual")) == 3


def test_contracts_can_be_used_from_outside_and_are_able_to_fail(outside: Path) -> None:
    assert "25 passed" in (said := pytest_says(outside)), said
    for file, (before, after) in WRONG.items():
        edit(outside / file, before, after)
    assert failing(pytest_says(outside)) == {"TestExercise", "TestLesion", "TestPlain", "TestTight", "TestLonger"}


def test_a_step_that_writes_to_what_it_was_given_is_seen_wherever_it_stands(outside: Path) -> None:
    edit(outside / "steps.py", *WRONG["steps.py"])
    assert failing(pytest_says(outside)) == {"TestExercise", "TestLesion"}
