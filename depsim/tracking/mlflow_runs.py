"""Runs in MLflow: writing an individual's or a condition's, and finding those of a job."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from depsim.execution.course import Outcome
from depsim.execution.job import Job
from depsim.tracking import artifacts
from depsim.tracking.mlflow_store import PLACE, pages, place, tracking_uri

ORPHANED = "depsim.orphaned"
"""Tag of a run whose process ended without closing it."""
SEARCH = "depsim.search"
"""Tag of the trials of a search and of their individuals: the run of the search."""
PACKAGES = "depsim.packages"
"""Tag of an individual: the packages that decided its numbers."""
CLAIMS = "depsim.claims"
"""Tag of a condition, written once: hash of every claim when its run began. Of an individual that was copied from
another study: those when it was computed."""
REPLICATE, REPLICATE_OF = "depsim.replicate", "depsim.replicate_of"
"""Tags of all runs of replicates from 1 on: which one, and the arm key of replicate 0."""
POINT, ARM = "depsim.point", "depsim.arm"
"""Tags of all runs of a multiverse: the number of the point, and what the condition is called at every point."""
MASKS_HASH, NOTES = "depsim.masks_sha256", "depsim.notes"
"""Tags of an individual: the hash of its mask file, and what a reader of its numbers has to know."""
FINISHED = "attributes.status = 'FINISHED'"
"""The query for finished runs."""
_METRICS_A_BATCH, _PARAMS_A_BATCH = 1000, 100
_LONGEST_PARAM = 6000
"""Characters."""


class RunWriter:
    """Writes the runs of one job.

    Args:
        client: of the store.
        experiment: id of the study's experiment.
        job: whose runs.
    """

    def __init__(self, client: Any, experiment: str, job: Job) -> None:
        self._client, self._experiment, self._job = client, experiment, job

    def create_parent(self, is_individual: bool) -> str:
        """A new run for the condition, which can be its one individual's too."""
        seeds = self._job.seeds
        alone = {"depsim.seed": str(seeds[0]), "depsim.run_key": self._job.run_key(seeds[0])}
        trial = self._job.trial
        below = {"depsim.trial": trial.trial, "mlflow.parentRunId": trial.search} if trial is not None else {}
        locked = {CLAIMS: json.dumps(dict(self._job.claims))} if self._job.claims else {}
        tags = {"depsim.kind": "condition"} | (alone if is_individual else {}) | below | locked
        run_id = self._create(self._job.title, tags)
        write_batch(self._client, run_id, params=self._job.params())
        return run_id

    def create_child(self, seed: int, parent: str, tags: Mapping[str, str]) -> str:
        """A new run for an individual, with further tags; it counts once it is finished."""
        identity = {
            "depsim.kind": "individual",
            "depsim.seed": str(seed),
            "depsim.run_key": self._job.run_key(seed),
            "mlflow.parentRunId": parent,
        }
        again = f" · replicate {self._job.replicate}" if self._job.replicate else ""
        return self._create(f"{self._job.name} · seed {seed}{again}", {**identity, **tags})

    def finished(self, seed: int) -> Any | None:
        """The finished run of an individual in this study, if there is one."""
        query = of_individual(self._job.run_key(seed))
        order = ["attributes.start_time ASC"]
        return next(iter(self._client.search_runs([self._experiment], query, max_results=1, order_by=order)), None)

    def write_outcome(self, run_id: str, outcome: Outcome, params: Mapping[str, str], tags: Mapping[str, str]) -> None:
        """Files, metrics and curves that an individual's course left, and parameters and tags."""
        write_files(
            self._client,
            run_id,
            {
                "config.yaml": artifacts.config_yaml({**self._job.config, "seed": outcome.seed}),
                "masks.npz": outcome.masks,
                "layer_sparsity.csv": artifacts.layer_table(outcome),
            },
        )
        curves = {**at_step_0(outcome.metrics), **outcome.curves}
        write_batch(self._client, run_id, params=params, curves=curves, tags=tags)

    def _create(self, name: str, tags: Mapping[str, str]) -> str:
        choices = {f"depsim.{group}": self._job.choices[group] for group in ("treatment", "pathology", "model")}
        common = {
            **choices,
            "depsim.data": self._job.population.data,
            "depsim.arm_key": self._job.arm_key,
            "depsim.sources": self._job.sources,
            "depsim.job_key": self._job.job_key,
            PLACE: place(),
            "mlflow.source.name": self._job.command,
        }
        if self._job.replicate:
            common |= {REPLICATE: str(self._job.replicate), REPLICATE_OF: self._job.first_arm_key}
        if self._job.point is not None:
            common |= {POINT: str(self._job.point.number), ARM: self._job.point.arm}
        if self._job.trial is not None:
            common[SEARCH] = self._job.trial.search
        run = self._client.create_run(self._experiment, run_name=name, tags={**common, **tags})
        return str(run.info.run_id)


