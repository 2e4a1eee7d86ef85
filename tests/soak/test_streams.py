"""A sweep over an array of streams, 64 networks, and its report."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jobs import TINY, depsim, statuses


@pytest.mark.usefixtures("project")
def test_a_sweep_over_an_array_shows_streams_and_no_individuals(capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("sweep", "variance_components", *TINY, "treatment=none", "study=s") == 0
    shown = capsys.readouterr().out
    assert statuses("s") == {"FINISHED": 64}
    assert "(untreated); n = 64 networks." in " ".join(shown.split())
    assert "one individual" not in shown
    assert "sequel" not in shown
    assert depsim("report", "s") == 0
    assert "(untreated); n = 64 networks." in " ".join(capsys.readouterr().out.split())
    assert (Path("reports") / "s").is_dir() or list(Path().rglob("study.json"))
