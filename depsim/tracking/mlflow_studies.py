"""Studies in MLflow: one experiment each, and what becomes of it while it is written."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from depsim.execution.files import lock
from depsim.execution.job import POINT
from depsim.tracking.mlflow_page import page_tags, points_view
from depsim.tracking.mlflow_store import is_local, locks, root

_ASKED = "depsim.asked"
"""Tag of an experiment: the question of its sweep file, and what its report asks."""
_MULTIVERSE = "depsim.multiverse"
"""Tag of an experiment: what its multiverse varies, and what it holds fixed."""
_FRESH = "depsim.fresh"
"""Tag of an experiment that takes over no individual from others."""


def experiment_id(client: Any, study: str) -> str:
    """The experiment of a study, created if need be."""
    with lock(locks() / "store.lock"):
        experiment = client.get_experiment_by_name(study)
        if experiment is None:
            created = _create_experiment(client, study, {})
            experiment = client.get_experiment(created) if created else client.get_experiment_by_name(study)
        if experiment.lifecycle_stage == "deleted":
            client.restore_experiment(experiment.experiment_id)
        return str(experiment.experiment_id)


def create_fresh_experiment(client: Any, study: str) -> str:
    """A new experiment that takes over nothing from others: ``study-2``, or the next number that is free."""
    with lock(locks() / "store.lock"):
        for number in itertools.count(1):
            name = f"{study}-{number}" if number > 1 else study
            if client.get_experiment_by_name(name) is None and _create_experiment(client, name, {_FRESH: "true"}):
                return name
    raise AssertionError("numbers do not end")


def is_fresh(experiment: Any) -> bool:
    """Whether an experiment takes over nothing from others."""
    return str(experiment.tags.get(_FRESH)) == "true"


def tag_experiment(client: Any, experiment: str, name: str, text: str) -> None:
    """Set a tag; once more where a database refuses it because another machine has made it a moment ago."""
    from mlflow.exceptions import MlflowException

    try:
        client.set_experiment_tag(experiment, name, text)
    except MlflowException as error:
        if error.error_code != "BAD_REQUEST":
            raise
        client.set_experiment_tag(experiment, name, text)


def write_asked(client: Any, study: str, question: str, asks: list[Any] | None) -> None:
    """Keep what a study was made to answer.

    Args:
        client: of the store.
        study: its name; created if need be.
        question: of the sweep file.
        asks: its ``report:`` list as plain values; None where it has none.
    """
    experiment, text = experiment_id(client, study), json.dumps({"question": question, "report": asks})
    if client.get_experiment(experiment).tags.get(_ASKED) != text:
        tag_experiment(client, experiment, _ASKED, text)


def read_asked(client: Any, experiment: str) -> tuple[str, list[Any] | None]:
    """The question of a study, empty where none was kept, and what its report asks or None."""
    kept = json.loads(client.get_experiment(experiment).tags.get(_ASKED, "{}"))
    return kept.get("question", ""), kept.get("report")


def write_multiverse(client: Any, study: str, record: Mapping[str, Any]) -> None:
    """Keep what a study's multiverse is.

    Args:
        client: of the store.
        study: its name; created if need be.
        record: plain values, its ``space`` and ``arms`` among them; a view of the points is made of these, too.
    """
    experiment, text = experiment_id(client, study), json.dumps(record)
    if client.get_experiment(experiment).tags.get(_MULTIVERSE) != text:
        tag_experiment(client, experiment, _MULTIVERSE, text)
        arms = [arm for arm in record["arms"] if arm != "untreated"] or list(record["arms"])
        tag_experiment(client, experiment, *points_view(arms[0], [f"{POINT}{key}" for key in record["space"]]))


def multiverse_of(experiment: Any) -> dict[str, Any]:
    """What was kept of the multiverse of an experiment; empty where there is none."""
    kept: dict[str, Any] = json.loads(experiment.tags.get(_MULTIVERSE, "{}"))
    return kept


class StudyDeletedError(RuntimeError):
    """A study, or a run of it, was deleted in MLflow while it was being written; the message says what helps."""


@contextmanager
def writing_to(client: Any, experiment: str, run_id: str | None) -> Iterator[None]:
    """Write to a run of an experiment.

    Raises:
        StudyDeletedError: if somebody has deleted either meanwhile.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        study = client.get_experiment(experiment)
        if study.lifecycle_stage == "deleted":
            raise StudyDeletedError(f"the study {study.name} was deleted in MLflow") from error
        if run_id is not None and client.get_run(run_id).info.lifecycle_stage == "deleted":
            raise StudyDeletedError(f"the run {run_id} of study {study.name} was deleted in MLflow") from error
        raise


def _create_experiment(client: Any, study: str, tags: Mapping[str, str]) -> str | None:
    """A new experiment, or None if another machine has created one of that name a moment ago."""
    from mlflow.exceptions import MlflowException

    location = (root() / "artifacts" / study.replace(" ", "_")).as_uri() if is_local() else None
    try:  # all in one call: a process can be killed between two
        return str(client.create_experiment(study, artifact_location=location, tags={**page_tags(study), **tags}))
    except MlflowException as error:
        if error.error_code == "RESOURCE_ALREADY_EXISTS":
            return None
        raise
