"""A database with another schema than that of the installed MLflow."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from depsim.tracking.mlflow_store import open_client
from tests.programs import ROOT, drive


def test_a_schema_that_mlflow_leaves_alone_is_explained(empty: Path) -> None:
    open_client()
    with closing(sqlite3.connect(empty / "mlruns" / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'of another release'")  # all tables are there
    code, _, said = drive(ROOT, empty, "report any")  # in this process MLflow has looked already
    assert code == 1
    assert f"mlflow db upgrade sqlite:///{empty}/mlruns/mlflow.db " in said
    assert "To go on: depsim report any" in said
