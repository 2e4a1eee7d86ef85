"""A sweep that is killed again and again, at any size: nothing is lost, nothing is done twice, the same bytes."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from depsim.tracking.mlflow_store import open_client, run_curves
from tests.faults.drivers import Driver, finished_runs, wait_until
from tests.jobs import TINY, artifacts, runs

ARMS = ("none", "neurosteroid")
Found = tuple[bytes, dict[str, Any]]
"""What a command printed, and what it left."""


def sweep(people: int) -> list[str]:
    """Two conditions on so many individuals."""
    return [
        "sweep", "paper", *TINY, "study=s", f"treatment={','.join(ARMS)}",
        f"cohort.size={people}", "cohort.first_seed=0", "cohort.data=individual",
    ]  # fmt: skip


def stress_cycles(people: int) -> list[str]:
    """A course that is long and forks late: four conditions."""
    return [
        "sweep", "stress_cycles", *TINY, "study=s", "treatment=ssri,neurosteroid", "follow_up.maintenance=own,withheld",
        "follow_up.cycles=2", f"cohort.size={people}", "cohort.first_seed=0", "cohort.data=individual",
    ]  # fmt: skip


def start_folder(parent: Path, new_store: Path) -> Path:
    folder = parent / "project"
    (folder / "mlruns").mkdir(parents=True)
    (folder / "mlruns" / "mlflow.db").write_bytes(new_store.read_bytes())
    return folder


def all_that_was_found(folder: Path) -> dict[str, Any]:
    """Everything scientific that a finished sweep left, and nothing that differs from one run of it to the next."""
    with contextlib.chdir(folder):
        client, everyone = open_client(), runs("s")
        people = [r for r in everyone if r.info.status == "FINISHED" and "depsim.run_key" in r.data.tags]
        parents = [r for r in everyone if r.data.tags["depsim.kind"] == "condition"]
        individuals = {
            r.data.tags["depsim.run_key"]: (
                sorted(r.data.metrics.items()),
                {name: (artifacts(r) / name).read_bytes() for name in ("masks.npz", "layer_sparsity.csv")},
            )
            for r in people
        }
        conditions = {
            r.data.tags["depsim.arm_key"]: (
                r.info.status,
                sorted(r.data.metrics.items()),
                {
                    name: sorted((m.step, m.value) for m in client.get_metric_history(r.info.run_id, name))
                    for name in run_curves(r)
                },
                without_run_ids((artifacts(r) / "individuals.csv").read_text()),
                (artifacts(r) / "masks.png").read_bytes(),
            )
            for r in parents
        }
    return {"individuals": individuals, "conditions": conditions}


def without_run_ids(table: str) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(table)))
    place = rows[0].index("run_id")
    return [row[:place] + row[place + 1 :] for row in rows]


def undisturbed(parent: Path, new_store: Path, words: Sequence[str]) -> Found:
    """What a command prints and leaves when nobody disturbs it."""
    folder = start_folder(parent, new_store)
    driver = Driver(folder, words)
    assert driver.code() == 0, driver.err()
    return driver.out(), all_that_was_found(folder)


def assert_kills_of_the_driver_show_nowhere(
    folder: Path, words: Sequence[str], moments: Sequence[int], expected: Found, seed: int
) -> str:
    """Kill the driver shortly after so many individuals have finished, each time; the figures."""
    random, seen, individuals = np.random.default_rng(seed), dict[str, str](), len(expected[1]["individuals"])
    for count in moments:
        driver = Driver(folder, words)
        wait_until(lambda: len(finished_runs(folder)) >= count or not driver.alive, f"{count} individuals")  # noqa: B023
        time.sleep(random.uniform(0, 0.3))
        driver.kill()
        found = finished_runs(folder)
        assert seen.items() <= found.items(), f"lost after the kill at {count}"
        seen = found
    driver = Driver(folder, words)
    assert driver.code() == 0, driver.err()
    last = finished_runs(folder)
    lost = seen.keys() - last.keys()
    repeated = [key for key, times in Counter(last.values()).items() if times > 1]
    with contextlib.chdir(folder):
        statuses = Counter(run.info.status for run in runs("s"))
    assert (len(lost), repeated, len(last)) == (0, [], individuals)
    assert statuses["FINISHED"] == individuals + len(expected[1]["conditions"])
    assert set(statuses) <= {"FINISHED", "KILLED"}
    assert statuses["KILLED"] <= len(moments)
    assert driver.out() == expected[0]
    assert all_that_was_found(folder) == expected[1]
    return f"{len(moments)} kills at {list(moments)} finished individuals: 0 lost, 0 repeated; {dict(statuses)}"


def assert_kills_of_workers_show_nowhere(folder: Path, words: Sequence[str], expected: Found) -> None:
    """Kill a worker at the start and one in the middle."""
    driver = Driver(folder, [word.replace("workers=1", "workers=2") for word in words])
    for count in (1, len(expected[1]["individuals"]) // 2):
        wait_until(lambda: len(finished_runs(folder)) >= count or not driver.alive, f"{count} individuals")  # noqa: B023
        os.kill(min(workers_of(driver.pid)), signal.SIGKILL)
    assert driver.code() == 0, driver.err()
    assert driver.err().count("note: a worker ended (killed by signal 9); its work is taken up again") == 2
    assert Counter(finished_runs(folder).values()).most_common(1)[0][1] == 1
    assert driver.out() == expected[0]
    assert all_that_was_found(folder) == expected[1]


def assert_processes_share_a_fresh_store(folder: Path, processes: int, people: int) -> None:
    """Several commands at once begin in one folder without a store."""
    drivers = []
    for number in range(processes):
        (folder / str(number)).mkdir()
        seeds = f"cohort.seeds=[{','.join(str(seed) for seed in range(people * number, people * (number + 1)))}]"
        words = ["run", *TINY, "study=s", "cohort=smoke", seeds, "treatment=none"]
        drivers.append(Driver(folder, words, said=folder / str(number)))
    codes = [driver.code() for driver in drivers]
    assert codes == [0] * processes, [driver.err() for driver in drivers]
    with contextlib.chdir(folder):
        statuses = Counter((r.data.tags["depsim.kind"], r.info.status) for r in runs("s"))
    assert statuses == {("individual", "FINISHED"): processes * people, ("condition", "FINISHED"): processes}
    assert len(set(finished_runs(folder).values())) == processes * people
    assert not any("locked" in driver.err() for driver in drivers)


def workers_of(driver: int) -> list[int]:
    """Worker processes of a driver."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == driver and b"depsim.execution.worker" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found
