"""A limit on memory: what needs more fails in words, and the command ends as after any failure."""

from __future__ import annotations

import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import depsim
from tests.faults.drivers import Driver
from tests.faults.killing import start_folder
from tests.jobs import TINY

if not Path("/proc/self/statm").exists():
    pytest.skip("tells from /proc how much a process has", allow_module_level=True)

RUN = ["run", *TINY, "treatment=none", "cohort=smoke", "cohort.size=2", "study=s"]
LARGE = "model.hidden=[20000,20000]"
"""Its weights alone are 3 GiB in double precision."""


_HELD: list[bytearray] = []


def _limit(more: int) -> None:
    """What this process has now, and so many bytes more."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, resource.RLIM_INFINITY))


def leave_two_gib() -> None:
    _limit(2 * 2**30)


def leave_almost_nothing() -> None:
    """Once compiled loops are loaded: LLVM ends a process itself where it gets no memory for one."""
    depsim.simulate(*(word for word in RUN[1:] if not word.startswith("study=")))
    _limit(2**22)
    with suppress(MemoryError):
        while True:  # what it has given back to itself, too
            _HELD.append(bytearray(2**16))
    del _HELD[-16:]


@pytest.mark.parametrize("workers", [1, 2])
def test_individuals_that_get_no_memory_fail_in_words(workers: int, tmp_path: Path, new_store: Path) -> None:
    folder = start_folder(tmp_path, new_store)
    words = [word.replace("workers=1", f"workers={workers}") for word in RUN if not word.startswith("model.")]
    driver = Driver(folder, [*words, LARGE], before=leave_two_gib)
    assert driver.code() == 1
    said = driver.err()
    assert "Traceback" not in said
    failed = [line for line in said.splitlines() if line.startswith("failed: ")]
    assert len(failed) == 2
    assert all(": out of memory, asked for 2.98 GiB for an array" in line for line in failed), said
    assert all("set workers or chunk lower" in line for line in failed)


@pytest.mark.parametrize("before", [leave_almost_nothing])
def test_a_command_that_gets_no_memory_says_so(before: Callable[[], None], tmp_path: Path, new_store: Path) -> None:
    folder = start_folder(tmp_path, new_store)
    driver = Driver(folder, RUN, before=before)
    assert driver.code() == 1
    said = driver.err()
    assert "Traceback" not in said, said
    assert "out of memory" in said
