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


def compiled(environment: dict[str, str], *words: str) -> tuple[list[str], int]:
    """What the processes of a command compile, and how many of them are workers."""
    noted, started = Path(environment["COMPILED"]), Path(environment["STARTED"])
    for file in (noted, started):
        file.write_text("")
    command = [sys.executable, "-m", "depsim", *words]
    answer = subprocess.run(command, env=environment, cwd=noted.parent, capture_output=True, text=True)
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
