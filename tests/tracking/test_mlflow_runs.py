"""Runs one by one: written in calls that MLflow takes, found by what made them, and read back only if undamaged."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from depsim.api import simulate
from depsim.execution import job
from depsim.tracking import mlflow_machines
from depsim.tracking.mlflow_individuals import DamagedRecordError, FinishedRun, outcome_of
from depsim.tracking.mlflow_runs import RunWriter, write_batch
from depsim.tracking.mlflow_store import open_client, run_metrics
from tests.jobs import artifacts, finished_keys, run, runs, sicken, spec, tiny, watch_work

pytestmark = pytest.mark.slow  # whole jobs on a store

THREE = ("cohort=smoke", "study=s")


class Batches:
    """A client that remembers what it was given."""

    def __init__(self) -> None:
        self.calls: list[tuple[Sequence[Any], Sequence[Any], Sequence[Any]]] = []

    def log_batch(self, run_id: str, metrics: Sequence[Any], params: Sequence[Any], tags: Sequence[Any]) -> None:
        assert run_id == "run"
        self.calls.append((metrics, params, tags))


@pytest.mark.parametrize("metrics", [0, 1, 999, 1000, 1001, 2000, 2001])
@pytest.mark.parametrize("params", [0, 1, 99, 100, 101, 250])
def test_everything_is_written_once_in_calls_that_mlflow_takes(metrics: int, params: int) -> None:
    client = Batches()
    curves = {"a": [(step, float(step)) for step in range(metrics // 2)],
              "b": [(step, -float(step)) for step in range(metrics - metrics // 2)]}  # fmt: skip
    write_batch(client, "run", params={f"p{n}": str(n) for n in range(params)}, curves=curves, tags={"t": "1"})
    assert all(len(call[0]) <= 1000 and len(call[1]) <= 100 for call in client.calls)
    written = [(metric.key, metric.step, metric.value) for call in client.calls for metric in call[0]]
    assert written == [(name, step, value) for name, curve in curves.items() for step, value in curve]
    assert [param.key for call in client.calls for param in call[1]] == [f"p{n}" for n in range(params)]
    assert [(tag.key, tag.value) for call in client.calls for tag in call[2]] == [("t", "1")]
    assert len(client.calls) == max(1, -(-metrics // 1000), -(-params // 100))


def test_nothing_to_write_is_no_call() -> None:
    client = Batches()
    write_batch(client, "run")
    assert client.calls == []


@pytest.mark.usefixtures("project")
def test_an_individual_that_other_sources_computed_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(job, "arm_sources", lambda _arm: "0" * 32)
        run(spec("none", *THREE))
    computed = watch_work(monkeypatch)
    run(spec("none", *THREE))
    assert [seed for _, seed in computed] == [0, 1, 2]


@pytest.mark.usefixtures("project")
def test_a_status_names_who_failed_until_it_is_made_good() -> None:
    wanted = spec("none", *THREE)
    tracker = wanted.tracking.open()
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 1)
        run(wanted)
    assert (tracker.status(wanted.job).finished, tracker.status(wanted.job).failed) == ({0, 2}, {1})
    run(wanted)
    assert (tracker.status(wanted.job).finished, tracker.status(wanted.job).failed) == ({0, 1, 2}, set())


@pytest.mark.usefixtures("project")
def test_masks_that_are_another_individuals_are_damage() -> None:
    run(spec("none", *THREE))
    one, other = runs("s", kind="individual")[:2]
    client = open_client()
    assert outcome_of(client, one).masks == (artifacts(one) / "masks.npz").read_bytes()
    (artifacts(one) / "masks.npz").write_bytes((artifacts(other) / "masks.npz").read_bytes())
    with pytest.raises(DamagedRecordError, match=f"run {one.info.run_id}: its hash does not match"):
        outcome_of(client, one)


@pytest.mark.usefixtures("project")
def test_two_jobs_that_finish_one_individual_at_the_same_time_have_one_run_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (outcome,) = simulate(*tiny("none", "seed=1", "study=s")).outcomes
    specs = [spec("none", "study=s", f"cohort.seeds={seeds}") for seeds in ("[1,2]", "[1,3]")]
    first, second = (cast(Any, each.tracking.open().begin(each.job, print)) for each in specs)
    real, meanwhile = RunWriter.write_outcome, threading.Thread(target=lambda: second.finish(outcome, 1.0))

    def write(self: RunWriter, *arguments: Any) -> None:
        if meanwhile.ident is None:  # the first to write, which leaves the other one time
            meanwhile.start()
            meanwhile.join(0.5)
        real(self, *arguments)

    monkeypatch.setattr(RunWriter, "write_outcome", write)
    first.finish(outcome, 1.0)
    meanwhile.join(60)
    assert len(finished_keys("s")) == 1
    assert first._runs[1].run_id == second._runs[1].run_id
    for log in (first, second):
        log.close(interrupted=True)


@pytest.mark.usefixtures("project")
def test_whoever_writes_into_an_arm_between_is_noticed_for_all_individuals() -> None:
    outcomes = simulate(*tiny("none", "cohort.seeds=[0,1,2]", "cohort.data=individual", "study=s")).outcomes
    specs = [spec("none", "study=s", "cohort.data=individual", f"cohort.seeds={s}") for s in ("[0,1,2]", "[1,2]")]
    first, second = (cast(Any, each.tracking.open().begin(each.job, print)) for each in specs)
    for outcome in outcomes[1:]:
        second.finish(outcome, 1.0)
    for outcome in outcomes:
        first.finish(outcome, 1.0)
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 3
    assert [first._runs[seed].run_id for seed in (1, 2)] == [second._runs[seed].run_id for seed in (1, 2)]
    for log in (first, second):
        log.close(interrupted=True)


@pytest.mark.usefixtures("project")
def test_a_further_individual_costs_four_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = simulate(*tiny("none", *THREE)).outcomes
    record: Any = spec("none", *THREE).tracking.open().begin(spec("none", *THREE).job, print)
    calls: list[str] = []
    for name in [name for name in dir(record._client) if not name.startswith("_") and name != "tracking_uri"]:
        real = getattr(record._client, name)

        def counted(*arguments: Any, _name: str = name, _real: Any = real, **named: Any) -> Any:
            calls.append(_name)
            return _real(*arguments, **named)

        monkeypatch.setattr(record._client, name, counted, raising=False)
    record.finish(outcomes[1], 1.0)  # nobody else is at this arm, so it does not look
    assert sorted(calls) == ["create_run", "log_artifacts", "log_batch", "set_terminated"]
    record.close(interrupted=True)


@pytest.mark.usefixtures("project")
def test_what_is_remembered_of_a_run_is_what_the_store_has() -> None:
    (record,) = run(spec("none", *THREE))
    found, remembered = runs("s", kind="individual"), list(record._runs.values())  # type: ignore[attr-defined]
    for written in remembered:
        (run_,) = [each for each in found if each.info.run_id == written.run_id]
        read = FinishedRun.found(run_)
        assert written.metrics == read.metrics == run_metrics(run_)
        assert written.curves(None) == read.curves(open_client()) != {}
    names = [each.measured.names for each in remembered] + [each.stepwise.names for each in remembered]
    assert len({id(own) for own in names}) == len(set(names)) < len(names)  # shared by ten thousand


class Found(list[Any]):
    """A page of runs, the last one."""

    token = None


class Server:
    """A client of a store in which several machines have finished one individual."""

    def __init__(self, *runs: Any) -> None:
        self._runs, self.tags, self.ended = runs, dict[str, Any](), dict[str, str]()

    def search_runs(self, *_: Any, **__: Any) -> Found:
        return Found(self._runs)

    def set_tag(self, run_id: str, key: str, value: str) -> None:
        self.tags[run_id] = (key, value)

    def set_terminated(self, run_id: str, status: str) -> None:
        self.ended[run_id] = status


def finished(run_id: str, start_time: int) -> Any:
    info = SimpleNamespace(run_id=run_id, start_time=start_time, experiment_id="1")
    return SimpleNamespace(info=info, data=SimpleNamespace(tags={"depsim.run_key": "key"}))


def test_of_several_finished_runs_of_one_individual_the_first_begun_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_machines, "is_local", lambda: False)
    late, first, as_early = finished("a", 9), finished("b", 5), finished("c", 5)
    for own in (late, first, as_early):
        server = Server(late, as_early, first)
        assert mlflow_machines.keep_one(server, "1", own.data.tags["depsim.run_key"]) is first
        assert server.tags == dict.fromkeys("ac", (mlflow_machines.DUPLICATE, "b"))
        assert server.ended == {"a": "KILLED", "c": "KILLED"}
