"""Several machines on one MLflow server: whose runs are whose, and one finished run per individual.

Locks are files and hold among the processes that work in one folder. Processes that share nothing but the server cannot
lock each other out; they may compute the same individual, and what keeps that harmless is here.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from depsim.tracking.mlflow_runs import ORPHANED, of_individual
from depsim.tracking.mlflow_store import PLACE, is_local, pages, place

DUPLICATE = "depsim.duplicate_of"
"""Tag of a run whose individual another machine finished at the same time: the run that counts."""
_SILENCE = 3600.0
"""Seconds without a sign of life after which another machine's job counts as dead; an individual takes seconds."""


def close_orphans(client: Any, unfinished: Iterable[Any], newest: float) -> set[str]:
    """Close the runs of a job that no process is at; called with the job's lock held.

    Args:
        client: of the store.
        unfinished: the job's runs that are not closed.
        newest: when any run of the job began or ended last, seconds since 1970.

    Shape: ids of those that were left alone, as a process elsewhere may be writing them.
    """
    foreign = set()
    for run in unfinished:
        elsewhere = not is_local() and run.data.tags.get(PLACE, place()) != place()
        if elsewhere and time.time() - newest < _SILENCE:
            foreign.add(str(run.info.run_id))
            continue
        mark(client, run.info.run_id, ORPHANED, "true")
        client.set_terminated(run.info.run_id, "KILLED")
    return foreign


def keep_one(client: Any, experiment: str, run_key: str) -> Any | None:
    """The one run that counts for an individual, of those that several machines finished at the same time.

    Every machine checks when it has finished its own, so the last one sees all; all agree on which one counts.

    Args:
        client: of the store.
        experiment: id of the study's experiment.
        run_key: of the individual, whose run has just been finished.

    Shape: None where there can be only that one.
    """
    if is_local():  # the lock of the condition has seen to it
        return None
    finished = list(pages(client.search_runs, [experiment], of_individual(run_key)))
    if not finished:
        return None
    first = min(finished, key=lambda run: (run.info.start_time, run.info.run_id))
    for other in finished:
        if other is not first:
            mark(client, other.info.run_id, DUPLICATE, first.info.run_id)
            client.set_terminated(other.info.run_id, "KILLED")
    return first


def mark(client: Any, run_id: str, key: str, value: str) -> None:
    """Set a tag that another machine may be setting at the same moment.

    MLflow looks first and inserts then; of two that insert at once, the database refuses the later one as not unique.
    """
    from mlflow.exceptions import MlflowException

    try:
        client.set_tag(run_id, key, value)
    except MlflowException as error:
        if "unique" not in str(error).lower():
            raise
        client.set_tag(run_id, key, value)  # the tag is there by now: an update
