"""Searches of every sampler that are interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.jobs import depsim
from tests.search.test_search import new_trials, project, watch
from tests.searches import SMALL, optuna_trials, states, write_search

__all__ = ["new_trials", "project"]


@pytest.mark.parametrize(
    "sampler",
    [
        "RandomSampler",
        {"name": "GPSampler", "n_startup_trials": 2},
        {"name": "NSGAIISampler", "population_size": 2},
        {"name": "TPESampler", "n_startup_trials": 2, "multivariate": False},
    ],
)
def test_every_sampler_goes_on_as_if_never_interrupted(
    project: Path, sampler: dict[str, Any] | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_search(project, "whole", sampler=sampler, n_trials=6)
    write_search(project, "parts", sampler=sampler, n_trials=6)
    small = [*SMALL, "cohort.size=2"]
    assert depsim("sweep", "whole", *small) == 0
    assert depsim("sweep", "parts", *small, "search.n_trials=2") == 0
    with monkeypatch.context() as patch:
        watch(patch, interrupt_after=0)
        run = depsim("sweep", "parts", *small)
    trials = optuna_trials(project, "parts")
    if run == 130:  # else the individuals of the other search were there already
        assert states(trials).count("FAIL") == 1
    assert depsim("sweep", "parts", *small) == 0
    whole = [(trial.params, trial.value) for trial in optuna_trials(project, "whole")]
    parts = [(t.params, t.value) for t in optuna_trials(project, "parts") if t.state.name == "COMPLETE"]
    assert parts == whole
    assert len({json.dumps(params) for params, _ in whole}) > 2
