"""Finished individuals in MLflow: finding them, and reading back what was kept of them."""

from __future__ import annotations

import hashlib
import itertools
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from depsim.execution.course import Outcome
from depsim.execution.job import Job, is_same_name, scientific_settings
from depsim.model.masks import unpack
from depsim.tracking.aggregate import Curve
from depsim.tracking.mlflow_runs import CLAIMS, FINISHED, MASKS_HASH, NOTES, PACKAGES, at_step_0, of_individual
from depsim.tracking.mlflow_store import is_curve, pages, run_curves, run_metrics
from depsim.tracking.mlflow_studies import is_fresh

_EXTRA_RUNS = 100
"""How many runs of other individuals are looked through before each individual is asked for by itself."""


class DamagedRecordError(ValueError):
    """What a finished run keeps is not there, or is not what was written."""


@dataclass(frozen=True, slots=True)
class _Values:
    """Numbers by name, in little room: names are shared by all that have the same ones."""

    names: tuple[Any, ...]
    numbers: np.ndarray

    @staticmethod
    def of(values: Mapping[Any, float]) -> _Values:
        """Infinite ones are the largest, as in MLflow."""
        numbers = np.fromiter(values.values(), np.float64, len(values))
        return _Values(_shared(tuple(values)), np.nan_to_num(numbers, nan=np.nan))

    def items(self) -> list[tuple[Any, float]]:
        return list(zip(self.names, self.numbers.tolist(), strict=True))


@lru_cache(maxsize=1024)
def _shared(names: tuple[Any, ...]) -> tuple[Any, ...]:
    return names


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """What a driver remembers of a finished individual: a study can have tens of thousands.

    Args:
        run_id: the run that counts.
        measured: metrics by name.
        stepwise: curves by (name, step), or None where they have not been read.
    """

    run_id: str
    measured: _Values
    stepwise: _Values | None

    @staticmethod
    def found(run: Any) -> FinishedRun:
        """A run of the store."""
        return FinishedRun(str(run.info.run_id), _Values.of(run_metrics(run)), None)

    @staticmethod
    def written(run_id: str, outcome: Outcome) -> FinishedRun:
        """A run that has just been written."""
        curves = {**at_step_0(outcome.metrics), **{name: sorted(curve) for name, curve in outcome.curves.items()}}
        stepwise = {(name, step): value for name in curves if is_curve(name) for step, value in curves[name]}
        metrics = {name: curve[-1][1] for name, curve in curves.items() if curve and not is_curve(name)}
        return FinishedRun(run_id, _Values.of(metrics), _Values.of(stepwise))

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured, without the curves."""
        return dict(self.measured.items())

    def curves(self, client: Any) -> dict[str, Curve]:
        """Metrics whose step means something."""
        if self.stepwise is None:
            return dict(curves_of(client, client.get_run(self.run_id)))
        curves: dict[str, list[tuple[int, float]]] = {}
        for (name, step), value in self.stepwise.items():
            curves.setdefault(name, []).append((step, value))
        return dict(curves)


def finished_individuals(client: Any, job: Job, experiment: str) -> tuple[dict[int, FinishedRun], dict[int, str]]:
    """Finished runs of a job's individuals, by seed; of several the first.

    Shape: those of this study; and, of those that it lacks, the ids of runs of other studies. A fresh study takes over
    none of these.
    """
    studies = list(pages(client.search_experiments))
    alone = any(is_fresh(study) for study in studies if study.experiment_id == experiment)
    experiments = [experiment] if alone else [study.experiment_id for study in studies]
    most = 2 * len(job.seeds) + _EXTRA_RUNS
    members = set(job.seeds)
    here: dict[int, tuple[tuple[int, str], FinishedRun]] = {}
    elsewhere: dict[int, tuple[int, str]] = {}

    def keep(run: Any) -> None:
        seed, place = int(run.data.tags.get("depsim.seed", -1)), (run.info.start_time, str(run.info.run_id))
        if seed in members:
            if run.info.experiment_id != experiment:
                elsewhere[seed] = min(elsewhere.get(seed, place), place)
            elif seed not in here or place < here[seed][0]:
                here[seed] = place, FinishedRun.found(run)

    runs = pages(client.search_runs, experiments, f"{_of_arm(job)} and {FINISHED}")
    for run in itertools.islice(runs, most):
        keep(run)
    if next(runs, None) is not None:  # thousands of other individuals may have undergone this condition
        for seed in job.seeds:
            for run in pages(client.search_runs, experiments, of_individual(job.run_key(seed))):
                keep(run)
    others = {seed: run_id for seed, (_, run_id) in elsewhere.items() if seed not in here}
    return {seed: run for seed, (_, run) in here.items()}, others


def _of_arm(job: Job) -> str:
    """The query for runs of a job's arm by the present sources."""
    return f"tags.`depsim.arm_key` = '{job.arm_key}' and tags.`depsim.sources` = '{job.sources}'"


