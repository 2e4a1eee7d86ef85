"""Small searches for tests: a sweep file of one's own, and what its search left."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from optuna.trial import FrozenTrial, TrialState

from depsim.study.objective import Objective
from tests.jobs import SMALL as SETTINGS
from tests.jobs import TINY, artifacts, depsim, runs

SMALL = [*TINY, "treatment.scoring_batches=2"]
"""Overrides that make a ketamine trial take a tenth of a second."""


def objective(metric: str, direction: str = "maximise", statistic: str = "mean") -> Objective:
    """What a search is after."""
    return Objective.model_validate({"metric": metric, "direction": direction, "statistic": statistic})


def search_block(**changes: Any) -> dict[str, Any]:
    """A search over two settings of ketamine, small in all respects."""
    return {
        "space": {"treatment.regrow_fraction": "interval(0.1,0.8)", "treatment.epochs": "int(interval(0,2))"},
        "objectives": [{"metric": "treated/combined", "direction": "maximise", "statistic": "mean"}],
        "constraints": [],
        "n_trials": 4,
        "batch": 1,
        "sampler": "TPESampler",
        "pruner": "NopPruner",
        "fresh": {"size": 2, "first_seed": 50},
    } | changes


def write_search(folder: Path, name: str = "mine", settings: dict[str, Any] | None = None, **changes: Any) -> None:
    """A sweep file in the working directory."""
    content = {
        "question": "Which dose?",
        "study": name,
        "settings": settings or {"cohort": "smoke", "cohort.size": 2, "treatment": "ketamine"},
        "search": search_block(**changes),
    }
    (folder / "sweeps").mkdir(exist_ok=True)
    (folder / "sweeps" / f"{name}.yaml").write_text(yaml.safe_dump(content))


def optuna_trials(folder: Path, study: str = "mine") -> list[FrozenTrial]:
    """All trials that Optuna has."""
    storage = optuna.storages.RDBStorage(f"sqlite:///{folder / 'mlruns' / 'optuna.db'}")
    try:
        return optuna.load_study(study_name=study, storage=storage).get_trials()
    finally:
        storage.engine.dispose()


def states(trials: list[FrozenTrial]) -> list[str]:
    return [trial.state.name for trial in trials]


def finished(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    return [trial for trial in trials if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)]


def search_run(study: str = "mine") -> Any:
    """The one run of kind search."""
    (run,) = runs(study, kind="search")
    return run


def table(run: Any, name: str) -> list[dict[str, str]]:
    """An artifact that is a table."""
    return list(csv.DictReader(io.StringIO((artifacts(run) / name).read_text())))


def here_and_there(
    executor: Sequence[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A search in batches of two has the same trials and the same winner on this machine and on an executor."""
    few = ["search.n_trials=4", "search.batch=2", "search.fresh.size=2"]
    said = []
    for place, more in (("here", ["workers=1"]), ("there", executor)):
        (folder / place).mkdir()
        monkeypatch.chdir(folder / place)
        assert depsim("sweep", "search_ketamine", *SETTINGS, "cohort.size=2", *few, *more) == 0
        printed = capsys.readouterr()
        notes = [line for line in printed.err.splitlines() if line.startswith("note: trial")]
        said.append((notes, [line for line in printed.out.splitlines() if line.startswith("winner")]))
    assert said[0] == said[1]
    assert [len(lines) for lines in said[0]] == [4, 1]


def multiverse_here_and_there(executor: Sequence[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every individual at every point of a multiverse has the same metrics on this machine and on an executor."""
    content = {
        "question": "Is one better, whatever we choose?",
        "study": "m",
        "settings": {"cohort.first_seed": 70, "cohort.size": 2},
        "arms": {"treatment": ["ketamine", "ssri"]},
        "space": {"pathology.sparsity": {"low": 0.5, "high": 0.9}, "ssri.epochs": {"low": 1, "high": 4}},
        "points": 3,
    }
    metrics = []
    for place, more in (("here", ["workers=1"]), ("there", executor)):
        (folder / place / "sweeps").mkdir(parents=True)
        (folder / place / "sweeps" / "mine.yaml").write_text(yaml.safe_dump(content))
        monkeypatch.chdir(folder / place)
        assert depsim("sweep", "mine", *SETTINGS, *more) == 0
        metrics.append(
            {
                tuple(run.data.tags[f"depsim.{tag}"] for tag in ("arm", "point", "seed")): run.data.metrics
                for run in runs("m", kind="individual")
            }
        )
    assert len(metrics[0]) == 3 * 2 * 2  # points, arms, individuals
    assert metrics[0] == metrics[1]
