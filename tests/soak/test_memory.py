"""A limit on memory: what needs more fails in words, and the command ends as after any failure."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest

from depsim.execution import runner
from tests.faults.drivers import Driver
from tests.faults.killing import start_folder
from tests.jobs import TINY

if not Path("/proc/self/statm").exists():
    pytest.skip("tells from /proc how much a process has", allow_module_level=True)

RUN = ["run", *TINY, "treatment=none", "cohort=smoke", "cohort.size=2", "study=s"]
LARGE = "model.hidden=[20000,20000]"
"""Its weights alone are 3 GiB in double precision."""


def leave_two_gib() -> None:
    """Beside what this process has now."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + 2 * 2**30, resource.RLIM_INFINITY))


def need_more_than_there_is() -> None:
    """Of the command itself, before any individual."""
    leave_two_gib()
    plan = runner.plan_work

    def large(*arguments: Any) -> Any:
        return plan(*arguments), bytearray(2**33)

    runner.plan_work = large


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


def test_a_command_that_gets_no_memory_says_so(tmp_path: Path, new_store: Path) -> None:
    folder = start_folder(tmp_path, new_store)
    driver = Driver(folder, RUN, before=need_more_than_there_is)
    assert driver.code() == 1
    said = driver.err()
    assert "Traceback" not in said, said
    assert "depsim: out of memory: set workers or chunk lower" in said
    assert "everything finished is kept. To go on: depsim run" in said
