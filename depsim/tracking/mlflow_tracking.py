"""Tracking with MLflow: one experiment per study, a run per condition, a run below it per individual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from depsim.execution.job import Job
from depsim.execution.recorder import JobRecord, JobStatus, Notify
from depsim.tracking import mlflow_store, mlflow_studies
from depsim.tracking.base import SearchNotes, SearchRecord, Tracker, Tracking
from depsim.tracking.mlflow_individuals import failed_individuals, finished_individuals
from depsim.tracking.mlflow_job import MlflowJobRecord
from depsim.tracking.mlflow_search import MlflowSearchRecord


class MlflowTracking(Tracking):
    """Keeps everything in MLflow: ``mlruns/`` here, or the server that ``MLFLOW_TRACKING_URI`` names."""

    keeps_files: ClassVar[bool] = True

    def open(self) -> Tracker:
        """The store, created if need be."""
        return MlflowTracker(mlflow_store.open_client())

    def peek(self) -> Tracker | None:
        """The store, if there is one."""
        return self.open() if mlflow_store.exists() else None


class MlflowTracker(Tracker):
    """An open MLflow store.

    Args:
        client: of the store.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def status(self, job: Job) -> JobStatus:
        """What the store has of a job's individuals."""
        experiment = self._client.get_experiment_by_name(job.study)
        experiment_id = experiment.experiment_id if experiment is not None else ""
        here, elsewhere = finished_individuals(self._client, job, experiment_id)
        finished = frozenset(here) | frozenset(elsewhere)
        return JobStatus(finished, frozenset(failed_individuals(self._client, job, experiment_id)) - finished)

    def new_study(self, study: str) -> str:
        """A new experiment: the study's name with the first number that is free."""
        return mlflow_studies.create_fresh_experiment(self._client, study)

    def note_asked(self, study: str, question: str, asks: list[Any] | None) -> None:
        """Keep what a study was made to answer as a tag of its experiment."""
        mlflow_studies.write_asked(self._client, study, question, asks)

    def read_multiverse(self, study: str) -> Mapping[str, Any]:
        """What was kept of a study's multiverse; empty where there is none."""
        experiment = self._client.get_experiment_by_name(study)
        return {} if experiment is None else mlflow_studies.multiverse_of(experiment)

    def note_multiverse(self, study: str, record: Mapping[str, Any]) -> None:
        """Keep what a study's multiverse is as a tag of its experiment."""
        mlflow_studies.write_multiverse(self._client, study, record)

    def begin(self, job: Job, notify: Notify) -> JobRecord:
        """Open a job's runs, or continue them where an earlier process left them."""
        return MlflowJobRecord(self._client, job, notify)

    def begin_search(self, notes: SearchNotes, known: str | None) -> SearchRecord:
        """Open a search's run, or continue it."""
        return MlflowSearchRecord(self._client, notes, known)
