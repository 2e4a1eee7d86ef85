"""Packages of components as people use them, in processes of their own."""

from __future__ import annotations

from pathlib import Path

from depsim.registry import VARIABLE
from tests.faults.drivers import Driver, pytest_says
from tests.jobs import runs
from tests.plugins import MINE, write_plugin
from tests.programs import edit
from tests.test_plugins import WRONG, failing, outside

__all__ = ["outside"]


def test_a_package_in_the_working_directory_reaches_the_workers(project: Path) -> None:
    write_plugin(project, "lying_here")
    words = ["run", *MINE, "training.epochs=2", "workers=2", "cohort=smoke", "study=theirs"]
    driver = Driver(project, words, {VARIABLE: "lying_here"})
    assert driver.code() == 0, driver.err()
    assert len(runs("theirs", kind="individual")) == 3


def test_contracts_can_be_used_from_outside_and_are_able_to_fail(outside: Path) -> None:
    code, said = pytest_says(outside.parent)
    assert code == 0, said
    assert "25 passed" in said
    for file, (before, after) in WRONG.items():
        edit(outside / file, before, after)
    assert failing(pytest_says(outside.parent)[1]) == {
        "TestExercise",
        "TestLesion",
        "TestPlain",
        "TestTight",
        "TestLonger",
    }


def test_a_step_that_writes_to_what_it_was_given_is_seen_wherever_it_stands(outside: Path) -> None:
    edit(outside / "steps.py", *WRONG["steps.py"])
    _, said = pytest_says(outside.parent)
    assert failing(said) == {"TestExercise", "TestLesion"}