def has_another_name(client: Any, run: FinishedRun, job: Job) -> bool:
    """Whether a finished individual's run is of other settings than a job's, which plan the same steps."""
    params = client.get_run(run.run_id).data.params
    return not is_same_name(scientific_settings(params), scientific_settings(job.params()))


def failed_individuals(client: Any, job: Job, experiment: str) -> set[int]:
    """Seeds of a job's individuals with a failed run in this study."""
    if not experiment:
        return set()
    query = f"{_of_arm(job)} and attributes.status = 'FAILED'"
    seeds = (run.data.tags.get("depsim.seed") for run in pages(client.search_runs, [experiment], query))
    return {int(seed) for seed in seeds if seed is not None} & set(job.seeds)


def tags_of(outcome: Outcome) -> dict[str, str]:
    """What of an individual's outcome is kept as tags of its run."""
    notes = {NOTES: json.dumps(outcome.notes)} if outcome.notes else {}
    return {MASKS_HASH: hashlib.sha256(outcome.masks).hexdigest()} | notes


def outcome_of(client: Any, run: Any) -> Outcome:
    """An individual's outcome, read back from its run.

    Raises:
        DamagedRecordError: if its masks are not there, or are not what was written.
    """
    return Outcome(
        seed=int(run.data.tags["depsim.seed"]),
        metrics=run_metrics(run),
        curves=curves_of(client, run),
        masks=masks_of(client, run),
        notes=tuple(json.loads(run.data.tags.get(NOTES, "[]"))),
    )


def curves_of(client: Any, run: Any) -> dict[str, list[tuple[int, float]]]:
    """Metrics whose step means something, a value for each step: a run that was written in two goes has some twice."""
    histories = {name: client.get_metric_history(run.info.run_id, name) for name in run_curves(run)}
    return {name: sorted({m.step: m.value for m in history}.items()) for name, history in histories.items()}


def origin_tags(client: Any, run: Any) -> dict[str, str]:
    """The tags of an individual that was copied from a run of another study: where from, and what held there."""
    claims = _claims_of(client, run)  # as they were before it was computed, not before it was copied
    return {"depsim.reused_from": run.info.run_id, CLAIMS: claims, PACKAGES: run.data.tags[PACKAGES]}


def _claims_of(client: Any, run: Any) -> str:
    """The claims that were declared before an individual was computed: its own tag, or else its condition's."""
    from mlflow.exceptions import MlflowException

    parent = run.data.tags.get("mlflow.parentRunId")
    if CLAIMS in run.data.tags or parent is None:
        return str(run.data.tags.get(CLAIMS, "{}"))
    try:
        return str(client.get_run(parent).data.tags.get(CLAIMS, "{}"))
    except MlflowException:  # the condition was deleted
        return "{}"


def masks_of(client: Any, run: Any) -> bytes:
    """An individual's mask file, checked.

    Raises:
        DamagedRecordError: if it is not there, or is not what was written.
    """
    from mlflow.exceptions import MlflowException

    run_id = run.info.run_id
    try:
        with tempfile.TemporaryDirectory(prefix="depsim-") as folder:
            masks = Path(client.download_artifacts(run_id, "masks.npz", folder)).read_bytes()
        unpack(masks)
    except (MlflowException, OSError, ValueError) as error:
        raise DamagedRecordError(f"masks.npz of run {run_id}: {error}") from error
    if run.data.tags.get(MASKS_HASH) != hashlib.sha256(masks).hexdigest():
        raise DamagedRecordError(f"masks.npz of run {run_id}: its hash does not match")
    return masks
