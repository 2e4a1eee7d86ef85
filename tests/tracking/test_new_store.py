"""A new store that is killed while it is made: it is whole or not there, and the next command makes it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import chdir, closing
from pathlib import Path
from typing import Any

import pytest
from alembic.runtime.migration import HeadMaintainer

from depsim.tracking import mlflow_store
from tests.faults.drivers import Driver
from tests.jobs import TINY

pytestmark = pytest.mark.slow  # databases with all of MLflow's tables

_update = HeadMaintainer.update_to_step
RUN = ["run", *TINY, "treatment=none", "cohort=smoke", "cohort.size=1", "study=s"]


@pytest.fixture(scope="module")
def stops(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders as a kill leaves them: at each migration, right before its number is noted, and right before the end."""
    folder, copies = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("stops")
    stops: list[Path] = []

    def stop() -> None:
        stops.append(copies / str(len(stops)))
        shutil.copytree(folder / "mlruns", stops[-1] / "mlruns")

    def update(self: HeadMaintainer, step: Any) -> None:
        stop()
        _update(self, step)

    with pytest.MonkeyPatch.context() as patch, chdir(folder):
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(HeadMaintainer, "update_to_step", update)
        patch.setattr(Path, "rename", lambda *_: stop())
        mlflow_store._create(mlflow_store.root() / "mlflow.db")
    return stops


def test_a_store_whose_making_is_stopped_at_any_migration_is_made_by_the_next_process(
    stops: list[Path], new_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(mlflow_store, "_make", lambda database: shutil.copy(new_store, database))  # which takes seconds
    assert len(stops) > 50
    for stop in stops:
        folder = Path(shutil.copytree(stop, tmp_path / stop.name))
        names = {path.name for path in (folder / "mlruns").iterdir()}
        assert ".unfinished-mlflow.db" in names
        assert "mlflow.db" not in names
        with chdir(folder):
            assert not mlflow_store.exists()
            mlflow_store._create(mlflow_store.root() / "mlflow.db")
        assert {path.name for path in (folder / "mlruns").iterdir()} == {"mlflow.db", "locks"}


def test_a_half_made_database_under_its_final_name_is_explained(
    stops: list[Path], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As an earlier version could leave one, or an MLflow server that was killed."""
    (tmp_path / "mlruns").mkdir()
    with closing(sqlite3.connect(stops[2] / "mlruns" / ".unfinished-mlflow.db")) as connection:
        connection.execute(f"VACUUM INTO '{tmp_path}/mlruns/mlflow.db'")
    driver = Driver(tmp_path, RUN, said=tmp_path_factory.mktemp("said"))
    assert driver.code() == 1
    (line,) = driver.err().splitlines()
    assert f"the tables of sqlite:///{tmp_path}/mlruns/mlflow.db are half made" in line
