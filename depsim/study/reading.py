"""Reading a study back from MLflow: its individuals under each condition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from depsim.study.searches import Search, read_searches
from depsim.tracking.mlflow_store import pages, run_metrics

_GROUPS = ("task", "model", "training", "pathology", "treatment", "assessment")
_HOLD = "cohort.hold."


class NothingToReportError(LookupError):
    """There is no such study, or nothing in it is finished."""


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
        reused_from: the run of another study that the numbers were copied from.
    """

    seed: int
    run_key: str
    run_id: str
    metrics: Mapping[str, float]
    notes: tuple[str, ...] = ()
    began: int = 0
    reused_from: str | None = None


@dataclass(frozen=True)
class Failure:
    """An individual without an outcome, and why."""

    seed: int
    reason: str
    run_id: str


@dataclass(frozen=True)
class Arm:
    """One condition, and all individuals of the study that underwent it, whatever cohorts they came in.

    Args:
        condition_key: hash of everything but the seed.
        treatment, pathology, model: the chosen files of ``conf/``.
        data: ``shared`` or ``individual``; the two are never one arm.
        settings: every scientific setting: configuration key to value as text.
        individuals: by seed, none twice.
        failures: individuals that failed and have no finished run, by seed.
        commands: that made the runs.
        parents: the condition runs.
        began: when the newest of its runs began, milliseconds since 1970.
    """

    condition_key: str
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

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """The individuals, N of them."""
        return tuple(person.seed for person in self.individuals)

    def values(self, metric: str) -> np.ndarray:
        """One value per individual, (N,) float64; NaN where it was not measured."""
        return np.array([person.metrics.get(metric, np.nan) for person in self.individuals], dtype=np.float64)

    def has(self, metric: str) -> bool:
        """Whether any individual has the metric."""
        return any(metric in person.metrics for person in self.individuals)


def paired(arms: Sequence[Arm], metric: str) -> tuple[tuple[int, ...], np.ndarray]:
    """The individuals that all arms have with a finite value, and their values (N, A)."""
    tables = [dict(zip(arm.seeds, arm.values(metric), strict=True)) for arm in arms]
    common = sorted(set.intersection(*(set(table) for table in tables))) if tables else []
    seeds = tuple(seed for seed in common if all(np.isfinite(table[seed]) for table in tables))
    values = np.array([[table[seed] for table in tables] for seed in seeds], dtype=np.float64)
    return seeds, values.reshape(len(seeds), len(tables))


@dataclass(frozen=True)
class Group:
    """Arms that differ in nothing but the treatment, so that their individuals are paired.

    Args:
        arms: by the order of their settings; several can have one treatment with different settings.
    """

    arms: tuple[Arm, ...]

    @property
    def data(self) -> str:
        """``shared`` or ``individual``."""
        return self.arms[0].data

    @property
    def sparsity(self) -> float | None:
        """The pruning level as a share, or None where the pathology has none."""
        value = self.arms[0].settings.get("pathology.sparsity")
        return None if value is None else float(value)

    @property
    def surroundings(self) -> Mapping[str, str]:
        """The settings that all arms share: everything but the treatment's."""
        return {key: value for key, value in self.arms[0].settings.items() if not _of_treatment(key)}


@dataclass(frozen=True)
class Study:
    """Everything finished in one MLflow experiment.

    Args:
        name, experiment_id: of the experiment.
        arms: one per condition, the present ones.
        superseded: arms whose very settings were run again by newer sources; not part of any figure.
        searches: the oldest first.
    """

    name: str
    experiment_id: str
    arms: tuple[Arm, ...]
    superseded: tuple[Arm, ...]
    searches: tuple[Search, ...]

    def groups(self) -> list[Group]:
        """Arms that differ in the treatment alone, together; in the order of their surroundings."""
        found: dict[tuple[tuple[str, str], ...], list[Arm]] = {}
        for arm in self.arms:
            rest = tuple(sorted((key, value) for key, value in arm.settings.items() if not _of_treatment(key)))
            found.setdefault(rest, []).append(arm)
        return [Group(tuple(found[key])) for key in sorted(found)]


