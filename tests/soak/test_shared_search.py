"""Several machines at one search: its trials in the very database that the MLflow server keeps its runs in."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import optuna
import psycopg
import pytest
from optuna.trial import FrozenTrial

from depsim.search.storage import SCHEMA
from tests.faults.drivers import Driver, wait_until
from tests.jobs import runs
from tests.searches import SMALL, search_run, states, write_search
from tests.soak.servers import PASSWORD, Postgres

TRIALS, SIZE, FRESH = 16, 3, 2


def tables(database: Postgres, schema: str) -> set[str]:
    address = database.uri.replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {name for (name,) in found}


def read_trials(database: Postgres) -> list[FrozenTrial]:
    """All that Optuna has; none while its tables are being made."""
    there = {"connect_args": {"options": f"-csearch_path={SCHEMA}"}}
    storage = optuna.storages.RDBStorage(database.uri, engine_kwargs=there)
    try:
        return optuna.load_study(study_name="mine", storage=storage).get_trials()
    except KeyError:
        return []
    finally:
        storage.engine.dispose()


def stop_at_work(driver: Driver, database: Postgres) -> bool:
    """Let a driver stand still if it is at a trial whose point is drawn; whether it is."""
    os.kill(driver.pid, signal.SIGSTOP)
    running = [trial for trial in read_trials(database) if trial.state.name == "RUNNING" and len(trial.params) == 2]
    if any(f"process {driver.pid} " in trial.user_attrs.get("driver", "") for trial in running):
        return True
    os.kill(driver.pid, signal.SIGCONT)
    return False


def test_two_machines_share_a_search_and_one_is_killed(
    server: tuple[str, Path], database: Postgres, tmp_path: Path,
    record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from mlflow import MlflowClient

    address, _kept = server
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    environment = {"MLFLOW_TRACKING_URI": address, "DEPSIM_OPTUNA_STORAGE": database.uri.replace("+psycopg", "")}
    words = ["sweep", "mine", *SMALL, f"cohort.size={SIZE}"]

    def start(machine: str, n_trials: int = TRIALS) -> Driver:
        folder = tmp_path / machine
        folder.mkdir(exist_ok=True)
        sampler = {"name": "tpe", "n_startup_trials": 4}
        write_search(folder, n_trials=n_trials, sampler=sampler, fresh={"size": FRESH, "first_seed": 50})
        return Driver(folder, words, environment)

    a, b = start("a"), start("b")
    wait_until(lambda: "alembic_version" in tables(database, SCHEMA) or not a.alive, "Optuna's tables")
    wait_until(lambda: states(read_trials(database)).count("COMPLETE") >= 4 or not (a.alive and b.alive), "4 trials")
    wait_until(lambda: stop_at_work(a, database) or not a.alive, "a moment at which it is at a trial")
    a.kill()
    done = {trial.number: trial.value for trial in read_trials(database) if trial.state.name == "COMPLETE"}
    a = start("a")
    for driver in (a, b):
        assert driver.code() == 0, driver.err()

    trials = read_trials(database)
    drivers = Counter(str(trial.user_attrs["driver"]) for trial in trials if trial.state.name == "COMPLETE")
    counts = dict(Counter(states(trials)))
    figures = f"{TRIALS} trials of two drivers, one killed at work: {counts}, by {len(drivers)} processes"
    record_property("shared search", figures)
    print(figures)
    assert Counter(states(trials)) == {"COMPLETE": TRIALS, "FAIL": 1}
    assert len(drivers) == 3
    assert {number: trials[number].value for number in done} == done
    (orphan,) = [trial for trial in trials if trial.state.name == "FAIL"]
    (other,) = [trial for trial in trials if trial.user_attrs.get("replaces") == orphan.number]
    assert other.params == orphan.params
    # One record of the search, each trial's, the winner's and the reference's individuals in it once.
    search = search_run()
    assert search.info.status == "FINISHED"
    history = MlflowClient(address).download_artifacts(search.info.run_id, "history.csv", str(tmp_path))
    assert len(Path(history).read_text().splitlines()) == 1 + len(trials)
    assert {r.info.status for r in runs("mine", kind="condition")} <= {"FINISHED", "KILLED"}
    people = [r.data.tags["depsim.run_key"] for r in runs("mine", kind="individual") if r.info.status == "FINISHED"]
    points = {tuple(sorted(trial.params.items())) for trial in trials if trial.state.name == "COMPLETE"}
    assert (len(people), len(set(people))) == (SIZE * len(points) + 2 * FRESH, len(people))
    (winner,) = runs("mine", trial="winner")
    best = max((trial for trial in trials if trial.state.name == "COMPLETE"), key=lambda t: (t.value, -t.number))
    assert winner.data.tags["depsim.winner_of"] == str(best.number)
    # The server's tables and Optuna's lie side by side, and no password in either.
    assert {"runs", "alembic_version"} <= tables(database, "public")
    assert {"trials", "alembic_version"} <= tables(database, SCHEMA)
    assert "trials" not in tables(database, "public")
    assert PASSWORD.encode() not in database.dump()
    # Whoever comes later finds nothing to do; the last one to leave before the end closes the record.
    c = start("c")
    assert c.code() == 0, c.err()
    assert len(read_trials(database)) == len(trials)
    c = start("c", TRIALS + 10)
    wait_until(lambda: stop_at_work(c, database) or not c.alive, "a trial")
    os.kill(c.pid, signal.SIGINT)
    os.kill(c.pid, signal.SIGCONT)
    assert c.code() == 130, c.err()
    assert "RUNNING" not in states(read_trials(database))
    assert search_run().info.status == "KILLED"
