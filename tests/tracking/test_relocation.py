"""A moved, a copied, a linked and a read-only store."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from depsim.tracking.relocation import relocate
from tests.faults.drivers import Driver
from tests.jobs import artifacts, depsim, run, runs, spec, tiny

pytestmark = pytest.mark.slow  # whole commands on a store

_MOVED = "note: {new} was {old} before; the addresses of its artifacts are brought up to date\n"


@pytest.fixture
def original(tmp_path_factory: pytest.TempPathFactory, new_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder ``the original`` with a study of three individuals and its report."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = tmp_path_factory.mktemp("places") / "the original"
    (folder / "mlruns").mkdir(parents=True)
    shutil.copy(new_store, folder / "mlruns" / "mlflow.db")
    with contextlib.chdir(folder):
        run(spec("ketamine", "cohort=smoke", "study=s"))
        assert depsim("report", "s") == 0
    return folder


def contents(folder: Path) -> dict[str, str]:
    """Every file and what it holds; SQLite's journal comes and goes with who looks."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "mlflow.db-" not in path.name]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def go_on(folder: Path, said: Path) -> str:
    """Another condition and a report in a folder, in processes of their own: MLflow remembers addresses; the notes."""
    notes = ""
    for words in (["run", *tiny("neurosteroid", "cohort=smoke", "study=s")], ["report", "s"]):
        driver = Driver(folder, words, said=said)
        assert driver.code() == 0, driver.err()
        notes += driver.err()
    with contextlib.chdir(folder):
        everything = runs("s")
        assert {str(artifacts(each).parents[2]) for each in everything} == {f"{folder}/mlruns/artifacts"}
        people = [each for each in everything if each.data.tags["depsim.kind"] == "individual"]
        assert len(people) == 6
        assert {(artifacts(each) / "masks.npz").exists() for each in people} == {True}
        (report,) = [each for each in everything if each.data.tags["depsim.kind"] == "study"]
        assert (artifacts(report) / "index.html").read_bytes() == Path("reports/s/index.html").read_bytes()
    return notes


def test_another_name_of_the_same_place_is_no_move(original: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = original.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "mlruns").symlink_to(original / "mlruns")
    with contextlib.chdir(elsewhere):
        assert depsim("run", *tiny("neurosteroid", "cohort=smoke", "study=s")) == 0
        assert {str(artifacts(each).parents[2]) for each in runs("s")} == {f"{original}/mlruns/artifacts"}
    assert "before" not in capsys.readouterr().err


def test_addresses_outside_the_store_stay(tmp_path: Path) -> None:
    database, here = tmp_path / "mlflow.db", tmp_path / "new" / "mlruns"
    rows = {
        "file:///old%20place/mlruns/artifacts/s": f"{here.as_uri()}/artifacts/s",
        "/old place/mlruns/0": f"{here}/0",
        "file:///old%20place/mlruns2/artifacts/s": "file:///old%20place/mlruns2/artifacts/s",
        "s3://bucket/mlruns/artifacts/s": "s3://bucket/mlruns/artifacts/s",
        "file:///data/mine": "file:///data/mine",
    }
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE experiments (artifact_location TEXT)")
        connection.execute("CREATE TABLE runs (artifact_uri TEXT)")
        connection.executemany("INSERT INTO experiments VALUES (?)", [(old,) for old in rows])
        connection.executemany("INSERT INTO runs VALUES (?)", [(f"{old}/1/artifacts",) for old in rows])
    assert relocate(database, here) == ["/old place/mlruns"]
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert [row for (row,) in connection.execute("SELECT artifact_location FROM experiments")] == [*rows.values()]
        found = [row for (row,) in connection.execute("SELECT artifact_uri FROM runs")]
    assert found == [f"{new}/1/artifacts" for new in rows.values()]
    assert relocate(database, here) == []


def test_a_store_that_cannot_be_written_is_reported_on_where_it_is(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy, real = original.with_name("on a disk that is read only"), os.access
    shutil.copytree(original, copy)
    before = contents(copy)

    def access(path: Path, mode: int) -> bool:  # tests may run as root, who may write everywhere else
        return not (mode == os.W_OK and Path(path).is_relative_to(copy)) and real(path, mode)

    monkeypatch.setattr(os, "access", access)
    capsys.readouterr()
    with contextlib.chdir(copy):
        assert depsim("report", "s", "--out", str(tmp_path / "report")) == 0
    assert f"note: {copy}/mlruns cannot be written: the report is not logged to MLflow" in capsys.readouterr().err
    assert contents(copy) == before
    facts = [json.loads((folder / "study.json").read_text()) for folder in (tmp_path / "report", copy / "reports/s")]
    assert facts[0]["condition_runs"][0]["provenance"]  # from an artifact of the copy
    assert facts[0]["findings"]
    assert facts[0] | {"command": ""} == facts[1] | {"command": ""}
