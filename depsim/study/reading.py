"""Reading a study back from MLflow: its individuals under each condition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from depsim.execution.job import READERS, scientific_settings
from depsim.study.declared import declared_claims
from depsim.study.experiment import NothingToReportError, find_experiment
from depsim.study.multiverse import Multiverse, multiverse_of_runs
from depsim.study.search_files import read_searches
from depsim.study.searches import Search
from depsim.study.stored import with_neutral
from depsim.study.stored_runs import by_arm, by_name, by_replicate, conditions_among, ids_of, in_time, sources_of
from depsim.tracking.mlflow_store import pages, run_metrics
from depsim.tracking.mlflow_studies import multiverse_of

_ORDER = {name: place for place, name in enumerate(("none", "ketamine", "ssri", "neurosteroid"))}
"""Of the paper's treatments, in its tables."""


@dataclass(frozen=True)
class Individual:
    """What was measured of one individual under one condition.

    Args:
        seed: who.
        run_key: what the numbers are filed under.
        run_id: the MLflow run that holds them.
        metrics: name to value, without the curves.
        notes: what a reader of the numbers has to know.
        began: when its run began, milliseconds since 1970.
        sources: hash of the sources that the numbers come from.
        packages: versions of the packages that decided the numbers; empty where an older version noted none.
        claims: hash of every claim that had been declared before the numbers were computed, by name.
    """

    seed: int
    run_key: str
    run_id: str
    metrics: Mapping[str, float]
    notes: tuple[str, ...] = ()
    began: int = 0
    sources: str = ""
    packages: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """An individual without an outcome, and why."""

    seed: int
    reason: str
    run_id: str


@dataclass(frozen=True)
class Replicate:
    """The individuals of an arm, simulated once more with other chance from the healthy network on.

    Args:
        number: from 1 on.
        individuals, failures: by seed; the same persons as the arm's, never further individuals.
        parents: the condition runs.
    """

    number: int
    individuals: tuple[Individual, ...]
    failures: tuple[Failure, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True)
class StudyArm:
    """One condition, and all individuals of the study that underwent it, whatever cohorts they came in.

    Conditions are one if their steps are, by whatever version of the program; of an individual with several runs the
    one by the newest sources counts.

    Args:
        arm_key: hash of the steps; arms that share it are one under several names.
        treatment, pathology, model: the chosen files of ``conf/``.
        data: ``shared`` or ``individual``; the two are never one arm.
        settings: every scientific setting: configuration key to value as text.
        individuals: by seed, none twice; of replicated ones replicate 0, which is what it would be without others, so
            that no number but the reliability depends on how many replicates there are.
        failures: individuals that failed and have no finished run, by seed.
        commands: that made the runs.
        parents: the condition runs.
        began: when the newest of its runs began, milliseconds since 1970.
        replicates: from number 1 on, in order.
    """

    arm_key: str
    treatment: str
    pathology: str
    model: str
    data: str
    settings: Mapping[str, str]
    individuals: tuple[Individual, ...]
    failures: tuple[Failure, ...]
    commands: tuple[str, ...]
    parents: tuple[str, ...]
    began: int
    replicates: tuple[Replicate, ...] = ()

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """The individuals, N of them."""
        return tuple(person.seed for person in self.individuals)

    @cached_property
    def metrics(self) -> frozenset[str]:
        """All that was measured of any individual."""
        return frozenset().union(*(person.metrics for person in self.individuals))

    @property
    def older(self) -> tuple[int, ...]:
        """The individuals whose numbers are by older sources than the newest ones of this arm."""
        newest = max(self.individuals, key=lambda one: one.began, default=None)
        return tuple(one.seed for one in self.individuals if newest is not None and one.sources != newest.sources)

    def values(self, metric: str) -> np.ndarray:
        """One value per individual, (N,) float64; NaN where it was not measured, or is not finite."""
        measured = np.array([person.metrics.get(metric, np.nan) for person in self.individuals], dtype=np.float64)
        return np.where(np.isfinite(measured), measured, np.nan)

    def has(self, metric: str) -> bool:
        """Whether any individual has the metric."""
        return metric in self.metrics


@dataclass(frozen=True, eq=False)  # one object is one reading: what is derived from it is kept
class Study:
    """Everything finished in one MLflow experiment.

    Args:
        name, experiment_id: of the experiment.
        arms: one per condition.
        searches: the oldest first.
        multiverse: which arms are at which point of a multiverse; None where the study is none.
    """

    name: str
    experiment_id: str
    arms: tuple[StudyArm, ...]
    searches: tuple[Search, ...]
    multiverse: Multiverse | None = None


