"""Signals to a search, and to commands that were started under ``nohup``."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.drivers import Driver, finished_runs, wait_until
from tests.faults.killing import start_folder, workers_of
from tests.faults.test_signals import (
    RUN,
    SIZE,
    SWEEP,
    assert_a_signal_ends_a_command,
    assert_it_ended_in_order,
    ignore_hang_ups,
    in_one_process,
    lead_a_group,
    wait_for_workers,
)
from tests.jobs import statuses
from tests.searches import SMALL, write_search


@pytest.mark.parametrize(
    ("words", "send", "number"),
    [(RUN, os.kill, signal.SIGTERM), (RUN, os.killpg, signal.SIGHUP), (SWEEP, os.killpg, signal.SIGTERM)],
)
def test_a_signal_ends_a_command_as_ctrl_c_does(
    words: list[str], send: Callable[[int, int], None], number: signal.Signals, tmp_path: Path, new_store: Path
) -> None:
    assert_a_signal_ends_a_command(words, send, number, tmp_path, new_store)


def test_a_signal_ends_a_search_and_its_trials_are_handed_on(tmp_path: Path, new_store: Path) -> None:
    folder = start_folder(tmp_path, new_store)
    write_search(folder, n_trials=8, batch=2)
    words = ["sweep", "mine", *(word.replace("workers=1", "workers=2") for word in SMALL), "study=s"]
    driver = Driver(folder, words, before=lead_a_group)
    workers = wait_for_workers(driver, folder)
    os.kill(driver.pid, signal.SIGTERM)
    assert driver.code() == 130, driver.err()
    assert "To go on: depsim sweep mine" in driver.err().splitlines()[-1]
    before = assert_it_ended_in_order(folder, workers)
    driver = Driver(folder, in_one_process(words))
    assert driver.code() == 0, driver.err()
    assert before.items() <= finished_runs(folder).items()
    with contextlib.chdir(folder):
        assert "RUNNING" not in statuses("s")


def test_a_hang_up_that_was_ignored_at_the_start_changes_nothing(tmp_path: Path, new_store: Path) -> None:
    folder = start_folder(tmp_path, new_store)
    driver = Driver(folder, RUN, before=ignore_hang_ups)
    workers = wait_for_workers(driver, folder)
    os.killpg(driver.pid, signal.SIGHUP)
    wait_until(lambda: len(finished_runs(folder)) > SIZE // 2 or not driver.alive, "half of the individuals")
    assert set(workers_of(driver.pid)) <= set(workers)
    assert driver.code() == 0, driver.err()
    assert "a worker ended" not in driver.err()
    with contextlib.chdir(folder):
        assert statuses("s") == {"FINISHED": SIZE + 1}


def test_a_termination_ends_a_command_that_ignores_hang_ups(tmp_path: Path, new_store: Path) -> None:
    folder = start_folder(tmp_path, new_store)
    driver = Driver(folder, RUN, before=ignore_hang_ups)
    workers = wait_for_workers(driver, folder)
    os.kill(driver.pid, signal.SIGTERM)
    assert driver.code() == 130, driver.err()
    assert_it_ended_in_order(folder, workers)
