"""Loops are compiled once on a machine: what comes later loads them from the cache, in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import depsim
from tests.jobs import TINY

pytestmark = pytest.mark.slow

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
FULL = """
import errno
from numba.core.caching import IndexDataCacheFile

def full(self, key, data):
    raise OSError(errno.ENOSPC, "No space left on device")

IndexDataCacheFile.save = full
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


def test_a_second_run_compiles_nothing_in_any_process(environment: dict[str, str]) -> None:
    words = ("run", "-m", *WORDS, "treatment=none,ketamine,ssri,neurosteroid")
    first, workers = compiled(environment, *words)
    assert first
    assert workers == 2
    cache = Path(environment["NUMBA_CACHE_DIR"])
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")}
    assert before
    assert compiled(environment, *words) == ([], 2)
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.nb?")} == before


def test_without_a_place_for_the_cache_everything_is_computed_and_a_command_says_so_once(
    environment: dict[str, str],
) -> None:
    nowhere = {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator", "NUMBA_CACHE_DIR": "/proc/nowhere"}
    answer = command({**environment, **nowhere}, "run", "-m", *WORDS, "treatment=none,ssri")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("n=2 (mean") == 2
    notes = [line for line in answer.stderr.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "cannot be kept on disk" in notes[0]
    assert "NUMBA_CACHE_DIR=FOLDER" in notes[0]


def test_a_full_disk_of_the_cache_does_no_harm(environment: dict[str, str]) -> None:
    site = Path(environment["COMPILED"]).parent / "site" / "sitecustomize.py"
    site.write_text(FULL)
    answer = command(environment, "run", *(word.replace("workers=2", "workers=1") for word in WORDS))
    assert answer.returncode == 0, answer.stderr
    notes = [line for line in answer.stderr.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "cannot be kept on disk (No space left on device)" in notes[0]