def of_individual(run_key: str) -> str:
    """The query for the finished runs of an individual."""
    return f"tags.`depsim.run_key` = '{run_key}' and {FINISHED}"


def write_batch(
    client: Any,
    run_id: str,
    *,
    params: Mapping[str, str] = MappingProxyType({}),
    curves: Mapping[str, Iterable[tuple[int, float]]] = MappingProxyType({}),
    tags: Mapping[str, str] = MappingProxyType({}),
    newest: int = 0,
) -> int:
    """Parameters, metrics, as (step, value) pairs, and tags of a run, in as few calls as MLflow takes them.

    Args:
        client: of the store.
        run_id: whose.
        params, curves, tags: what to write; a text that is too long for a parameter is cut, and says so.
        newest: :func:`newest_timestamp` of metrics that are written again: of two values at one step MLflow shows
            the later one, and the clock may have been set back.

    Shape: the time that the metrics are written under.
    """
    from mlflow.entities import Metric, Param, RunTag

    now = max(int(time.time() * 1000), newest + 1)
    metrics = [Metric(name, value, now, step) for name, curve in curves.items() for step, value in curve]
    entries = [Param(key, shortened(value)) for key, value in params.items()]
    noted = [RunTag(key, value) for key, value in tags.items()]
    calls = max(-(-len(metrics) // _METRICS_A_BATCH), -(-len(entries) // _PARAMS_A_BATCH), bool(noted))
    for call in range(calls):
        client.log_batch(
            run_id,
            metrics[call * _METRICS_A_BATCH :][:_METRICS_A_BATCH],
            entries[call * _PARAMS_A_BATCH :][:_PARAMS_A_BATCH],
            noted if call == calls - 1 else (),
        )
    return now


def newest_timestamp(client: Any, run_id: str, names: Iterable[str]) -> int:
    """When the newest value of these metrics of a run was written, in milliseconds since 1970."""
    histories = (client.get_metric_history(run_id, name) for name in names)
    return max((metric.timestamp for history in histories for metric in history), default=0)


def shortened(text: str) -> str:
    """A parameter's text, cut at a comma where MLflow would refuse its length; the configuration has all of it.

    >>> len(shortened("9," * 4000)), shortened("9," * 4000)[-55:]
    (5999, '9,9,9,9 ... (8000 characters; all of it in config.yaml)')
    """
    if len(text) <= _LONGEST_PARAM:
        return text
    remark = f" ... ({len(text)} characters; all of it in config.yaml)"
    return text[: _LONGEST_PARAM - len(remark)].rpartition(",")[0] + remark


def write_files(client: Any, run_id: str, files: Mapping[str, bytes]) -> None:
    """Artifacts of a run."""
    with tempfile.TemporaryDirectory(prefix="depsim-") as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        client.log_artifacts(run_id, folder)


def artifacts_of(run: Any) -> Any:
    """The files of a run that has been read; the client would read the run again for each that it lists or fetches.

    Shape: MLflow's ``ArtifactRepository``.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(run.info.artifact_uri, tracking_uri=tracking_uri())


def at_step_0(metrics: Mapping[str, float]) -> dict[str, list[tuple[int, float]]]:
    """Metrics that are measured once, as curves."""
    return {name: [(0, value)] for name, value in metrics.items()}


def runs_of_job(client: Any, job: Job, experiment: str) -> tuple[list[Any], list[Any], float]:
    """A job's condition runs, the oldest first; all its runs that are still open; and when it was last written to.

    Shape: the last is in seconds since 1970.
    """
    of_job = f"tags.`depsim.job_key` = '{job.job_key}'"
    conditions = list(pages(client.search_runs, [experiment], f"{of_job} and tags.`depsim.kind` = 'condition'"))
    unfinished = list(pages(client.search_runs, [experiment], f"{of_job} and attributes.status = 'RUNNING'"))
    newest = client.search_runs([experiment], of_job, max_results=1, order_by=["attributes.end_time DESC"])
    times = [(run.info.start_time, run.info.end_time or 0) for run in [*unfinished, *newest]]
    return sorted(conditions, key=lambda run: run.info.start_time), unfinished, max(map(max, times), default=0) / 1000
