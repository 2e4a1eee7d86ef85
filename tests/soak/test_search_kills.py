"""A search whose process is killed again and again ends as if it never had been."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.faults.drivers import Driver, wait_until
from tests.jobs import runs, statuses
from tests.searches import SMALL, optuna_trials, search_run, states, table, write_search

TRIALS, KILLS = 30, 10


def start(folder: Path, *words: str) -> Driver:
    (folder / "err").unlink(missing_ok=True)  # what the one before has said
    return Driver(folder, ["sweep", "mine", *SMALL, "cohort.size=2", *words])


def trials_told(driver: Driver) -> int:
    """How many trials the command has said to have finished."""
    with contextlib.suppress(FileNotFoundError):  # it is only beginning
        lines = driver.err().splitlines()
        return sum(line.startswith("note: trial ") and "its process ended" not in line for line in lines)
    return 0


def kill_at_work(driver: Driver, trials: int, delay: float) -> None:
    """Kill a command some time after so many trials of its own."""
    wait_until(lambda: trials_told(driver) >= trials or not driver.alive, f"{trials} trials")
    time.sleep(delay)
    driver.kill()


def test_ten_kills_of_a_search_of_thirty_trials(project: Path, record_property: Callable[[str, object], None]) -> None:
    random = np.random.default_rng(20)
    write_search(project, n_trials=TRIALS, sampler={"name": "TPESampler", "n_startup_trials": 5})
    for _ in range(KILLS):
        kill_at_work(start(project), int(random.integers(1, 4)), float(random.uniform(0, 0.3)))
    driver = start(project)
    assert driver.code() == 0, driver.err()
    trials = optuna_trials(project)
    orphans = [trial.number for trial in trials if trial.state.name == "FAIL"]
    counts = dict(Counter(states(trials)))
    figures = f"{KILLS} kills, {len(orphans)} of them at a trial: {counts} of {TRIALS} asked for"
    record_property("kills of a search", figures)
    print(figures)
    assert orphans
    assert set(states(trials)) == {"COMPLETE", "FAIL"}
    assert states(trials).count("COMPLETE") == TRIALS
    assert "RUNNING" not in statuses("mine")
    assert search_run().info.status == "FINISHED"
    for trial in trials:  # whoever has been replaced, has been replaced once, at the same point if it had a whole one
        if trial.number in orphans:
            (other,) = [t for t in trials if t.user_attrs.get("replaces") == trial.number]
            assert len(trial.params) < len(other.params) or other.params == trial.params
    finished = [r.data.tags["depsim.run_key"] for r in runs("mine") if "depsim.run_key" in r.data.tags
                and r.info.status == "FINISHED"]  # fmt: skip
    assert len(finished) == len(set(finished))
    assert len(table(search_run(), "history.csv")) == len(trials)
    whole = start(project, "study=whole")
    assert whole.code() == 0, whole.err()
    expected = [(trial.params, trial.value) for trial in optuna_trials(project, "whole/mine")]
    assert [(t.params, t.value) for t in trials if t.state.name == "COMPLETE"] == expected
    assert len({json.dumps(params) for params, _ in expected}) > TRIALS / 2
