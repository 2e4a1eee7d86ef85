"""Searches read back from MLflow: their trials, what mattered, and winners beside themselves on fresh individuals."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depsim.execution.recorder import ABANDONED
from depsim.statistics.trade_off import non_dominated
from depsim.study.importance import importances
from depsim.tracking.aggregate import number_and_interval

COMPLETE = "COMPLETE"


@dataclass(frozen=True)
class Objective:
    """What a search is after.

    Args:
        metric: of the individuals.
        direction: ``maximise`` or ``minimise``.
        statistic: over individuals.
    """

    metric: str
    direction: str
    statistic: str

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.direction.startswith("max") else -1

    @property
    def title(self) -> str:
        """In a few words."""
        return f"{self.statistic} of {self.metric}"


@dataclass(frozen=True)
class Trial:
    """One condition that a search tried.

    Args:
        number: counted from 0.
        state: ``COMPLETE``, ``PRUNED``, ``FAIL`` or what Optuna calls it else.
        reason: why it was stopped or failed.
        individuals: that were examined.
        values: one per objective; empty unless complete.
        feasible: whether it keeps the constraints; unfinished ones do not.
        point: the varied settings.
    """

    number: int
    state: str
    reason: str
    individuals: int
    values: tuple[float, ...]
    feasible: bool
    point: Mapping[str, str]

    @property
    def fate(self) -> str:
        """What became of it, in words: ``complete``, ``stopped early``, ``interrupted`` or ``failed``."""
        if self.state == "FAIL":
            return "interrupted" if self.reason == ABANDONED else "failed"
        return {COMPLETE: "complete", "PRUNED": "stopped early"}.get(self.state, self.state.lower())


@dataclass(frozen=True)
class Cohort:
    """The mean of a metric over the individuals of one condition, as its run has it.

    Args:
        n: individuals.
        mean: over them.
        interval: 95 % interval of the mean, or None.
    """

    n: int
    mean: float
    interval: tuple[float, float] | None


def mean_interval(objective: Objective, cohort: Cohort | None) -> tuple[float, float] | None:
    """The interval of an objective's value; None where it is unknown or the objective is no mean."""
    return cohort.interval if cohort is not None and objective.statistic == "mean" else None


@dataclass(frozen=True)
class Winner:
    """A best trial, or one of the trade-off, and the same condition on fresh individuals.

    Args:
        trial: its number.
        point: the varied settings.
        values: those that it won with, one per objective.
        fresh_values: those on fresh individuals, or None where there are none.
        failure: why there are none.
        breaks: constraints, in words, that it does not keep on fresh individuals.
        own, fresh: the mean of each objective's metric over the search's and over the fresh individuals; None where
            that was not recorded.
    """

    trial: int
    point: Mapping[str, Any]
    values: tuple[float, ...]
    fresh_values: tuple[float, ...] | None
    failure: str | None
    breaks: tuple[str, ...]
    own: tuple[Cohort | None, ...]
    fresh: tuple[Cohort | None, ...]

    def optimism(self, objectives: Sequence[Objective]) -> tuple[float, ...] | None:
        """By how much the search's values were better than the fresh ones; positive is too good."""
        if self.fresh_values is None:
            return None
        pairs = zip(objectives, self.values, self.fresh_values, strict=True)
        return tuple(objective.sign * (own - fresh) for objective, own, fresh in pairs)


@dataclass(frozen=True)
class Search:
    """One search.

    Args:
        name: of its sweep; a second one of that name gets a number.
        objectives: one or more.
        params: how it searched: sampler, pruner, space and so on.
        trials: by number; empty where none has ended yet.
        importance: setting, metric, and share of what moves the metric.
        winners: empty while trials are missing, or where none keeps the constraints.
        finished: whether it has all its trials.
        command: that made it or goes on with it.
    """

    name: str
    objectives: tuple[Objective, ...]
    params: Mapping[str, str]
    trials: tuple[Trial, ...]
    importance: tuple[tuple[str, str, float], ...]
    winners: tuple[Winner, ...]
    finished: bool
    command: str

    def best_so_far(self) -> list[tuple[int, float]]:
        """Trial number and the best feasible value up to it; of one objective only."""
        if len(self.objectives) != 1:
            return []
        able, sign = [trial for trial in self.trials if trial.values and trial.feasible], self.objectives[0].sign
        best = itertools.accumulate((sign * trial.values[0] for trial in able), max)
        return [(trial.number, sign * gain) for trial, gain in zip(able, best, strict=True)]

    def front(self) -> list[Trial]:
        """Feasible trials that no other one beats in all objectives, in the order of the first one's values."""
        signs = [objective.sign for objective in self.objectives]
        able = [trial for trial in self.trials if trial.values and trial.feasible]
        gains = [[sign * value for sign, value in zip(signs, trial.values, strict=True)] for trial in able]
        kept = [trial for trial, keep in zip(able, non_dominated(gains), strict=True) if keep]
        return sorted(kept, key=lambda trial: (trial.values, trial.number))


