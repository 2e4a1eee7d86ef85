"""Where a study's numbers come from: its condition runs, as they are in MLflow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from depsim.study.origins import read_origins
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from tests.jobs import depsim, runs, tiny
from tests.people import arm, study

pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store


def test_origins_are_the_condition_runs_with_their_commands_the_oldest_first() -> None:
    for treatment in ("ketamine", "none"):
        assert depsim("run", *tiny(treatment), "seed=1", "study=s") == 0
    client = open_client()
    first, second = read_origins(client, read_study(client, "s"))
    assert [run.command.split()[:3] for run in (first, second)] == [
        ["depsim", "run", "treatment=ketamine"], ["depsim", "run", "treatment=none"],
    ]  # fmt: skip
    assert first.began < second.began
    assert {first.run_id, second.run_id} == {run.info.run_id for run in runs("s", kind="condition")}
    assert (first.status, second.status) == ("FINISHED", "FINISHED")
    assert first.provenance


@pytest.mark.parametrize("file", ["summary.png", "provenance.json"])
def test_a_run_without_a_record_of_its_machine_has_none_and_any_other_its_own(tmp_path: Path, file: str) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / file).write_text('{"cores": 2}')
    info = SimpleNamespace(status="FINISHED", start_time=1, artifact_uri=tmp_path.as_uri())
    run: Any = SimpleNamespace(data=SimpleNamespace(tags={}), info=info)
    client = SimpleNamespace(get_run={"p": run}.pop)  # asked once: each answer takes MLflow some hundredths of a second
    made = replace(arm("none", {"treated/combined": [1.0]}), parents=("p",))
    (origin,) = read_origins(client, study(made))
    assert origin.provenance == ({"cores": 2} if file == "provenance.json" else {})
