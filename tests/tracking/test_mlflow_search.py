"""The record of a search: its curves, its trials, and going on with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from depsim.tracking import SearchNotes
from depsim.tracking.mlflow_search import MlflowSearchRecord
from depsim.tracking.mlflow_store import open_client
from tests.jobs import runs

pytestmark = pytest.mark.slow  # whole jobs on a store

PARAMS = {"directions": "maximise", "metric": "m", "statistic": "mean", "n_trials": "4", "batch": "1",
          "fresh.seeds": "50-51"}  # fmt: skip
NOTES = SearchNotes("key", "mine", "s", PARAMS, "depsim sweep mine")


@pytest.fixture
def client(project: Path) -> Any:
    return open_client()


@pytest.fixture
def record(client: Any) -> MlflowSearchRecord:
    return MlflowSearchRecord(client, NOTES, None)


def points(client: Any, record: MlflowSearchRecord, name: str) -> list[tuple[int, float]]:
    history = client.get_metric_history(record.run_id, name)
    return [(metric.step, metric.value) for metric in sorted(history, key=lambda metric: metric.timestamp)]


def new_run(client: Any, record: MlflowSearchRecord, parent: str, **tags: str) -> str:
    """A run below another one."""
    experiment = client.get_run(record.run_id).info.experiment_id
    own = {"mlflow.parentRunId": parent, "depsim.search": record.run_id}
    return str(
        client.create_run(experiment, tags=own | {f"depsim.{key}": tag for key, tag in tags.items()}).info.run_id
    )


def test_a_point_of_a_curve_is_written_once_and_a_new_value_of_it_beside_it(
    client: Any, record: MlflowSearchRecord
) -> None:
    for each in (record, MlflowSearchRecord(client, NOTES, record.run_id)):  # and by who goes on
        for curve in ({0: 1.0}, {0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0}):
            each.write_curves({"search/value": curve, "search/best": curve})
    assert sorted(points(client, record, "search/value")) == [(0, 1.0), (1, 2.0)]
    record.write_curves({"search/best": {1: 3.0}})
    assert sorted(points(client, record, "search/best")) == [(0, 1.0), (1, 2.0), (1, 3.0)]


def test_an_abandoned_trial_is_closed_with_all_that_is_open_below_it(client: Any, record: MlflowSearchRecord) -> None:
    trial = new_run(client, record, record.run_id, trial="0")
    finished, left = (new_run(client, record, trial) for _ in range(2))
    elsewhere = new_run(client, record, new_run(client, record, record.run_id, trial="1"))
    client.set_terminated(finished, "FINISHED")
    assert {run.trial: run.is_open for run in record.trial_runs()} == {"0": True, "1": True}
    record.orphan(trial)
    status = {run.info.run_id: (run.info.status, run.data.tags.get("depsim.orphaned")) for run in runs("s")}
    assert [status[run_id] for run_id in (trial, finished, left, elsewhere, record.run_id)] == [
        ("KILLED", "true"), ("FINISHED", None), ("KILLED", "true"), ("RUNNING", None), ("RUNNING", None)
    ]  # fmt: skip
    assert {run.trial: run.is_open for run in record.trial_runs()} == {"0": False, "1": True}


def test_a_trial_whose_individual_is_open_is_open(client: Any, record: MlflowSearchRecord) -> None:
    trial = new_run(client, record, record.run_id, trial="0")
    below = new_run(client, record, trial)
    client.set_terminated(trial, "FINISHED")
    (found,) = record.trial_runs()
    assert found.is_open
    record.orphan(trial)
    assert client.get_run(below).info.status == "KILLED"
    assert client.get_run(trial).info.status == "FINISHED"


def test_a_verdict_is_noted_with_its_reason_in_short(client: Any, record: MlflowSearchRecord) -> None:
    trial = new_run(client, record, record.run_id, trial="0")
    record.settle(trial, "FAIL", "x" * 499 + "yz")
    tags = client.get_run(trial).data.tags
    assert (tags["depsim.trial_state"], tags["depsim.error"]) == ("FAIL", "x" * 499 + "y")
    record.settle(None, "COMPLETE", None)  # kept nowhere


def test_a_trials_values_stand_in_its_own_run_and_the_studys_view_is_of_the_newest_search(
    client: Any, record: MlflowSearchRecord
) -> None:
    trial = new_run(client, record, record.run_id, trial="3")
    record.settle(trial, "COMPLETE", None, {"search/value": {3: 61.5}})
    assert [(m.step, m.value) for m in client.get_metric_history(trial, "search/value")] == [(3, 61.5)]
    view = "mlflow.sharedViewState.depsim_trials"
    assert record.run_id in client.get_experiment_by_name("s").tags[view]
    newer = MlflowSearchRecord(client, replace(NOTES, key="other"), None)
    assert newer.run_id in client.get_experiment_by_name("s").tags[view]


def test_who_goes_on_opens_the_run_again_unless_it_was_deleted(client: Any, record: MlflowSearchRecord) -> None:
    record.close("KILLED")
    again = MlflowSearchRecord(client, NOTES, record.run_id)
    assert again.run_id == record.run_id
    assert client.get_run(again.run_id).info.status == "RUNNING"
    again.close(None)
    assert client.get_run(again.run_id).info.status == "RUNNING"
    client.delete_run(record.run_id)
    assert MlflowSearchRecord(client, NOTES, record.run_id).run_id != record.run_id
    assert MlflowSearchRecord(client, NOTES, "0" * 32).run_id not in ("0" * 32, record.run_id)
