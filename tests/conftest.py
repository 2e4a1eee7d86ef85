"""What all tests share: the arithmetic that results are made with, and places to run jobs in."""

from __future__ import annotations

import contextlib
import logging
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

LONGEST = ("test_every_call.py", "test_kills.py", "test_shared_search.py", "test_growth.py", "test_many_machines.py")
"""Files whose tests take minutes each."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests go first, so that none of them is what everybody waits for at the end."""
    items.sort(key=lambda item: (item.path.name not in LONGEST, item.get_closest_marker("slow") is None))


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Bits are compared, and they are the same in company as alone with one thread only."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> None:
    """Whoever runs the tests in the background may ignore what a terminal sends; the commands under test must not."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Hydra configures the root logger; a handler that writes to a test's captured stream must not outlive it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [other for other in root.handlers if other not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that nothing has been written to: creating one takes seconds, copying it none."""
    from depsim.tracking.mlflow_store import open_client

    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        open_client()
    file = folder / "mlruns" / "mlflow.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture
def project(empty: Path, new_store: Path) -> Path:
    """A working directory with a store that holds nothing yet."""
    (empty / "mlruns").mkdir()
    shutil.copy(new_store, empty / "mlruns" / "mlflow.db")
    return empty


@pytest.fixture
def plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an allowed package with components of every kind; the choices are called ``mine``."""
    from tests.plugins import write_plugin

    folder = tmp_path_factory.mktemp("plugin")
    name = folder.name.replace("-", "_")
    write_plugin(folder, name)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("DEPSIM_PLUGINS", name)
    yield name
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]
