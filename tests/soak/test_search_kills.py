"""A search whose process is killed again and again ends as if it never had been."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

import depsim
from tests.jobs import runs, statuses
from tests.searches import SMALL, optuna_trials, search_run, states, table, write_search

SOURCES = str(Path(depsim.__file__).parent.parent)
TRIALS, KILLS = 30, 10


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "depsim", "sweep", "mine", *SMALL, "cohort.size=2", *words]
    environment = os.environ | {"PYTHONPATH": SOURCES}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def kill_at_work(process: subprocess.Popen[str], trials: int, delay: float) -> bool:
    """Kill a driver some time after its so-manieth trial; whether it was still at work."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("note: trial ") and "its process ended" not in line:
            if trials == 0:
                break
            trials -= 1
    time.sleep(delay)
    process.kill()
    process.stderr.close()
    return process.wait() == -9


def test_ten_kills_of_a_search_of_thirty_trials(project: Path, record_property: Callable[[str, object], None]) -> None:
    random = np.random.default_rng(20)
    write_search(project, n_trials=TRIALS, sampler={"name": "TPESampler", "n_startup_trials": 5})
    kills = 0
    for _ in range(KILLS):
        kills += kill_at_work(start(project), int(random.integers(0, 3)), float(random.uniform(0, 0.6)))
    assert kills == KILLS
    process = start(project)
    said = process.communicate(timeout=300)[1]
    assert process.returncode == 0, said
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
    whole.communicate(timeout=300)
    assert whole.returncode == 0
    expected = [(trial.params, trial.value) for trial in optuna_trials(project, "whole/mine")]
    assert [(t.params, t.value) for t in trials if t.state.name == "COMPLETE"] == expected
    assert len({json.dumps(params) for params, _ in expected}) > TRIALS / 2
