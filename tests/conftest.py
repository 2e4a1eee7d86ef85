"""What all tests share: the arithmetic that results are made with, and places to run jobs in."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import logging
import os
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests import durations
from tests.pairs import parametrize_products

SOAK = Path(__file__).parent / "soak"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of short commands would compile every module again
IMPORTED = ("depsim.execution.runner", "depsim.tracking.mlflow_tracking", "depsim.report", "mlflow", "scipy.stats")
_seconds: Counter[tuple[str, str]] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the targets of the Makefile ask for."""
    group = parser.getgroup("depsim")
    group.addoption("--soak", action="store_true", help="tests/soak and whole products of values, in place of the rest")
    group.addoption(
        "--durations-to", type=Path, metavar="FILE", help="write how long the tests took (tests/durations.py)"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without ``--soak``, tests/soak is left out, unless a test of it is asked for by its name."""
    named = any("soak" in argument for argument in config.args)
    return True if collection_path == SOAK and not named and not config.getoption("--soak") else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Some rows of a product of values, or all."""
    parametrize_products(metafunc, whole=metafunc.config.getoption("--soak"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is asked for; slow tests go first, so that none of them is what everybody waits for at the end."""
    if config.getoption("--soak"):
        asked = [SOAK in item.path.parents or item.get_closest_marker("products") is not None for item in items]
        config.hook.pytest_deselected(items=[item for item, kept in zip(items, asked, strict=True) if not kept])
        items[:] = [item for item, kept in zip(items, asked, strict=True) if kept]
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What most tests need, and no single one should be charged for; only where all tests are run."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        for name in IMPORTED:
            importlib.import_module(name)
        with contextlib.suppress(Exception):  # what is wrong is a test's to say
            _do_first()
    gc.collect()
    gc.freeze()  # looking through modules and tests again and again takes a quarter of the time
    gc.set_threshold(100_000, 50, 100)


def _do_first() -> None:
    """A configuration and an individual: files are read and compiled loops loaded."""
    from depsim.config import prepare
    from depsim.execution.arithmetic import reproducible_arithmetic
    from tests.tiny import all_outcomes, arm, treatments

    prepare(["cohort=smoke"])
    with reproducible_arithmetic():
        all_outcomes([arm(treatment) for treatment in treatments().values()])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Seconds of each test, of set-up, call and tear-down."""
    _seconds[durations.SLOW if "slow" in report.keywords else durations.FAST, report.nodeid] += report.duration  # type: ignore[assignment]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where it is asked for, in the process that collects what the workers report."""
    file = session.config.getoption("--durations-to")
    if file is not None and not hasattr(session.config, "workerinput"):
        soak = session.config.getoption("--soak")
        durations.write(
            file,
            durations.summary(
                {(durations.SOAK if soak else kind, test): spent for (kind, test), spent in _seconds.items()}
            ),
        )


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Bits are compared, and they are the same in company as alone with one thread only."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session", autouse=True)
def _composed_once() -> Iterator[None]:
    """Composers of depsim's own folder share what they know: Hydra takes a tenth of a second for each composition."""
    from depsim.config.composition import Composer, Composition

    real, known = Composer.__init__, dict[tuple[str, ...], Composition]()

    @functools.wraps(real)
    def share(self: Composer, extra_dir: str | None = None) -> None:
        real(self, extra_dir)
        if len(self._folders) == 1:
            self._known = known

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Composer, "__init__", share)
        yield


@pytest.fixture(scope="session")
def _migrations_are_read_once() -> Iterator[None]:
    """MLflow reads its fifty scripts for every database that is opened, to know what the newest one is called."""
    from mlflow.store.db import utils

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "_get_latest_schema_revision", functools.cache(utils._get_latest_schema_revision))
        yield


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
def new_store(tmp_path_factory: pytest.TempPathFactory, _migrations_are_read_once: None) -> Path:
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


@pytest.fixture(scope="session")
def _finished(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> Path:
    from tests.jobs import TREATMENTS, depsim, run, spec, working_in

    folder = tmp_path_factory.mktemp("finished") / "project"
    with working_in(folder, new_store):
        run(*(spec(name, "cohort=smoke", "cohort.size=2", "study=finished") for name in TREATMENTS))
        assert depsim("report", "finished") == 0
    return folder


@pytest.fixture
def finished_study(empty: Path, _finished: Path) -> Path:
    """A working directory with the finished study ``finished``: four conditions, two individuals each, its report.

    It is computed once and copied, so that a test may change what it likes.
    """
    from tests.jobs import copy_project

    copy_project(_finished, empty)
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
