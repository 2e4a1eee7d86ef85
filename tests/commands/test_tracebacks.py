"""Where a failure's traceback is, the message says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.jobs import artifacts, depsim, runs, tiny

pytestmark = pytest.mark.slow  # whole commands


@pytest.fixture(autouse=True)
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training fails in this process."""
    from depsim.steps import Train

    def fail(_step: object, _path: object) -> Sequence[object]:
        raise ZeroDivisionError("of somebody else's code")

    monkeypatch.setattr(Train, "__call__", fail)


WORDS = ("run", *tiny("neurosteroid", "cohort.size=2", "cohort.seeds=null", "cohort.first_seed=1"))


def test_with_nothing_tracked_it_is_printed_once_for_all_that_failed_alike(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim(*WORDS, "tracking=none") == 1
    said = capsys.readouterr().err
    assert "2 failed; nothing is tracked, so the tracebacks are these:\nTraceback (most recent call last):" in said
    assert said.count("raise ZeroDivisionError") == 1
    assert "depsim ui" not in said


def test_in_a_store_it_is_an_artifact_of_the_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim(*WORDS, "study=broken") == 1
    said = capsys.readouterr().err
    assert said.endswith("2 failed; the tracebacks are artifacts of their runs (depsim ui)\n")
    assert "Traceback" not in said
    for run in runs("broken", kind="individual"):
        assert "raise ZeroDivisionError" in (artifacts(run) / "traceback.txt").read_text()