def read_searches(client: Any, runs: Sequence[Any]) -> tuple[Search, ...]:
    """The searches among the runs of a study, the oldest first.

    Args:
        client: of the store.
        runs: all runs of the study.
    """
    found: list[Search] = []
    names: dict[str, int] = {}
    searches = [run for run in runs if run.data.tags.get("depsim.kind") == "search"]
    for run in sorted(searches, key=lambda run: (run.info.start_time, run.info.run_id)):
        name = run.data.tags.get("depsim.sweep", "search")
        names[name] = names.get(name, 0) + 1
        shown = name if names[name] == 1 else f"{name} ({names[name]})"
        own = [other for other in runs if other.data.tags.get("depsim.search") == run.info.run_id]
        found.append(_search(client, run, shown, own))
    return tuple(found)


def _search(client: Any, run: Any, name: str, below: Sequence[Any]) -> Search:
    params = dict(run.data.params)
    lists = (_listed(params, key) for key in ("metric", "directions", "statistic"))
    objectives = tuple(Objective(*parts) for parts in zip(*lists, strict=True))
    with tempfile.TemporaryDirectory(prefix="depsim-") as folder:
        there = {item.path for item in client.list_artifacts(run.info.run_id)}

        def text(file: str) -> str:
            if file not in there:
                return ""
            return Path(client.download_artifacts(run.info.run_id, file, folder)).read_text(encoding="utf-8")

        history, winner = text("history.csv"), text("winner.json")
    trials = tuple(sorted((_trial(row, len(objectives)) for row in _rows(history)), key=lambda t: t.number))
    entries = json.loads(winner)["winners"] if winner else []
    return Search(
        name=name,
        objectives=objectives,
        params=params,
        trials=trials,
        importance=tuple(_importance(params, objectives, [trial for trial in trials if trial.values])),
        winners=tuple(_winner(entry, objectives, below) for entry in entries),
        finished=run.info.status == "FINISHED",
        command=run.data.tags.get("mlflow.source.name", ""),
    )


def _importance(
    params: Mapping[str, str], objectives: Sequence[Objective], complete: Sequence[Trial]
) -> Iterator[tuple[str, str, float]]:
    space = {key.removeprefix("space."): text for key, text in params.items() if key.startswith("space.")}
    for place, objective in enumerate(objectives):
        gains = [objective.sign * trial.values[place] for trial in complete]
        for key, share in importances(space, [trial.point for trial in complete], gains):
            yield key, objective.metric, share


def _listed(params: Mapping[str, str], key: str) -> list[str]:
    return [part.strip() for part in params.get(key, "").split(",") if part.strip()]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _trial(row: Mapping[str, str], count: int) -> Trial:
    names = ["value"] if count == 1 else [f"value_{number}" for number in range(count)]
    known = {"number", "state", "reason", "individuals", "feasible", *names}
    complete = row["state"] == COMPLETE
    return Trial(
        number=int(row["number"]),
        state=row["state"],
        reason=row["reason"],
        individuals=int(row["individuals"] or 0),
        values=tuple(float(row[name]) for name in names) if complete else (),
        feasible=complete and row.get("feasible", "true") != "false",
        point={key: value for key, value in row.items() if key not in known},
    )


def _winner(entry: Mapping[str, Any], objectives: Sequence[Objective], below: Sequence[Any]) -> Winner:
    fresh = entry.get("fresh_values")
    own_run = next((run for run in below if run.data.tags.get("depsim.trial") == str(entry["trial"])), None)
    fresh_run = next((run for run in below if run.info.run_id == entry.get("fresh_run")), None)
    return Winner(
        trial=int(entry["trial"]),
        point=dict(entry["point"]),
        values=tuple(map(float, entry["values"])),
        fresh_values=None if fresh is None else tuple(map(float, fresh)),
        failure=entry.get("fresh_failure"),
        breaks=tuple(entry.get("fresh_breaks", ())),
        own=tuple(_cohort(own_run, objective.metric) for objective in objectives),
        fresh=tuple(_cohort(fresh_run, objective.metric) for objective in objectives),
    )


def _cohort(run: Any | None, metric: str) -> Cohort | None:
    """What a condition's run says of the mean over its individuals; a run of one individual says it of that one."""
    metrics = {} if run is None else run.data.metrics
    if metric not in metrics:
        return None
    n, interval = number_and_interval(metrics, metric)
    return Cohort(n, float(metrics[metric]), interval)
