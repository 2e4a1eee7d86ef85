"""Loops are compiled once on a machine: what comes later loads them from the cache, in every process."""

from __future__ import annotations

import errno
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core import caching

import depsim
from depsim.kernels import compiling, uncached
from tests.jobs import TINY

LISTENER = """
import os
import numba.core.event as events

class Note(events.Listener):
    def on_start(self, event):
        with open(os.environ["COMPILED"], "a") as file:  # a line at a time, from several processes
            file.write(f"{os.getpid()} {event.data['dispatcher'].py_func.__qualname__}\\n")

    def on_end(self, event):
        pass

events.register("numba:compile", Note())
with open(os.environ["STARTED"], "a") as file:
    file.write(f"{os.getpid()} {' '.join(__import__('sys').orig_argv)}\\n")
"""
WORDS = [
    *(word.replace("workers=1", "workers=2") for word in TINY),
    "cohort=smoke",
    "cohort.size=2",
    "tracking=none",
]
"""Computed anew every time."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """With an empty cache, and a note of everything that Numba compiles in any process."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(LISTENER)
    paths = {"NUMBA_CACHE_DIR": "cache", "COMPILED": "compiled", "STARTED": "started"}
    path = os.pathsep.join([str(tmp_path / "site"), str(Path(depsim.__file__).parents[1])])
    return os.environ | {name: str(tmp_path / file) for name, file in paths.items()} | {"PYTHONPATH": path}


def command(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A command of ``depsim`` in the folder that holds the notes."""
    line, folder = [sys.executable, "-m", "depsim", *words], Path(environment["COMPILED"]).parent
    return subprocess.run(line, env=environment, cwd=folder, capture_output=True, text=True)


def compiled(environment: dict[str, str], *words: str) -> tuple[list[str], int]:
    """What the processes of a command compile, and how many of them are workers."""
    noted, started = Path(environment["COMPILED"]), Path(environment["STARTED"])
    for file in (noted, started):
        file.write_text("")
    answer = command(environment, *words)
    assert answer.returncode == 0, answer.stderr
    workers = [line for line in started.read_text().splitlines() if "depsim.execution.worker" in line]
    return [line.split()[1] for line in noted.read_text().splitlines()], len(workers)


LOOP = """
import numpy as np
from {package}.compiling import compiled
from {package}.inner import factor

@compiled
def loop(values):
    for place in range(values.size):
        values[place] *= factor(values[place])
"""
INNER = """
from {package}.compiling import inlined

@inlined
def factor(value):
    return {by}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with the compiler's module of its own, a loop, and a kernel that the loop takes in."""
    folder = tmp_path / "own_kernels"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(Path(compiling.__file__), folder)
    (folder / "inner.py").write_text(INNER.format(package=folder.name, by="2.0"))
    (folder / "loop.py").write_text(LOOP.format(package=folder.name))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    yield folder
    forget(folder)


def forget(package: Path) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package.name]:
        del sys.modules[name]
    importlib.invalidate_caches()


def loaded_loop(package: Path) -> tuple[float, int]:
    """The loop as a new process has it: what it makes of 1, and how many times it was compiled for that."""
    forget(package)
    loop = importlib.import_module(f"{package.name}.loop").loop
    values = np.ones(1)
    loop(values)
    return float(values[0]), sum(loop.stats.cache_misses.values())


def test_a_loop_is_compiled_again_when_a_kernel_that_it_takes_in_is_edited(package: Path) -> None:
    assert loaded_loop(package) == (2.0, 1)
    assert loaded_loop(package) == (2.0, 0)
    (package / "inner.py").write_text(INNER.format(package=package.name, by="3.00"))
    assert loaded_loop(package) == (3.0, 1)
    assert loaded_loop(package) == (3.0, 0)


def test_every_loop_of_the_program_is_kept_by_the_sources_of_all_kernels() -> None:
    folder = Path(compiling.__file__).parent
    text = b"".join(file.read_bytes() for file in sorted(folder.glob("*.py")))
    modules = [importlib.import_module(f"depsim.kernels.{file.stem}") for file in folder.glob("[a-z]*.py")]
    loops = {loop for module in modules for loop in vars(module).values() if hasattr(loop, "py_func")}
    kept = {loop.py_func.__name__: loop._cache._cache_file._source_stamp[1] for loop in loops
            if not loop.targetoptions.get("inline")}  # fmt: skip
    assert {"forward", "backward", "fill", "cross_entropy", "adam_step"} <= kept.keys()
    assert set(kept.values()) == {hashlib.sha256(text).hexdigest()}


def test_a_loop_that_no_folder_can_keep_is_compiled_in_memory_and_noted(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        numba.config, "CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator"
    )  # which no folder is given to
    uncached.take_note()
    assert loaded_loop(package)[0] == 2.0
    note = uncached.take_note()
    assert note is not None
    assert "cannot be kept on disk (Numba finds no folder for them that it may write)" in note
    assert "NUMBA_CACHE_DIR=FOLDER" in note
    assert uncached.take_note() is None


def test_a_loop_that_a_full_disk_cannot_keep_is_noted(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: object, _key: object, _data: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "save", full)
    uncached.take_note()
    assert loaded_loop(package)[0] == 2.0
    note = uncached.take_note()
    assert note is not None
    assert "cannot be kept on disk (No space left on device)" in note
    assert list(package.rglob("*.nb?")) == []
