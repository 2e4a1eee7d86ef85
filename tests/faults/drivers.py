"""Commands in processes of their own, to be killed and starved: forked, so that starting one costs no imports."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

Program = Callable[[list[str]], int]
_LONGEST = 120.0
_PRELOADED_TEXT = """
    depsim.commands.run depsim.commands.sweep depsim.commands.report depsim.commands.replicates
    depsim.execution.runner depsim.execution.healthy_store depsim.tracking.mlflow_tracking
    depsim.report.publish depsim.report.writing depsim.report.html depsim.study.table
    mlflow.tracking.client mlflow.store.tracking.sqlalchemy_store sqlalchemy.dialects.sqlite alembic.command
    mlflow.store.tracking.sqlalchemy_workspace_store alembic.config
    torch safetensors.torch depsim.kernels.sparse depsim.training.compact depsim.training.sparse
    depsim.steps.regrowth_criteria.gradient depsim.task.torch_dataset
    hydra_plugins.depsim_optuna.sweeper hydra_plugins.depsim_optuna.search_path omegaconf._impl
    hydra._internal.core_plugins.basic_sweeper hydra._internal.core_plugins.basic_launcher
    hydra._internal.core_plugins.file_config_source hydra._internal.core_plugins.importlib_resources_config_source
    hydra._internal.core_plugins.structured_config_source antlr4 antlr4.LL1Analyzer
    matplotlib.backends.backend_agg matplotlib.backends.backend_svg
    PIL.PngImagePlugin PIL.GifImagePlugin PIL.JpegImagePlugin PIL.ImageFont scipy.stats jinja2
    tests.faults.preloaded
"""
_PRELOADED = _PRELOADED_TEXT.split()
"""What a command imports and what compiled loops need: several times the seconds that a small command computes."""


def forking() -> ForkServerContext:
    """What forks processes from one that has imported all that they need."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


class Driver:
    """A ``depsim`` command at work in a folder.

    Args:
        folder: its working directory.
        words: of the command line.
        environment: set on top of this process's.
        before: called in the new process before the command, a function of a module.
        said: the folder for what it prints; by default its working directory.
        program: what takes the words in place of ``depsim``, a function of a module.
    """

    def __init__(
        self,
        folder: Path,
        words: Sequence[str],
        environment: Mapping[str, str] | None = None,
        before: Callable[[], object] | None = None,
        said: Path | None = None,
        program: Program | None = None,
    ) -> None:
        self._said = said or folder
        self._process: BaseProcess = forking().Process(
            target=_drive, args=(folder, self._said, list(words), dict(environment or {}), before, program)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """End it as the system would: at once, with nothing put in order."""
        self._process.kill()
        assert self.code() == -signal.SIGKILL

    def code(self) -> int:
        """Its exit code, when it has ended."""
        self._process.join(_LONGEST)
        if self._process.exitcode is None:
            self._process.kill()
            raise AssertionError(f"still at work after {_LONGEST} s: {self.err()}")
        return self._process.exitcode

    def out(self) -> bytes:
        """What it has printed."""
        return (self._said / "out").read_bytes()

    def err(self) -> str:
        return (self._said / "err").read_text()


def _drive(
    folder: Path,
    said: Path,
    words: list[str],
    environment: dict[str, str],
    before: Callable[[], object] | None,
    program: Program | None,
) -> None:
    """In the new process: the command, with what it prints in files."""
    from depsim.__main__ import main

    signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C works, also where tests run in the background
    os.chdir(folder)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    os.environ.update(environment)
    for name, descriptor in (("out", 1), ("err", 2)):
        os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), descriptor)
    if before is not None:
        before()
    raise SystemExit((program or main)(words))


def finished(
    folder: Path, words: Sequence[str], environment: Mapping[str, str] | None = None, program: Program | None = None
) -> tuple[int, str, str]:
    """A command at work in a folder in which it prints nothing: its exit code, and what it says on both streams."""
    with tempfile.TemporaryDirectory(prefix="said") as said:
        driver = Driver(folder, words, environment, said=Path(said), program=program)
        return driver.code(), driver.out().decode(), driver.err()


def pytest_says(folder: Path, *words: str) -> tuple[int, str]:
    """Pytest in a folder, in a process of its own: the exit code and what it prints."""
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    code, out, _ = finished(folder, [*options, *words], program=pytest.main)
    return code, out


def finished_runs(folder: Path) -> dict[str, str]:
    """Run id to run key of every finished individual, read past MLflow so that it costs nothing."""
    query = (
        "SELECT runs.run_uuid, tags.value FROM runs JOIN tags ON tags.run_uuid = runs.run_uuid "
        "AND tags.key = 'depsim.run_key' WHERE runs.status = 'FINISHED'"
    )
    database = folder / "mlruns" / "mlflow.db"
    if not database.exists():
        return {}
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        try:
            return dict(connection.execute(query))
        except sqlite3.OperationalError as error:  # its tables are being created
            if "no such table" not in str(error):
                raise
            return {}


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again, every hundredth of a second."""
    last = time.monotonic() + _LONGEST
    while not condition():
        if time.monotonic() > last:
            raise AssertionError(f"waited {_LONGEST} s for {what}")
        time.sleep(0.01)
