"""Commands where compiled loops cannot be kept on disk: everything is compiled in every process, and said once."""

from __future__ import annotations

from pathlib import Path

from tests.kernels.test_compiling import WORDS, command, compiled, environment

__all__ = ["environment"]

FULL = """
import errno
from numba.core.caching import IndexDataCacheFile

def full(self, key, data):
    raise OSError(errno.ENOSPC, "No space left on device")

IndexDataCacheFile.save = full
"""


def test_without_a_place_for_the_cache_everything_is_computed_and_a_command_says_so_once(
    environment: dict[str, str],
) -> None:
    nowhere = {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator", "NUMBA_CACHE_DIR": "/proc/nowhere"}
    answer = command({**environment, **nowhere}, "run", *WORDS, "treatment=none")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("n=2 (mean") == 1
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
