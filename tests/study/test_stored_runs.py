"""Runs of a study, sorted by what was done to whom; runs made by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from depsim.study.stored_runs import by_replicate
from depsim.tracking.mlflow_runs import REPLICATE, REPLICATE_OF


def run(number: int | None, of: str = "arm") -> Any:
    tags = {} if number is None else {REPLICATE: str(number), REPLICATE_OF: of}
    return SimpleNamespace(data=SimpleNamespace(tags=tags))


def test_replicates_are_in_the_order_of_their_numbers_and_their_runs_in_that_of_the_store() -> None:
    runs = [run(10), run(2), run(None), run(1, "other"), run(2), run(1)]
    assert [(of, list(replicates.items())) for of, replicates in by_replicate(runs).items()] == [
        ("other", [(1, [runs[3]])]),
        ("arm", [(1, [runs[5]]), (2, [runs[1], runs[4]]), (10, [runs[0]])]),
    ]
