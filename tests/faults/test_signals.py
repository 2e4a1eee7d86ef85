"""SIGTERM and SIGHUP end a command as Ctrl-C does, and do nothing where they were ignored at its start."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.drivers import Driver, finished_runs, wait_until
from tests.faults.killing import start_folder, workers_of
from tests.jobs import TINY, statuses

pytestmark = pytest.mark.slow

SIZE = 10
COHORT = ["study=s", "cohort=smoke", f"cohort.size={SIZE}"]
TWO_WORKERS = [word.replace("workers=1", "workers=2") for word in TINY]
RUN = ["run", *TWO_WORKERS, *COHORT, "treatment=ssri", "treatment.epochs=2"]
SWEEP = ["sweep", "paper", *TWO_WORKERS, *COHORT, "treatment=none,neurosteroid"]


def in_one_process(words: list[str]) -> list[str]:
    """The same command without workers, each of which takes seconds to start."""
    return [word.replace("workers=2", "workers=1") for word in words]


ALONE = [*in_one_process(RUN), "chunk=1"]
"""One individual after the other: the first one is written long before the last one."""
TERMINAL = "DEPSIM_TEST_TERMINAL"


def lead_a_group() -> None:
    """As a shell starts a command: in a process group of its own, which is what a terminal signals."""
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup


def ignore_hang_ups() -> None:
    """As under ``nohup``."""
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def take_the_terminal() -> None:
    """Lead a session on a terminal; what is printed goes there."""
    lead_a_group()
    terminal = os.open(os.environ[TERMINAL], os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)
    sys.stdout, sys.stderr = (open(descriptor, "w", closefd=False) for descriptor in (1, 2))  # they were files  # noqa: SIM115


def wait_for_workers(driver: Driver, folder: Path, expected: int = 2) -> list[int]:
    """The workers, when one has finished somebody."""
    wait_until(lambda: len(finished_runs(folder)) >= 1 or not driver.alive, "the first individual")
    workers = workers_of(driver.pid)
    assert len(workers) == expected
    return workers


def assert_it_ended_in_order(folder: Path, workers: list[int]) -> dict[str, str]:
    """No worker is left and no run is open; returns what is finished."""
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    with contextlib.chdir(folder):
        found = statuses("s")
    assert "RUNNING" not in found, found
    before = finished_runs(folder)
    assert before
    return before


def assert_it_goes_on(folder: Path, words: list[str], before: dict[str, str], individuals: int) -> None:
    driver = Driver(folder, in_one_process(words))
    assert driver.code() == 0, driver.err()
    after = finished_runs(folder)
    assert before.items() <= after.items()
    assert (len(after), max(Counter(after.values()).values())) == (individuals, 1)


def test_a_signal_ends_a_command_as_ctrl_c_does(tmp_path: Path, new_store: Path) -> None:
    """In one process; with workers in tests/soak."""
    assert_a_signal_ends_a_command(ALONE, os.kill, signal.SIGTERM, tmp_path, new_store)


def assert_a_signal_ends_a_command(
    words: list[str], send: Callable[[int, int], None], number: signal.Signals, tmp_path: Path, new_store: Path
) -> None:
    individuals, expected = 2 * SIZE if words is SWEEP else SIZE, 0 if words is ALONE else 2
    folder = start_folder(tmp_path, new_store)
    driver = Driver(folder, words, before=lead_a_group)
    workers = wait_for_workers(driver, folder, expected)
    send(driver.pid, number)
    assert driver.code() == 130, driver.err()
    assert "Traceback" not in driver.err()
    last = driver.err().splitlines()[-1]
    assert last == f"interrupted; everything finished is kept. To go on: depsim {' '.join(quoted(words))}"
    before = assert_it_ended_in_order(folder, workers)
    assert len(before) < individuals
    assert_it_goes_on(folder, words, before, individuals)


def quoted(words: list[str]) -> list[str]:
    """As a shell needs them."""
    return [f"'{word}'" if set(word) & set("[]") else word for word in words]


def test_a_terminal_that_is_closed_ends_a_command_in_order(tmp_path: Path, new_store: Path) -> None:
    """Nothing can be printed any more, and the bar is on a terminal that is gone."""
    folder = start_folder(tmp_path, new_store)
    ours, theirs = pty.openpty()
    driver = Driver(folder, ALONE, {TERMINAL: os.ttyname(theirs)}, before=take_the_terminal)
    closing = threading.Event()

    def read() -> None:
        while not closing.is_set():
            os.read(ours, 4096)  # a terminal that nobody reads fills up

    reader = threading.Thread(target=read)
    reader.start()
    try:
        workers = wait_for_workers(driver, folder, 0)
    finally:
        closing.set()
        os.write(theirs, b"enough\n")
        reader.join()
        os.close(ours)
        os.close(theirs)
    assert driver.code() == 130
    assert_it_ended_in_order(folder, workers)
