"""The keys that say where and how a job runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from depsim.component import Component, Count, Seed
from depsim.config.errors import STUDY_NAME, ConfigError
from depsim.execution.executor import Executor

_MLFLOWS_OWN = "Default"


def _not_mlflows_own(study: str) -> str:
    """A study's name that is free."""
    if study == _MLFLOWS_OWN:
        raise ValueError(
            "the experiment that MLflow makes for itself, which no list here shows; allowed is another name"
        )
    return study


class Session(Component):
    """The keys that say where and how a job runs.

    Args:
        study: the MLflow experiment that the runs are filed under.
        device: ``cpu``, ``cuda`` or ``cuda:K``.
        seed: short for a cohort of this one individual.
        workers: processes on a CPU; None for one per core.
        chunk: individuals a worker holds at once; None to choose.
        max_jobs: jobs that one command may ask for.
        cache_limit_gib: room for stored healthy networks.
    """

    study: Annotated[str, Field(pattern=STUDY_NAME), AfterValidator(_not_mlflows_own)]
    device: str
    seed: Seed | None
    workers: Count | None
    chunk: Count | None
    max_jobs: Count
    cache_limit_gib: Annotated[float, Field(gt=0, allow_inf_nan=False)]


def require_own_workers(session: Session, kind: str, executor: Executor, name: str) -> None:
    """Refuse a number of processes where it is not ours to set."""
    if session.workers is None:
        return
    if kind == "cuda":
        raise ConfigError(f"workers={session.workers}: a GPU is driven by one process; allowed with device=cpu only")
    if executor.is_elsewhere:
        raise ConfigError(
            f"workers={session.workers}: executor={name} has workers of its own; allowed with executor=local only"
        )
