"""Several machines that share nothing but an MLflow server on PostgreSQL: each has a working directory of its own."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from depsim.api import simulate
from depsim.study.reading import read_study
from depsim.tracking.mlflow_runs import RunWriter
from tests.faults.drivers import Driver
from tests.jobs import TINY, runs
from tests.soak.servers import PASSWORD, Postgres

INDIVIDUALS = 10 + 15 + 10
"""Under none, ketamine and ssri."""


def sweep(treatments: str, first: int, size: int) -> list[str]:
    cohort = [f"cohort.size={size}", f"cohort.first_seed={first}", "cohort.data=individual"]
    return ["sweep", "paper", *TINY, "study=s", f"treatment={treatments}", *cohort]


def finished(client: Any) -> dict[str, str]:
    """Run id to run key of all finished individuals."""
    found = [r for r in runs("s", client=client) if r.info.status == "FINISHED"]
    return {r.info.run_id: r.data.tags["depsim.run_key"] for r in found if "depsim.run_key" in r.data.tags}


def die_at_the_ninth_individual() -> None:
    """SIGKILL when eight are written, however fast or slow whoever looks on is."""
    written, real = itertools.count(), RunWriter.write_outcome

    def write_outcome(self: RunWriter, *args: Any, **more: Any) -> Any:
        if next(written) == 8:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *args, **more)

    RunWriter.write_outcome = write_outcome  # type: ignore[method-assign]


def test_two_machines_one_of_which_is_killed_lose_and_repeat_nobody(
    server: tuple[str, Path], database: Postgres, tmp_path: Path,
    record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from mlflow import MlflowClient

    address, kept = server
    client = MlflowClient(address)
    environment = {
        "MLFLOW_TRACKING_URI": address.replace("//", f"//ada:{PASSWORD}@"),  # the server asks nobody, but it is given
        "SECRET_TOKEN": PASSWORD,
    }

    def start(machine: str, words: list[str], before: Callable[[], None] | None = None) -> Driver:
        folder = tmp_path / machine
        folder.mkdir(exist_ok=True)
        return Driver(folder, words, environment, before)

    # A and B share the arm ketamine of individuals 5 to 9; C has the very same job as A.
    one, two = sweep("none,ketamine", 0, 10), sweep("ketamine,ssri", 5, 10)
    a, b = start("a", one, die_at_the_ninth_individual), start("b", two)
    assert a.code() == -signal.SIGKILL
    before = finished(client)
    assert len(before) >= 8
    c = start("c", one)
    time.sleep(1)
    a = start("a", one)
    for driver in (a, b, c):
        assert driver.code() == 0, driver.err()
    after = finished(client)
    statuses = Counter(r.info.status for r in runs("s", client=client))
    repeated = sum(times - 1 for times in Counter(after.values()).values())
    duplicates = [r for r in runs("s", client=client) if "depsim.duplicate_of" in r.data.tags]
    figures = (
        f"{len(after)} of {INDIVIDUALS} individuals finished, {len(before.keys() - after.keys())} lost after the kill, "
        f"{repeated} repeated, {len(duplicates)} computed twice at once and set aside; {dict(statuses)}"
    )
    record_property("many machines", figures)
    print(figures)
    assert (len(after), repeated) == (INDIVIDUALS, 0)
    assert set(before.values()) <= set(after.values())
    assert statuses["RUNNING"] == 0
    assert {each.data.tags["depsim.duplicate_of"] for each in duplicates} <= after.keys()
    arms = {arm.treatment: arm for arm in read_study(client, "s").arms}
    assert {name: arm.seeds for name, arm in arms.items()} == {
        "none": tuple(range(10)),
        "ketamine": tuple(range(15)),
        "ssri": tuple(range(5, 15)),
    }
    alone = simulate(
        "treatment=ketamine", *TINY, "cohort=paper", "cohort.size=15", "cohort.first_seed=0", "cohort.data=individual"
    )
    for name in ("treated/combined", "relapse_drop", "dose/l1"):
        assert arms["ketamine"].values(name).tolist() == alone.metrics[name].tolist()
    assert PASSWORD.encode() not in database.dump()
    files = [path for folder in (kept, tmp_path) for path in folder.rglob("*") if path.is_file() and path.name != "log"]
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
    assert len(list(kept.glob("artifacts/**/masks.npz"))) >= INDIVIDUALS
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert start("a", one).code() == 0
    assert finished(client) == after