def read_study(client: Any, name: str) -> Study:
    """Read a study.

    Args:
        client: of the store (:func:`depsim.tracking.mlflow_store.open_client`).
        name: of the study.

    Raises:
        NothingToReportError: if there is no such study, or nothing in it is finished; names what there is.
    """
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        there = sorted(e.name for e in client.search_experiments() if e.name != "Default")
        said = f"there are {', '.join(there)}" if there else "there is none yet; depsim sweep paper makes one"
        raise NothingToReportError(f"{name}: no such study; {said}")
    runs = list(pages(client.search_runs, [experiment.experiment_id]))
    by_key: dict[str, list[Any]] = {}
    for run in runs:
        key, trial = run.data.tags.get("depsim.condition_key"), run.data.tags.get("depsim.trial")
        if key is not None and trial is None and run.data.tags.get("depsim.search") is None:
            by_key.setdefault(key, []).append(run)
    arms = [arm for key, found in sorted(by_key.items()) if (arm := _arm(key, found)) is not None]
    searches = read_searches(client, runs)
    if not any(arm.individuals for arm in arms) and not searches:
        raise NothingToReportError(
            f"{name}: nothing in this study is finished yet; depsim sweep {name} goes on with it"
        )
    newest: dict[tuple[tuple[str, str], ...], Arm] = {}
    for arm in sorted(arms, key=lambda arm: (arm.began, arm.condition_key)):
        newest[tuple(sorted(arm.settings.items()))] = arm
    present = sorted(newest.values(), key=_place)
    superseded = tuple(arm for arm in arms if arm not in present)
    return Study(name, str(experiment.experiment_id), tuple(present), superseded, searches)


def _arm(condition_key: str, runs: Sequence[Any]) -> Arm | None:
    """The arm that these runs of one condition make."""
    people: dict[int, Individual] = {}
    failures: dict[int, Failure] = {}
    for run in sorted(runs, key=lambda run: (run.info.start_time, run.info.run_id)):
        tags = run.data.tags
        if "depsim.run_key" not in tags:
            continue
        seed = int(tags["depsim.seed"])
        if run.info.status == "FINISHED" and seed not in people:  # of two, from two machines at once, the first counts
            people[seed] = Individual(
                seed=seed,
                run_key=tags["depsim.run_key"],
                run_id=run.info.run_id,
                metrics=run_metrics(run),
                notes=tuple(json.loads(tags.get("depsim.notes", "[]"))),
                began=run.info.start_time,
                reused_from=tags.get("depsim.reused_from"),
            )
        elif run.info.status == "FAILED":
            failures[seed] = Failure(seed, tags.get("depsim.error", "unknown"), run.info.run_id)
    if not people and not failures:
        return None
    conditions = [run for run in runs if run.data.tags.get("depsim.kind") == "condition"]
    shown = (conditions or list(runs))[0]
    return Arm(
        condition_key=condition_key,
        treatment=shown.data.tags["depsim.treatment"],
        pathology=shown.data.tags["depsim.pathology"],
        model=shown.data.tags["depsim.model"],
        data=shown.data.tags["depsim.data"],
        settings=_settings(shown.data.params),
        individuals=tuple(people[seed] for seed in sorted(people)),
        failures=tuple(failures[seed] for seed in sorted(failures) if seed not in people),
        commands=tuple(sorted({run.data.tags.get("mlflow.source.name", "") for run in conditions} - {""})),
        parents=tuple(sorted(run.info.run_id for run in conditions)),
        began=max(run.info.start_time for run in runs),
    )


def _settings(params: Mapping[str, str]) -> dict[str, str]:
    chosen = {key: value for key, value in params.items() if key.partition(".")[0] in _GROUPS}
    held = {key: value for key, value in params.items() if key.startswith(_HOLD)}
    return dict(sorted((chosen | held | {key: params[key] for key in ("cohort.data", "device")}).items()))


def _of_treatment(key: str) -> bool:
    return key == "treatment" or key.startswith("treatment.")


def _place(arm: Arm) -> tuple[Any, ...]:
    """Where an arm stands: the untreated first, then by name, then by settings, numbers by size."""
    return arm.treatment != "none", arm.treatment, [_number(value) for value in arm.settings.values()], arm.data


def _number(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return float("inf"), value
