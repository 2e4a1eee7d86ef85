from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy
from mlflow.exceptions import MlflowException
from mlflow.store.entities import PagedList

from depsim.execution import waiting
from depsim.tracking import mlflow_store
from depsim.tracking.mlflow_store import is_local, open_client, store_trouble, tracking_uri
from depsim.tracking.mlflow_studies import experiment_id
from depsim.tracking.older_store import OlderStoreError
from tests.jobs import artifacts, depsim, run, runs, spec, tiny

pytestmark = pytest.mark.slow  # whole jobs on a store


def test_the_store_is_below_the_working_directory(empty: Path) -> None:
    assert tracking_uri() == f"sqlite:///{empty}/mlruns/mlflow.db"
    assert is_local()


def test_a_fresh_store_is_created_with_a_write_ahead_log(empty: Path) -> None:
    open_client()
    with contextlib.closing(sqlite3.connect(empty / "mlruns" / "mlflow.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert {path.name for path in (empty / "mlruns").iterdir()} >= {"mlflow.db", "locks"}


def test_commits_to_our_store_do_not_wait_for_the_disk(empty: Path, tmp_path: Path) -> None:
    open_client()
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    for address, level in ((tracking_uri(), 1), (f"sqlite:///{other}", 2), ("sqlite://", 2)):  # NORMAL, FULL
        engine = sqlalchemy.create_engine(address)
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("PRAGMA synchronous")).scalar() == level
        engine.dispose()


def test_the_artifacts_of_a_study_lie_below_its_name(project: Path) -> None:
    client = open_client()
    found = client.get_experiment(experiment_id(client, "my study"))
    assert found.name == "my study"
    assert found.artifact_location == (project / "mlruns/artifacts/my_study").as_uri()
    assert experiment_id(client, "my study") == found.experiment_id


def test_a_store_of_a_version_before_0_3_is_refused_by_all_commands_until_its_study_is_deleted(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = open_client()
    study = client.create_experiment("earlier")
    run = client.create_run(study, tags={"depsim.kind": "condition"})
    client.log_param(run.info.run_id, "assessment", "paper")
    open_client()  # of a process that was killed there may be no more parameters
    client.set_terminated(run.info.run_id, "FINISHED")
    message = (
        "earlier: a version of depsim before 0.3 wrote this study, and this one does not read it; delete the study in "
        f"MLflow, or use another store than sqlite:///{project}/mlruns/mlflow.db"
    )
    with pytest.raises(OlderStoreError, match=re.escape(message)):
        open_client()
    for words in (["report", "earlier"], ["run", *tiny("none", "cohort=smoke", "study=s")]):
        assert depsim(*words) == 2
        assert capsys.readouterr().err == f"depsim: {message}\n"
    assert client.get_experiment_by_name("s") is None
    client.delete_experiment(study)
    open_client()


def test_an_assessment_of_ones_own_may_lack_what_the_papers_has(project: Path) -> None:
    client = open_client()
    run = client.create_run(client.create_experiment("mine"), tags={"depsim.kind": "condition"})
    client.log_param(run.info.run_id, "assessment", "mine")
    client.set_terminated(run.info.run_id, "FINISHED")
    open_client()


def test_runs_of_somebody_else_are_no_reason_to_refuse_a_store(project: Path) -> None:
    client = open_client()
    client.create_run(client.create_experiment("theirs"), tags={"mlflow.user": "ada"})
    assert open_client().get_experiment_by_name("theirs") is not None


def test_the_searches_that_a_study_describes_find_what_they_say(project: Path) -> None:
    (cohort,) = run(spec("none", "cohort=smoke", "cohort.size=2", "study=s"))
    run(spec("ssri", "cohort=smoke", "cohort.size=2", "study=s"))
    client = open_client()
    found = client.get_experiment_by_name("s")
    note = found.tags["mlflow.note.content"]
    searches = re.findall(r"`((?:tags|attributes)\.[^`]*)`", note)
    assert len(searches) == 5
    counts = {
        search: len(client.search_runs([found.experiment_id], search.replace("ketamine", "ssri").replace("'7'", "'1'")))
        for search in searches
    }
    assert list(counts.values()) == [2, 3, 4, 2, 0]
    (pattern,) = re.findall(r"`(\^[^`]*)`", note)
    metrics = client.get_run(cohort.run_id).data.metrics
    shown = {name for name in metrics if re.search(pattern, name)}
    primary = {"treated/combined", "treated/internal_noise_2.5", "treated/resilience_auc", "relapse_drop"}
    assert shown == {*primary, "treated/resilience"}
    first = note.partition("\n\n")[0]
    assert searches[0] in first
    assert primary <= {*re.findall(r"`([^`]*)`", first)}


def test_another_store_can_be_named_and_locks_and_cache_stay_here(
    project: Path, tmp_path_factory: pytest.TempPathFactory, new_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "other.db"
    elsewhere.write_bytes(new_store.read_bytes())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{elsewhere}")
    assert not is_local()
    assert tracking_uri() == f"sqlite:///{elsewhere}"
    assert mlflow_store.locks() == project / "mlruns" / "locks"
    client = open_client()
    location = client.create_experiment("s", artifact_location=elsewhere.parent.as_uri())
    assert experiment_id(client, "s") == location
    (log,) = run(spec("none", "seed=1", "study=s"))
    assert log.run_id is not None
    (found,) = runs("s")
    assert artifacts(found).is_relative_to(elsewhere.parent)
    assert list(project.glob("mlruns/cache/healthy/??/*.safetensors"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert runs("s") == []


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_a_server_that_does_not_answer_at_once_is_named(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seconds: float
) -> None:
    class Server:
        def __init__(self, _address: str) -> None: ...

        def search_experiments(self, **_: object) -> PagedList[object]:
            time.sleep(seconds)
            return PagedList([], None)

    monkeypatch.setattr("mlflow.MlflowClient", Server)
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:hush@far.away:5000")
    open_client()
    said = capsys.readouterr().err
    assert "hush" not in said
    assert said.startswith("note: connecting to http://far.away:5000; no answer yet") == (seconds > 0)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense", "MLFLOW_TRACKING_URI=nonsense: MLflow can keep no runs there; allowed is"),
        ("foo://ada:hush@bar", "MLFLOW_TRACKING_URI=foo://bar: MLflow can keep no runs there; allowed is"),
        ("postgresql://ada:hush@db:port/x", "MLFLOW_TRACKING_URI=postgresql://db:port/x: MLflow can keep no runs"),
        ("mysql+magic://ada:hush@db/x", "MLFLOW_TRACKING_URI=mysql+magic://db/x: MLflow can keep no runs there"),
        ("mysql://ada:hush@db/x", "MLFLOW_TRACKING_URI=mysql://db/x: the driver of that database is missing here"),
    ],
)
def test_an_address_that_is_none_is_refused(
    address: str, message: str, empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setitem(sys.modules, "MySQLdb", None)
    assert depsim("run", *tiny("none", "seed=1")) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"depsim: {message}")
    assert "hush" not in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["with space", "ümläut", "hash#tag", "plus+"])
def test_the_working_directory_may_have_an_unusual_name(
    name: str, tmp_path: Path, new_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path / name
    (folder / "mlruns").mkdir(parents=True)
    (folder / "mlruns" / "mlflow.db").write_bytes(new_store.read_bytes())
    monkeypatch.chdir(folder)
    (log,) = run(spec("none", "seed=1", "study=a b"))
    assert len(log.outcomes()) == 1
    (again,) = run(spec("none", "seed=1", "study=a b"))
    assert again.run_id == log.run_id
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert list(folder.glob("mlruns/artifacts/a_b/*/artifacts/masks.npz"))


@pytest.mark.parametrize("name", ["per%20cent", "quest?ion"])
def test_a_name_that_a_database_address_cannot_hold_works_or_is_refused_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    began = time.monotonic()
    code = depsim("run", *tiny("none", "seed=1"))
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == [name]
    if code != 0:
        assert code == 2
        assert name in said
        assert time.monotonic() - began < 45


def fill(kind: str, place: Path) -> None:
    """Put something that is no database where one has to be."""
    if kind == "a folder":
        place.mkdir()
    elif kind == "a pipe":
        os.mkfifo(place)
    else:
        place.write_text("this is no database, however long it gets\n")


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a text"])
@pytest.mark.parametrize(
    "words", [("run", *tiny("none", "seed=1")), ("report", "s"), ("ui",)], ids=["run", "report", "ui"]
)
def test_what_is_no_database_is_refused_at_once(
    kind: str, words: tuple[str, ...], empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = empty / "mlruns" / "mlflow.db"
    database.parent.mkdir()
    fill(kind, database)
    began = time.monotonic()
    assert depsim(*words) == 2
    assert time.monotonic() - began < 45
    said = capsys.readouterr().err
    assert said.startswith(f"depsim: {database}: is {'a folder' if kind == 'a folder' else 'no SQLite database'}, ")
    assert said.count("\n") == 1
    assert [path.name for path in empty.rglob("*")] == ["mlruns", "mlflow.db"]


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a text"])
def test_what_is_no_database_cannot_be_named(
    kind: str, empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(kind, empty / "other.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{empty}/other.db")
    began = time.monotonic()
    assert depsim("run", *tiny("none", "seed=1")) == 2
    assert time.monotonic() - began < 45
    assert capsys.readouterr().err.startswith(f"depsim: {empty}/other.db: is ")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("table _alembic_tmp_experiment_tags already exists\n[SQL: ...]", "are half made.* remove that database"),
        ("duplicate column name: step", "are half made"),
        ("index index_params_run_uuid already exists", "are half made"),
        ("disk I/O error", "on a network disk.*docs/cluster.md"),
        ("no such column: x", "^no such column: x$"),
    ],
)
def test_what_sqlite_says_is_explained(said: str, expected: str, empty: Path) -> None:
    found = store_trouble(sqlite3.OperationalError(said))
    assert found is not None
    assert re.search(expected, found)
    assert found.startswith(said.partition("\n")[0])
    assert "\n" not in found
    assert (str(empty / "mlruns" / "mlflow.db") in found) == ("column: x" not in said)


def test_an_experiment_that_is_there_already_is_no_half_made_table(empty: Path) -> None:
    said = "Experiment(name=table s) already exists."
    assert store_trouble(MlflowException(said)) == said


def test_an_empty_file_becomes_the_database(empty: Path) -> None:
    (empty / "mlruns").mkdir()
    (empty / "mlruns" / "mlflow.db").touch()
    assert open_client().search_experiments() != []


@pytest.mark.parametrize("named", [False, True])
def test_a_locked_database_is_waited_for_as_long_as_we_say(
    named: bool, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = project / "mlruns" / "mlflow.db"
    if named:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    client = open_client()
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for seconds in (0.2, 1.5):
            monkeypatch.setattr(mlflow_store, "_BUSY_SECONDS", seconds)
            began = time.monotonic()
            with pytest.raises(MlflowException, match="database is locked"):
                client.create_experiment("s")
            assert seconds <= time.monotonic() - began