def read_study(client: Any, name: str) -> Study:
    """Read a study.

    Args:
        client: of the store (:func:`depsim.tracking.mlflow_store.open_client`).
        name: of the study.

    Raises:
        NothingToReportError: if there is no such study, or nothing in it is finished; names what there is.
    """
    experiment = find_experiment(client, name)
    # A process that was killed right after creating a run leaves one of which nothing is known.
    runs = [run for run in pages(client.search_runs, [experiment.experiment_id]) if run.data.params]
    study_runs = [run for run in runs if not {"depsim.trial", "depsim.search"} & set(run.data.tags)]
    replicates = {
        key: tuple(
            Replicate(number, *_measured(again), ids_of(conditions_among(again))) for number, again in numbered.items()
        )
        for key, numbered in by_replicate(study_runs).items()
    }
    arms = [
        replace(arm, replicates=replicates.get(key, ()))
        for key, arm_runs in by_arm(study_runs).items()
        for arm in _arms(key, arm_runs)
    ]
    searches = read_searches(client, runs)
    if not any(arm.individuals for arm in arms) and not searches:
        raise NothingToReportError(
            f"{name}: nothing in this study is finished yet; depsim sweep {name} goes on with it"
        )
    multiverse = multiverse_of_runs(multiverse_of(experiment), conditions_among(study_runs))
    ordered = tuple(sorted(_judged_alike(arms), key=_place))
    return Study(name, str(experiment.experiment_id), ordered, searches, multiverse)


def _judged_alike(arms: Sequence[StudyArm]) -> list[StudyArm]:
    """Arms with the newest one's settings of how to read measurements, as these say nothing of what was done."""
    newest = max(arms, key=lambda arm: arm.began, default=None)
    if newest is None:
        return []
    readers = {key: value for key, value in newest.settings.items() if key in READERS}
    return [replace(arm, settings={**arm.settings, **readers}) for arm in arms]


def _arms(arm_key: str, runs: Sequence[Any]) -> list[StudyArm]:
    """The arm that these runs of the same steps make, once under each of its names."""
    individuals, failures = _measured(runs)
    if not individuals and not failures:
        return []
    return [
        StudyArm(
            arm_key=arm_key,
            treatment=named[0].data.tags["depsim.treatment"],
            pathology=named[0].data.tags["depsim.pathology"],
            model=named[0].data.tags["depsim.model"],
            data=named[0].data.tags["depsim.data"],
            settings=with_neutral(scientific_settings(named[0].data.params)),
            individuals=individuals,
            failures=failures,
            commands=tuple(sorted({run.data.tags.get("mlflow.source.name", "") for run in named} - {""})),
            parents=ids_of(conditions_among(named)),
            began=max(run.info.start_time for run in runs),
        )
        for named in by_name(conditions_among(runs) or in_time(runs))
    ]


def _measured(runs: Sequence[Any]) -> tuple[tuple[Individual, ...], tuple[Failure, ...]]:
    """The individuals that these runs are of, and those that only failed, by seed."""
    ordered, conditions = in_time(runs), conditions_among(runs)
    versions = {sources_of(run): run.info.start_time for run in ordered}  # when each began to be used last
    individuals: dict[int, Individual] = {}
    failures: dict[int, Failure] = {}
    for run in sorted(ordered, key=lambda run: -versions[sources_of(run)]):
        tags = run.data.tags
        if "depsim.run_key" not in tags:
            continue
        seed = int(tags["depsim.seed"])
        if run.info.status == "FINISHED" and seed not in individuals:  # of two machines at once, the first counts
            individuals[seed] = Individual(
                seed=seed,
                run_key=tags["depsim.run_key"],
                run_id=run.info.run_id,
                metrics=run_metrics(run),
                notes=tuple(json.loads(tags.get("depsim.notes", "[]"))),
                began=run.info.start_time,
                sources=sources_of(run),
                packages=tags.get("depsim.packages", ""),
                claims=declared_claims(run, conditions),
            )
        elif run.info.status == "FAILED":
            failures[seed] = Failure(seed, tags.get("depsim.error", "unknown"), run.info.run_id)
    left = tuple(failures[seed] for seed in sorted(failures) if seed not in individuals)
    return tuple(individuals[seed] for seed in sorted(individuals)), left


def _place(arm: StudyArm) -> tuple[Any, ...]:
    """Where an arm stands: the paper's in its order, then by name, then by settings, numbers by size."""
    numbers = [_number(value) for value in arm.settings.values()]
    return _ORDER.get(arm.treatment, len(_ORDER)), arm.treatment, numbers, arm.data


def _number(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return float("inf"), value
