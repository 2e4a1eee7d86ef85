"""The driver or a worker is killed: nothing finished is lost, nothing is done twice, the results are the same bytes."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depsim.tracking.mlflow_store import open_client, run_curves
from tests.faults.drivers import Driver, finished_runs, wait_until
from tests.jobs import TINY, artifacts, runs

pytestmark = pytest.mark.slow

PEOPLE, ARMS, KILLS = 40, ("none", "neurosteroid"), 20
INDIVIDUALS = PEOPLE * len(ARMS)
SWEEP = [
    "sweep", "paper", *TINY, "study=s", f"treatment={','.join(ARMS)}",
    f"cohort.size={PEOPLE}", "cohort.first_seed=0", "cohort.data=individual",
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


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> tuple[bytes, dict[str, Any]]:
    """What the sweep prints and leaves when nobody disturbs it."""
    folder = start_folder(tmp_path_factory.mktemp("uninterrupted"), new_store)
    driver = Driver(folder, SWEEP)
    assert driver.code() == 0, driver.err()
    return driver.out(), all_that_was_found(folder)


def test_a_sweep_that_is_killed_twenty_times_loses_and_repeats_nobody(
    tmp_path: Path, new_store: Path, uninterrupted: tuple[bytes, dict[str, Any]],
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    folder = start_folder(tmp_path, new_store)
    random = np.random.default_rng(4)
    moments = sorted(random.integers(0, INDIVIDUALS + 1, KILLS).tolist())
    seen: dict[str, str] = {}
    for count in moments:
        driver = Driver(folder, SWEEP)
        wait_until(lambda: len(finished_runs(folder)) >= count or not driver.alive, f"{count} individuals")  # noqa: B023
        time.sleep(random.uniform(0, 0.3))
        driver.kill()
        found = finished_runs(folder)
        assert seen.items() <= found.items(), f"lost after the kill at {count}"
        seen = found
    driver = Driver(folder, SWEEP)
    assert driver.code() == 0, driver.err()
    last = finished_runs(folder)
    lost = seen.keys() - last.keys()
    repeated = [key for key, times in Counter(last.values()).items() if times > 1]
    with contextlib.chdir(folder):
        statuses = Counter(run.info.status for run in runs("s"))
    figures = (
        f"{KILLS} kills at {moments} finished individuals: {len(lost)} lost, {len(repeated)} repeated; {dict(statuses)}"
    )
    record_property("kills of the driver", figures)
    print(figures)
    assert (len(lost), repeated, len(last)) == (0, [], INDIVIDUALS)
    assert statuses["FINISHED"] == INDIVIDUALS + len(ARMS)
    assert set(statuses) <= {"FINISHED", "KILLED"}
    assert statuses["KILLED"] <= KILLS
    printed, expected = uninterrupted
    assert driver.out() == printed
    assert all_that_was_found(folder) == expected


def test_a_sweep_goes_on_when_workers_are_killed_and_ends_the_same(
    tmp_path: Path, new_store: Path, uninterrupted: tuple[bytes, dict[str, Any]]
) -> None:
    folder = start_folder(tmp_path, new_store)
    driver = Driver(folder, [word.replace("workers=1", "workers=2") for word in SWEEP])
    for count in (1, INDIVIDUALS // 2):
        wait_until(lambda: len(finished_runs(folder)) >= count or not driver.alive, f"{count} individuals")  # noqa: B023
        os.kill(min(workers_of(driver.pid)), signal.SIGKILL)
    assert driver.code() == 0, driver.err()
    assert driver.err().count("note: a worker ended (killed by signal 9); its work is taken up again") == 2
    assert Counter(finished_runs(folder).values()).most_common(1)[0][1] == 1
    printed, expected = uninterrupted
    assert driver.out() == printed
    assert all_that_was_found(folder) == expected


def test_stress_cycles_that_are_killed_go_on_and_end_the_same(tmp_path: Path, new_store: Path) -> None:
    """A course that is long and forks late: 24 individuals' arms, the driver killed four times."""
    words = [
        "sweep", "stress_cycles", *TINY, "study=s", "treatment=ssri,neurosteroid", "follow_up.maintenance=own,withheld",
        "follow_up.cycles=2", "cohort.size=6", "cohort.first_seed=0", "cohort.data=individual",
    ]  # fmt: skip
    whole, folder = (start_folder(tmp_path / name, new_store) for name in ("whole", "killed"))
    undisturbed = Driver(whole, words)
    assert undisturbed.code() == 0, undisturbed.err()
    random = np.random.default_rng(9)
    for count in (0, 3, 9, 17):
        driver = Driver(folder, words)
        wait_until(lambda: len(finished_runs(folder)) >= count or not driver.alive, f"{count} individuals")  # noqa: B023
        time.sleep(random.uniform(0, 0.3))
        driver.kill()
    driver = Driver(folder, words)
    assert driver.code() == 0, driver.err()
    assert len(finished_runs(folder)) == 24
    found, expected = all_that_was_found(folder), all_that_was_found(whole)
    assert found == expected
    metrics = [dict(metrics) for metrics, _ in found["individuals"].values()]
    assert all({"maintained/combined/2", "follow_up/relapse_free_cycles"} <= own.keys() for own in metrics)


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


def test_four_processes_on_one_fresh_store_record_fifty_individuals_each(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    drivers = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        seeds = f"cohort.seeds=[{','.join(str(seed) for seed in range(50 * number, 50 * number + 50))}]"
        words = ["run", *TINY, "study=s", "cohort=smoke", seeds, "treatment=none"]
        drivers.append(Driver(tmp_path, words, said=tmp_path / str(number)))
    codes = [driver.code() for driver in drivers]
    assert codes == [0] * 4, [driver.err() for driver in drivers]
    with contextlib.chdir(tmp_path):
        statuses = Counter((r.data.tags["depsim.kind"], r.info.status) for r in runs("s"))
    figures = f"four processes, fifty individuals each: {len(finished_runs(tmp_path))} of 200; {dict(statuses)}"
    record_property("four processes", figures)
    print(figures)
    assert statuses == {("individual", "FINISHED"): 200, ("condition", "FINISHED"): 4}
    assert len(set(finished_runs(tmp_path).values())) == 200
    assert not any("locked" in driver.err() for driver in drivers)
