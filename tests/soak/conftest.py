"""One PostgreSQL and one MLflow server on it for all tests of several machines; and what is left out, and why."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.soak.servers import Postgres, mlflow_server, postgres


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where all that the tests need was installed (.ci/run), a test that is left out has failed."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.skipped and "DEPSIM_LEAVE_NOTHING_OUT" in os.environ:
        report.outcome, report.longrepr = "failed", f"{item.nodeid} was left out: {report.longrepr[-1]}"


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
