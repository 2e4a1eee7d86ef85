"""Where a study's numbers come from: its condition runs, as they are in MLflow."""

from __future__ import annotations

import pytest

from depsim.study.origins import read_origins
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from tests.jobs import depsim, runs, tiny

pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store


def test_origins_are_the_condition_runs_with_their_commands_the_oldest_first() -> None:
    for treatment in ("ketamine", "none"):
        assert depsim("run", *tiny(treatment), "cohort=smoke", "study=s") == 0
    client = open_client()
    first, second = read_origins(client, read_study(client, "s"))
    assert first.command.startswith("depsim run treatment=ketamine task.train_size=300")
    assert second.command.startswith("depsim run treatment=none")
    assert first.began < second.began
    assert {first.run_id, second.run_id} == {each.info.run_id for each in runs("s", kind="condition")}
    assert (first.status, second.status) == ("FINISHED", "FINISHED")
    assert first.provenance
