"""What others do to a study while it is written: delete, rename, restore it, and set the clock back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
import yaml
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST, INTERNAL_ERROR

from depsim.execution.progress import NoProgress
from depsim.execution.runner import run_jobs
from depsim.tracking.base import SearchNotes
from depsim.tracking.mlflow_job import MlflowJobRecord
from depsim.tracking.mlflow_search import MlflowSearchRecord
from depsim.tracking.mlflow_store import open_client
from depsim.tracking.mlflow_studies import create_fresh_experiment, experiment_id, tag_experiment
from tests.jobs import artifacts, depsim, finished_keys, run, runs, sicken, spec, statuses, tiny
from tests.searches import SMALL, write_search

pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store

WORDS = ["run", *tiny("none", "cohort=smoke", "study=s")]
AGAIN = "To bring it back and go on: depsim run"


def change(monkeypatch: pytest.MonkeyPatch, home: type, name: str, what: Callable[[], object], after: int = 1) -> None:
    """Let something happen to the store right after the n-th call of a method."""
    real, count = getattr(home, name), 0

    def changed(*arguments: object, **named: object) -> object:
        nonlocal count
        found = real(*arguments, **named)
        count += 1
        if count == after:
            what()
        return found

    monkeypatch.setattr(home, name, changed)


def delete_study() -> None:
    client = open_client()
    client.delete_experiment(experiment_id(client, "s"))


def test_a_study_that_is_deleted_meanwhile_is_said_and_comes_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        change(patch, MlflowJobRecord, "finish", delete_study)
        assert depsim(*WORDS) == 1
    err = capsys.readouterr().err
    assert "depsim: the study s was deleted in MLflow. " + AGAIN in err
    assert "Traceback" not in err
    assert depsim("report", "s") == 2
    assert (
        "s: this study was deleted in MLflow; running it again restores it, or mlflow experiments restore"
        in capsys.readouterr().err
    )
    assert depsim(*WORDS) == 0
    assert len(set(finished_keys("s"))) == len(finished_keys("s")) == 3
    assert "RUNNING" not in statuses("s")


def test_a_study_that_is_deleted_while_an_individual_fails_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sicken(monkeypatch, 1)
    change(monkeypatch, MlflowJobRecord, "finish", delete_study)
    assert depsim(*WORDS) == 1
    assert "depsim: the study s was deleted in MLflow. " in capsys.readouterr().err


def test_a_condition_that_is_deleted_meanwhile_is_said_and_done_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def delete_condition() -> None:
        (parent,) = runs("s", kind="condition")
        open_client().delete_run(parent.info.run_id)

    with monkeypatch.context() as patch:
        change(patch, MlflowJobRecord, "finish", delete_condition)
        assert depsim(*WORDS) == 1
    assert " of study s was deleted in MLflow. " + AGAIN in capsys.readouterr().err
    assert depsim(*WORDS) == 0
    assert len(set(finished_keys("s"))) == len(finished_keys("s")) == 3
    assert statuses("s", kind="condition") == {"FINISHED": 1}


def test_a_study_that_is_renamed_meanwhile_keeps_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rename() -> None:
        client = open_client()
        client.rename_experiment(experiment_id(client, "s"), "t")

    change(monkeypatch, MlflowJobRecord, "finish", rename)
    assert depsim(*WORDS) == 0
    assert "note: the study s was given the name t in MLflow meanwhile" in capsys.readouterr().err
    assert statuses("t") == {"FINISHED": 4}
    assert runs("s") == []


def test_a_study_that_is_deleted_and_restored_meanwhile_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    def delete_and_restore() -> None:
        delete_study()
        client = open_client()
        client.restore_experiment(client.get_experiment_by_name("s").experiment_id)

    change(monkeypatch, MlflowJobRecord, "finish", delete_and_restore)
    assert depsim(*WORDS) == 0
    assert statuses("s") == {"FINISHED": 4}


def test_a_search_whose_study_is_deleted_meanwhile_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_search(Path(), "s", n_trials=2, fresh={"size": 1, "first_seed": 50})
    words = ["sweep", "s", *SMALL]
    with monkeypatch.context() as patch:
        change(patch, MlflowSearchRecord, "settle", delete_study)
        assert depsim(*words) == 1
    assert "depsim: the study s was deleted in MLflow. " in capsys.readouterr().err
    assert depsim(*words) == 0
    assert statuses("s", kind="search") == {"FINISHED": 1}


def test_means_written_again_win_although_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = spec("none", "cohort=smoke", "study=s")
    with monkeypatch.context() as patch:
        sicken(patch, 1)
        run(wanted)
    (parent,) = runs("s", kind="condition")
    assert parent.data.metrics["summary/treated/combined.n"] == 2
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    (record,) = run(wanted)
    (parent,) = runs("s", kind="condition")
    metrics = record.metrics()
    assert parent.data.metrics["summary/treated/combined.n"] == 3
    mean = sum(metrics[seed]["treated/combined"] for seed in (0, 1, 2)) / 3
    assert parent.data.metrics["treated/combined"] == pytest.approx(mean, abs=1e-12)


def test_curves_of_a_search_written_again_win_although_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    aim = {"metric": "a", "directions": "maximise", "statistic": "mean"}
    params = aim | {"n_trials": "2", "batch": "1", "fresh.seeds": "3"}
    notes, client = SearchNotes("key", "mine", "s", params, "depsim sweep mine"), open_client()
    first = MlflowSearchRecord(client, notes, None)
    first.write_curves({"best": {3: 2.0}})
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    first.write_curves({"best": {3: 1.5}})
    again = MlflowSearchRecord(client, notes, first.run_id)
    again.write_curves({"best": {3: 1.0}})
    assert client.get_run(first.run_id).data.metrics["best"] == 1.0


def test_a_fresh_study_is_fresh_from_its_first_moment() -> None:
    client = open_client()
    assert create_fresh_experiment(client, "s") == "s"
    assert create_fresh_experiment(client, "s") == "s-2"
    tags = client.get_experiment_by_name("s-2").tags
    assert {"depsim.fresh", "mlflow.note.content", "mlflow.experimentKind"} <= set(tags)


def test_a_long_list_of_individuals_is_whole_in_a_file() -> None:
    seeds = list(range(10_001, 17_001, 3))
    wanted = spec("none", f"cohort.seeds={seeds}".replace(" ", ""), "study=s")
    one = {wanted.job.identity: seeds[:1]}
    (record,) = run_jobs([wanted.job], wanted.tracking, wanted.resources, NoProgress(), only=one)
    assert record.run_id is not None
    condition = open_client().get_run(record.run_id)
    text = condition.data.params["cohort.seeds"]
    assert len(text) <= 6000
    assert text.endswith(f" ... ({len(','.join(map(str, seeds)))} characters; all of it in config.yaml)")
    kept = text.partition(" ... ")[0].split(",")
    assert kept == [str(seed) for seed in seeds[: len(kept)]]
    assert yaml.safe_load((artifacts(condition) / "config.yaml").read_text())["cohort"]["seeds"] == seeds


@pytest.mark.parametrize(
    ("refused", "code", "asked"),
    [(0, BAD_REQUEST, 1), (1, BAD_REQUEST, 2), (2, BAD_REQUEST, 2), (1, INTERNAL_ERROR, 1)],
)
def test_a_tag_that_another_machine_makes_at_the_same_time_is_set_again_once(
    refused: int, code: int, asked: int
) -> None:
    class Client:
        asked: ClassVar[list[tuple[str, ...]]] = []

        def set_experiment_tag(self, *what: str) -> None:
            self.asked.append(what)
            if len(self.asked) <= refused:
                raise MlflowException("duplicate key value violates unique constraint", code)

    if refused >= asked:
        with pytest.raises(MlflowException, match="duplicate key"):
            tag_experiment(Client(), "1", "name", "text")
    else:
        tag_experiment(Client(), "1", "name", "text")
    assert Client.asked == [("1", "name", "text")] * asked
