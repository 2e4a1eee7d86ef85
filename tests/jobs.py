"""Small jobs for tests, as a person would ask for them, and a look at what they left in MLflow."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
from mlflow.tracking._tracking_service import utils

from depsim.__main__ import main
from depsim.config import JobSpec, prepare
from depsim.execution.pool import Pool
from depsim.execution.progress import NoProgress
from depsim.execution.recorder import JobRecord
from depsim.execution.runner import run_jobs
from depsim.execution.work import Event, Receive, WorkUnit
from depsim.stages import TREATED
from depsim.steps import Examine, Prune
from depsim.steps import Path as Course
from depsim.tracking import Tracking
from depsim.tracking.mlflow_store import open_client, tracking_uri
from depsim.tracking.relocation import relocate

SMALL = (
    "task.train_size=300",
    "task.test_size=200",
    "task.clean_size=40",
    "model.hidden=[16,12]",
    "training.epochs=2",
)
TINY = (*SMALL, "workers=1")
SIZES = "300 training points, 200 test points, 40 clean points, hidden 16/12, 2 training epochs"
"""What they add to the name of a condition."""
TREATMENTS = ("none", "ketamine", "ssri", "neurosteroid")


def tiny(treatment: str = "ketamine", *more: str) -> list[str]:
    """Overrides of a job that takes a tenth of a second."""
    epochs = [] if treatment == "none" else ["treatment.epochs=2"]
    return [f"treatment={treatment}", *TINY, *epochs, *more]


def spec(treatment: str = "ketamine", *more: str) -> JobSpec:
    return prepare(tiny(treatment, *more))


def run(*specs: JobSpec, tracking: Tracking | None = None) -> list[JobRecord]:
    """Run jobs as the commands do, without a word."""
    jobs = [job for each in specs for job in each.job.replicates]
    return run_jobs(jobs, tracking or specs[0].tracking, specs[0].resources, NoProgress())


def depsim(*words: str) -> int:
    """The command line in this process; the exit code also where argparse leaves by itself."""
    try:
        return main(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)


@cache
def _client_of(_folder: Path, _address: str) -> Any:
    return open_client()


def runs(study: str, *, client: Any = None, **tags: str) -> list[Any]:
    """All runs of a study with these ``depsim.*`` tags, the oldest first."""
    client = client or _client_of(Path.cwd(), tracking_uri())
    experiment = client.get_experiment_by_name(study)
    if experiment is None:
        return []
    found = client.search_runs([experiment.experiment_id], max_results=1000)
    chosen = [run for run in found if all(run.data.tags.get(f"depsim.{key}") == tag for key, tag in tags.items())]
    return sorted(chosen, key=lambda run: run.info.start_time)


def unwrapped(text: str) -> str:
    """A terminal's text without the ends of its lines, which depend on its width."""
    return " ".join(text.split())


def reopen_stores() -> None:
    """Forget open files of databases: another one may have come to the same place."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    for engine in SqlAlchemyStore._engine_map.values():
        engine.dispose()


def statuses(study: str, **tags: str) -> dict[str, int]:
    return dict(Counter(run.info.status for run in runs(study, **tags)))


def finished_keys(study: str) -> list[str]:
    """The run keys of all finished individuals."""
    found = [r for r in runs(study) if r.info.status == "FINISHED" and "depsim.run_key" in r.data.tags]
    return sorted(run.data.tags["depsim.run_key"] for run in found)


def artifacts(run: Any) -> Path:
    """The folder of a run's artifacts."""
    return Path(unquote(urlparse(run.info.artifact_uri).path))


@contextmanager
def working_in(folder: Path, new_store: Path) -> Iterator[None]:
    """Work in a folder, made if need be, that gets a store which holds nothing yet: for what several tests share."""
    (folder / "mlruns").mkdir(parents=True)
    shutil.copy(new_store, folder / "mlruns" / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.chdir(folder)
        yield


def copy_project(source: Path, target: Path) -> None:
    """Copy a working directory with its store, whose runs then have their artifacts in the copy.

    MLflow remembers where the artifacts of a run are, and the runs of both have the same ids.
    """
    shutil.copytree(source, target, dirs_exist_ok=True)
    relocate(target / "mlruns" / "mlflow.db", target / "mlruns")
    utils._artifact_repos_cache.clear()


def sicken(patch: pytest.MonkeyPatch, *victims: int) -> None:
    """Let the last examination of some individuals fail where they are not treated."""
    real = Examine.__call__

    def examine(self: Examine, path: Course) -> Course:
        if self.name == TREATED and "treated/loss" not in path.curves and set(victims) & set(path.cohort.seeds):
            raise ArithmeticError(f"no cure for {path.cohort.seeds}")
        return real(self, path)

    patch.setattr(Examine, "__call__", examine)


def fail_pruning(patch: pytest.MonkeyPatch, seed: int, sparsity: float | None = None) -> None:
    """Let one individual's pruning go wrong, at one level or at any."""
    real = Prune.__call__

    def prune(self: Prune, path: Course) -> Course:
        if seed in path.cohort.seeds and sparsity in (None, self.share):
            raise ArithmeticError(f"individual {seed} cannot be pruned")
        return real(self, path)

    patch.setattr(Prune, "__call__", prune)


def watch_work(monkeypatch: pytest.MonkeyPatch, *, interrupt_after: int | None = None) -> list[tuple[int, int]]:
    """The (job, seed) pairs that get computed from now on; Ctrl-C after so many events."""
    seen: list[tuple[int, int]] = []
    real = Pool.run

    def watched(self: Pool, units: Sequence[WorkUnit], receive: Receive) -> None:
        seen.extend(pair for unit in units for pair in sorted(unit.pairs))
        count = 0

        def counting(event: Event) -> None:
            nonlocal count
            if count == interrupt_after:
                raise KeyboardInterrupt
            count += 1
            receive(event)

        real(self, units, counting)

    monkeypatch.setattr(Pool, "run", watched)
    return seen
