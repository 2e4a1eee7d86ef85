"""One PostgreSQL and one MLflow server on it for all tests of several machines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.servers import Postgres, mlflow_server, postgres


@pytest.fixture(scope="session")
def database() -> Iterator[Postgres]:
    """A database server whose files lie below /tmp itself, as another user than pytest's has to reach them."""
    with tempfile.TemporaryDirectory(prefix="depsim-postgres-") as folder, postgres(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def server(database: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of an MLflow server on that database, and the folder with its artifacts."""
    folder = tmp_path_factory.mktemp("server")
    with mlflow_server(database.uri, folder) as address:
        yield address, folder
