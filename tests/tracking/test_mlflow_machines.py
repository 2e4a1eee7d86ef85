"""Machines that share a server but no lock: here two names of this one, on a database that is not the project's."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow.exceptions import MlflowException

from depsim.api import simulate
from depsim.study.reading import read_study
from depsim.tracking import mlflow_machines, mlflow_store
from depsim.tracking.mlflow_runs import RunWriter
from depsim.tracking.mlflow_store import open_client
from depsim.tracking.mlflow_studies import experiment_id
from tests.jobs import finished_keys, run, runs, spec, statuses, tiny

pytestmark = pytest.mark.slow  # whole jobs on a store

THREE = ("cohort=smoke", "study=s")
Move = Callable[[str], None]


@pytest.fixture
def move_to(empty: Path, new_store: Path, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Be on a machine of this name from now on."""
    shutil.copy(new_store, empty / "server.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{empty}/server.db")
    client = open_client()
    client.create_experiment("s", artifact_location=(empty / "kept").as_uri())
    return lambda name: monkeypatch.setattr(mlflow_store.socket, "gethostname", lambda: name)


def begin() -> Any:
    """A job's record, whose lock is none to the other machine."""
    wanted = spec("none", *THREE)
    log: Any = wanted.tracking.open().begin(wanted.job, print)
    log._held.close()
    return log


def test_a_job_that_another_machine_is_at_is_left_alone(move_to: Move) -> None:
    move_to("one")
    first = begin()
    move_to("two")
    second = begin()
    assert second.run_id != first.run_id
    assert statuses("s") == {"RUNNING": 2}
    assert {r.data.tags["depsim.place"].partition(":")[0] for r in runs("s")} == {"one", "two"}


def test_a_job_that_was_left_is_taken_up_on_its_own_machine_at_once(move_to: Move) -> None:
    move_to("one")
    first = begin()
    assert begin().run_id == first.run_id
    assert statuses("s") == {"RUNNING": 1}


def test_a_job_that_another_machine_has_not_touched_for_an_hour_is_taken_over(
    move_to: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_to("one")
    first = begin()
    move_to("two")
    now = time.time()
    monkeypatch.setattr(mlflow_machines.time, "time", lambda: now + 3700)
    assert begin().run_id == first.run_id


def test_whoever_comes_second_takes_over_what_is_finished(move_to: Move) -> None:
    outcomes = simulate(*tiny("none", *THREE)).outcomes
    move_to("one")
    first = begin()
    move_to("two")
    second = begin()
    for outcome in outcomes:
        first.finish(outcome, 1.0)
        second.finish(outcome, 1.0)
    assert statuses("s", kind="individual") == {"FINISHED": 3}
    for log in (first, second):
        log.close()
    assert statuses("s", kind="condition") == {"FINISHED": 2}
    assert first.metrics() == second.metrics()


@pytest.mark.parametrize("people", [THREE, ("seed=1", "study=s")], ids=["a cohort", "one individual"])
def test_of_two_that_finish_at_the_same_time_one_counts(
    people: tuple[str, ...], move_to: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_to("one")
    wanted = spec("none", *people)
    outcomes = simulate(*tiny("none", *people)).outcomes
    logs = []
    for name in ("one", "two"):
        move_to(name)
        log: Any = wanted.tracking.open().begin(wanted.job, print)
        log._held.close()
        logs.append(log)
    with monkeypatch.context() as patch:
        patch.setattr(RunWriter, "finished", lambda _self, _seed: None)  # neither has seen the other
        for outcome in outcomes:
            for log in logs:
                log.finish(outcome, 1.0)
    for log in logs:
        log.close()
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == len(outcomes)
    aside = [r for r in runs("s") if "depsim.duplicate_of" in r.data.tags]
    assert len(aside) == len(outcomes)
    counted = {r.info.run_id for r in runs("s") if r.info.status == "FINISHED"}
    assert {r.data.tags["depsim.duplicate_of"] for r in aside} <= counted
    assert {r.info.status for r in aside} == {"KILLED"}
    (arm,) = read_study(open_client(), "s").arms
    assert arm.seeds == tuple(outcome.seed for outcome in outcomes)
    assert statuses("s").get("RUNNING", 0) == 0


def test_two_finished_runs_of_one_individual_are_read_once_and_the_first_counts(
    move_to: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine that was killed between finishing and looking around leaves both.
    monkeypatch.setattr(mlflow_machines, "is_local", lambda: True)
    test = spec("none", *THREE)
    outcomes = simulate(*tiny("none", *THREE)).outcomes
    monkeypatch.setattr(RunWriter, "finished", lambda _self, _seed: None)
    for name in ("one", "two"):
        move_to(name)
        log: Any = test.tracking.open().begin(test.job, print)
        log._runs.clear()
        for outcome in outcomes:
            log.finish(outcome, 1.0)
        log._held.close()
    assert len(finished_keys("s")) == 6
    (arm,) = read_study(open_client(), "s").arms
    assert arm.seeds == (0, 1, 2)
    first = {r.data.tags["depsim.seed"]: r.info.run_id for r in reversed(runs("s", kind="individual"))}
    assert {str(person.seed): person.run_id for person in arm.individuals} == first
    (again,) = run(spec("none", *THREE))
    assert {str(seed): found.run_id for seed, found in again._runs.items()} == first  # type: ignore[attr-defined]


def test_two_machines_may_create_one_study_at_the_same_time(move_to: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    client = open_client()
    real, seen = type(client).get_experiment_by_name, []

    def late(self: Any, name: str) -> Any:
        seen.append(name)
        return None if len(seen) == 1 else real(self, name)

    monkeypatch.setattr(type(client), "get_experiment_by_name", late)
    assert experiment_id(client, "s") == client.get_experiment_by_name("s").experiment_id
    assert len(seen) == 3


class TagsOf:
    """A server that another machine writes to: the first tag is refused, with what the database says."""

    def __init__(self, refusal: str) -> None:
        self._refusals, self.tags = [refusal], {}

    def set_tag(self, run_id: str, key: str, value: str) -> None:
        if self._refusals:
            raise MlflowException(self._refusals.pop())
        self.tags[run_id, key] = value


@pytest.mark.parametrize(
    "refusal",
    [
        'BAD_REQUEST: (psycopg.errors.UniqueViolation) duplicate key value violates unique constraint "tag_pk"',
        "BAD_REQUEST: (sqlite3.IntegrityError) UNIQUE constraint failed: tags.key, tags.run_uuid",
    ],
)
def test_a_tag_that_two_machines_set_at_once_is_set(refusal: str) -> None:
    server = TagsOf(refusal)
    mlflow_machines.mark(server, "run", "depsim.orphaned", "true")
    assert server.tags == {("run", "depsim.orphaned"): "true"}


def test_another_refusal_of_a_tag_is_not_passed_over() -> None:
    server = TagsOf("RESOURCE_DOES_NOT_EXIST: no run")
    with pytest.raises(MlflowException, match="no run"):
        mlflow_machines.mark(server, "run", "depsim.orphaned", "true")
    assert server.tags == {}
