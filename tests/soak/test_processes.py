"""Commands that are started together, as processes of their own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from alembic.runtime.migration import HeadMaintainer

from tests.faults.drivers import Driver
from tests.jobs import TREATMENTS, finished_keys, runs, statuses, tiny
from tests.tracking.test_new_store import RUN

UPDATE = HeadMaintainer.update_to_step


def launch(folder: Path, name: str, words: list[str]) -> Driver:
    """A command in a folder; what it prints goes to a folder of that name."""
    said = folder / "said" / name
    said.mkdir(parents=True)
    return Driver(folder, ["run", *words], said=said)


def test_four_processes_start_at_once_on_a_fresh_store(empty: Path) -> None:
    began = time.time()
    drivers = [launch(empty, name, tiny(name, "seed=1", "study=s")) for name in TREATMENTS]
    codes = [driver.code() for driver in drivers]
    assert codes == [0] * 4, [driver.err() for driver in drivers]
    assert not any("Traceback" in driver.err() for driver in drivers)
    assert statuses("s", kind="condition") == {"FINISHED": 4}
    assert {r.data.tags["depsim.treatment"] for r in runs("s")} == set(TREATMENTS)
    (file,) = empty.glob("mlruns/cache/healthy/??/*.safetensors")
    assert file.stat().st_ctime >= began
    assert len({r.data.metrics["healthy/combined"] for r in runs("s")}) == 1


def test_two_processes_with_one_job_do_it_once(empty: Path) -> None:
    words = tiny("none", "cohort=smoke", "study=s", "cohort.size=40")
    drivers = [launch(empty, name, words) for name in ("one", "other")]
    codes = sorted(driver.code() for driver in drivers)
    assert codes in ([0, 0], [0, 1])
    assert len(finished_keys("s")) == len(set(finished_keys("s"))) == 40
    if codes == [0, 1]:
        (said,) = [driver.err() for driver in drivers if driver.code() == 1]
        assert "Traceback" not in said
        assert str(next(driver.pid for driver in drivers if driver.code() == 0)) in said


def die_at_the_thirtieth_migration() -> None:
    """Called in the process of a command."""
    count = 0

    def update(self: HeadMaintainer, step: Any) -> None:
        nonlocal count
        count += 1
        if count == 30:
            os.kill(os.getpid(), signal.SIGKILL)
        UPDATE(self, step)

    HeadMaintainer.update_to_step = update  # type: ignore[method-assign]


def test_a_command_that_is_killed_while_the_store_is_made_goes_on(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    said = tmp_path_factory.mktemp("said")
    driver = Driver(tmp_path, RUN, before=die_at_the_thirtieth_migration, said=said)
    assert driver.code() == -signal.SIGKILL
    assert not (tmp_path / "mlruns" / "mlflow.db").exists()
    driver = Driver(tmp_path, RUN, said=said)
    assert driver.code() == 0, driver.err()
    assert not list(tmp_path.rglob(".unfinished-*"))
