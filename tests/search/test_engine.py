"""The progress of a search, and trouble with its storage in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from optuna.exceptions import StorageInternalError

from depsim.search.engine import search
from depsim.search.storage import in_words
from depsim.search.sweeps import plan_search_sweep
from tests.execution.test_runner import Heard
from tests.jobs import TINY, fail_pruning
from tests.searches import write_search

LEVELS = {
    "settings": {"cohort": "smoke", "treatment": "none"},
    "space": {"pathology.sparsity": "0.9,0.5,0.7"},
    "objectives": [{"metric": "treated/sparsity", "direction": "maximise", "statistic": "mean"}],
    "sampler": "GridSampler",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "changes", "states"),
    [
        (2, {}, ["COMPLETE"] * 3),
        (2, {"batch": 2}, ["COMPLETE"] * 3),
        (7, {"pruner": {"name": "WilcoxonPruner", "n_startup_steps": 4}}, ["COMPLETE", "COMPLETE", "PRUNED"]),
    ],
    ids=["one by one", "in batches", "with a trial that is stopped"],
)
def test_the_progress_of_a_search_ends_at_its_total(
    empty: Path, size: int, changes: dict[str, Any], states: list[str]
) -> None:
    write_search(empty, **LEVELS | changes)
    heard = Heard()
    result = search(plan_search_sweep("mine", [*TINY, "tracking=none", f"cohort.size={size}"], "again"), heard)
    assert sorted(trial.state for trial in result.trials) == states
    assert heard.weights == heard.total == 3 * size + 2 * 2


@pytest.mark.slow  # a whole search
def test_the_progress_of_a_search_counts_a_failed_trial_as_done(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_pruning(monkeypatch, 0, 0.7)
    write_search(empty, **LEVELS, pruner="WilcoxonPruner")
    heard = Heard()
    result = search(plan_search_sweep("mine", [*TINY, "tracking=none"], "again"), heard)
    assert sorted(trial.state for trial in result.trials) == ["COMPLETE", "COMPLETE", "FAIL"]
    assert heard.weights == heard.total


def test_trouble_with_the_storage_is_one_sentence() -> None:
    message = r"^the trials of search mine cannot be kept \(the disk is full\)$"
    with pytest.raises(OSError, match=message), in_words("mine", "kept"):
        raise StorageInternalError("the disk is full\nand more")
