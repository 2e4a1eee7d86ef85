"""Small jobs for tests, as a person would ask for them, and a look at what they left in MLflow."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest

from depsim import runner
from depsim.__main__ import main
from depsim.config import Order, prepare
from depsim.execution.tasks import Message, Task
from depsim.progress import Progress, Silent
from depsim.runner import run_jobs
from depsim.tracking import JobLog, Tracker
from depsim.tracking.mlflow_store import open_client

TINY = (
    "task.train_size=300",
    "task.test_size=200",
    "task.clean_size=40",
    "model.hidden=[16,12]",
    "training.epochs=2",
    "workers=1",
)
TREATMENTS = ("none", "ketamine", "ssri", "neurosteroid")


def tiny(treatment: str = "ketamine", *more: str) -> list[str]:
    """Overrides of a job that takes a tenth of a second."""
    epochs = [] if treatment == "none" else ["treatment.epochs=2"]
    return [f"treatment={treatment}", *TINY, *epochs, *more]


def order(treatment: str = "ketamine", *more: str) -> Order:
    return prepare(tiny(treatment, *more))


def silently(_total: float) -> AbstractContextManager[Progress]:
    return nullcontext(Silent())


def run(*orders: Order, tracker: Tracker | None = None) -> list[JobLog]:
    """Run jobs as the commands do, without a word."""
    return run_jobs([each.job for each in orders], tracker or orders[0].tracking.open(), orders[0].resources, silently)


def depsim(*words: str) -> int:
    """The command line in this process; the exit code also where argparse leaves by itself."""
    try:
        return main(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)


def runs(study: str, *, client: Any = None, **tags: str) -> list[Any]:
    """All runs of a study with these ``depsim.*`` tags, the oldest first."""
    client = client or open_client()
    experiment = client.get_experiment_by_name(study)
    if experiment is None:
        return []
    found = client.search_runs([experiment.experiment_id], max_results=1000)
    chosen = [run for run in found if all(run.data.tags.get(f"depsim.{key}") == tag for key, tag in tags.items())]
    return sorted(chosen, key=lambda run: run.info.start_time)


def statuses(study: str, **tags: str) -> dict[str, int]:
    return dict(Counter(run.info.status for run in runs(study, **tags)))


def finished_keys(study: str) -> list[str]:
    """The run keys of all finished individuals."""
    found = [r for r in runs(study) if r.info.status == "FINISHED" and "depsim.run_key" in r.data.tags]
    return sorted(run.data.tags["depsim.run_key"] for run in found)


def artifacts(run: Any) -> Path:
    """The folder of a run's artifacts."""
    return Path(unquote(urlparse(run.info.artifact_uri).path))


Work = Callable[[Sequence[Task], int], Iterator[Message]]


def watch_work(monkeypatch: pytest.MonkeyPatch, *, interrupt_after: int | None = None) -> list[tuple[int, int]]:
    """The (job, seed) pairs that get computed from now on; Ctrl-C after so many messages."""
    seen: list[tuple[int, int]] = []
    real: Work = sys.modules["depsim.execution.pool"].run_tasks

    def watched(tasks: Sequence[Task], workers: int) -> Iterator[Message]:
        seen.extend((job, seed) for task in tasks for job, _ in task.conditions for seed in task.seeds)
        with contextlib.closing(real(tasks, workers)) as messages:  # type: ignore[type-var]
            for count, message in enumerate(messages):
                if count == interrupt_after:
                    raise KeyboardInterrupt
                yield message

    monkeypatch.setattr(runner, "run_tasks", watched)
    return seen
