"""A disk that is full or cannot be written: one clear message, nothing half under a final name; later it goes on."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from depsim.execution.healthy_store import _read
from depsim.tracking.mlflow_individuals import outcome_of
from depsim.tracking.mlflow_store import open_client
from tests.faults.drivers import Driver, finished_runs
from tests.jobs import TINY, runs, statuses
from tests.searches import SMALL, optuna_trials, states, write_search

SWEEP = ["sweep", "paper", *TINY, "study=s", "treatment=none,ssri", "cohort=smoke", "cohort.size=15"]
INDIVIDUALS, TRIALS = 30, 12
ROOM = 2_600_000
"""Bytes: the empty database and a few individuals."""


def limit_files() -> None:
    """No file may grow beyond what the empty database and a few individuals take."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_400_000, resource.RLIM_INFINITY))


@pytest.fixture
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("said")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, with little room."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(tmp_path)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


def start(folder: Path, new_store: Path) -> None:
    (folder / "mlruns").mkdir()
    shutil.copy(new_store, folder / "mlruns" / "mlflow.db")


def assert_nothing_is_half(folder: Path) -> None:
    """Every file under a final name is whole, and everything that counts as finished can be read."""
    for path in folder.glob("mlruns/cache/healthy/??/*.safetensors"):
        _read(path, path.stem)
    assert list(folder.rglob(".unfinished-*")) == []
    with contextlib.chdir(folder):
        client = open_client()
        people = [r for r in runs("s", kind="individual") if r.info.status == "FINISHED"]
        assert {outcome_of(client, r).seed for r in people} <= set(range(15))


def assert_it_goes_on(folder: Path, said: Path, before: dict[str, str]) -> None:
    driver = Driver(folder, SWEEP, said=said)
    assert driver.code() == 0, driver.err()
    after = finished_runs(folder)
    assert before.items() <= after.items()
    assert (len(after), max(Counter(after.values()).values())) == (INDIVIDUALS, 1)


def assert_it_stopped_in_order(driver: Driver) -> None:
    assert driver.code() == 1
    text = driver.err()
    assert "Traceback" not in text
    last = text.splitlines()[-1]
    assert last.startswith("depsim: ")
    assert "everything finished is kept. To go on: depsim sweep paper" in last or "No space left" in last


def test_a_full_disk(
    small_disk: Path, said: Path, new_store: Path, record_property: Callable[[str, object], None]
) -> None:
    start(small_disk, new_store)
    driver = Driver(small_disk, SWEEP, said=said)
    assert_it_stopped_in_order(driver)
    remount(small_disk, "size=64m")
    before = finished_runs(small_disk)
    record_property("full disk", f"{len(before)} of {INDIVIDUALS} finished before it was full")
    assert 0 < len(before) < INDIVIDUALS
    assert_nothing_is_half(small_disk)
    assert_it_goes_on(small_disk, said, before)


def test_a_disk_that_fills_up_during_a_search(
    small_disk: Path, said: Path, new_store: Path, record_property: Callable[[str, object], None]
) -> None:
    start(small_disk, new_store)
    write_search(small_disk, n_trials=TRIALS, sampler="RandomSampler")
    words = ["sweep", "mine", *SMALL]
    driver = Driver(small_disk, words, said=said)
    assert driver.code() == 1
    text = driver.err()
    assert "Traceback" not in text
    assert text.splitlines()[-1].startswith("depsim: ")
    remount(small_disk, "size=64m")
    before = finished_runs(small_disk)
    done = states(optuna_trials(small_disk)).count("COMPLETE") if (small_disk / "mlruns/optuna.db").exists() else 0
    record_property("full disk, search", f"{done} of {TRIALS} trials were finished before it was full")
    assert done < TRIALS
    assert_nothing_is_half(small_disk)
    driver = Driver(small_disk, words, said=said)
    assert driver.code() == 0, driver.err()
    assert before.items() <= finished_runs(small_disk).items()
    assert states(optuna_trials(small_disk)).count("COMPLETE") == TRIALS
    with contextlib.chdir(small_disk):
        assert "RUNNING" not in statuses("mine")


def test_a_limit_on_the_size_of_files(tmp_path: Path, said: Path, new_store: Path) -> None:
    start(tmp_path, new_store)
    assert_it_stopped_in_order(Driver(tmp_path, SWEEP, before=limit_files, said=said))
    before = finished_runs(tmp_path)
    assert len(before) < INDIVIDUALS
    assert_nothing_is_half(tmp_path)
    assert_it_goes_on(tmp_path, said, before)


@pytest.mark.parametrize("stored", [False, True], ids=["nothing yet", "a study"])
def test_a_disk_that_cannot_be_written(stored: bool, small_disk: Path, said: Path, new_store: Path) -> None:
    remount(small_disk, "size=64m")
    if stored:
        start(small_disk, new_store)
        assert Driver(small_disk, [*SWEEP, "cohort.size=2"], said=said).code() == 0
    remount(small_disk, "ro")
    before = {path: path.read_bytes() for path in small_disk.rglob("*") if path.is_file()}
    for words in (SWEEP, ["run", *TINY, "seed=1"]):
        driver = Driver(small_disk, words, said=said)
        assert driver.code() == 1
        assert driver.err().startswith("depsim: Read-only file system: ")
        assert len(driver.err().splitlines()) == 1
    assert {path: path.read_bytes() for path in small_disk.rglob("*") if path.is_file()} == before
    driver = Driver(small_disk, ["run", *TINY, "seed=1", "tracking=none"], said=said)
    assert driver.code() == 0, driver.err()
