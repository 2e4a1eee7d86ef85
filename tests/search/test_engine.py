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
    "sampler": "grid",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "changes", "states"),
    [
        (2, {}, ["COMPLETE"] * 3),
        (2, {"batch": 2}, ["COMPLETE"] * 3),
        (7, {"pruner": "wilcoxon"}, ["COMPLETE", "COMPLETE", "PRUNED"]),
    ],
    ids=["one by one", "in batches", "with a trial that is stopped"],
)
def test_the_progress_of_a_search_ends_at_its_total(
    empty: Path, size: int, changes: dict[str, Any], states: list[str]
) -> None:
    write_search(empty, **LEVELS | changes)
    heard = Heard()
    result = search(plan_search_sweep("mine", [*TINY, "tracking=none", f"cohort.size={size}"], "again"), heard)
    assert sorted(trial.state.name for trial in result.counted) == states
    assert heard.weights == heard.total == 3 * size + 2 * 2


def test_the_progress_of_a_search_counts_a_failed_trial_as_done(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_pruning(monkeypatch, 0, 0.7)
    write_search(empty, **LEVELS, pruner="wilcoxon")
    heard = Heard()
    result = search(plan_search_sweep("mine", [*TINY, "tracking=none"], "again"), heard)
    assert sorted(trial.state.name for trial in result.counted) == ["COMPLETE", "COMPLETE", "FAIL"]
    assert heard.weights == heard.total


def test_trouble_with_the_storage_is_one_sentence_without_a_password() -> None:
    trouble = StorageInternalError("postgresql://ada:hush@db/depsim is down\nand more")
    said = r"^the trials of search mine cannot be kept \(postgresql://db/depsim is down\)$"
    with pytest.raises(OSError, match=said), in_words("mine", "kept"):
        raise trouble
