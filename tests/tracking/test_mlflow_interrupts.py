"""Ctrl-C, SIGTERM or SIGHUP in the middle of writing a run: no run stays open, and nothing finished is done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from depsim.tracking import mlflow_job, mlflow_runs
from depsim.tracking.mlflow_runs import RunWriter
from tests.jobs import finished_keys, run, spec, statuses

pytestmark = pytest.mark.slow  # whole jobs on a store

COHORTS = {"two": ("cohort=smoke", "cohort.size=2", "study=s"), "one": ("seed=1", "study=s")}
WRITES = ("_create", "write_batch", "write_files")


def interrupt(patch: pytest.MonkeyPatch, name: str, call: int) -> None:
    """Let a key be pressed when something has been written for the n-th time."""
    homes = [RunWriter] if name == "_create" else [mlflow_runs, mlflow_job]
    real: Callable[..., Any] = getattr(homes[0], name)
    count = 0

    def interrupted(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        found = real(*arguments, **named)
        if count == call:
            raise KeyboardInterrupt
        return found

    for home in homes:
        patch.setattr(home, name, interrupted, raising=False)


def is_reached(who: str, name: str, call: int) -> bool:
    """A cohort of one has one run, and files of the individual and of the condition in it."""
    return who == "two" or call == 1 or name != "_create"


PLACES = [(who, name, call) for who in COHORTS for name in WRITES for call in (1, 2) if is_reached(who, name, call)]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("who", "name", "call"), PLACES)
def test_no_run_stays_open(project: Path, who: str, name: str, call: int) -> None:
    wanted = spec("none", *COHORTS[who])
    with pytest.MonkeyPatch.context() as patch:
        interrupt(patch, name, call)
        with pytest.raises(KeyboardInterrupt):
            run(wanted)
    assert "RUNNING" not in statuses("s")
    before = finished_keys("s")
    run(wanted)
    after = finished_keys("s")
    assert set(before) <= set(after)
    assert set(Counter(after).values()) == {1}
    assert len(after) == len(wanted.job.seeds)
    assert "RUNNING" not in statuses("s")
