"""Searches read back from MLflow: their trials, what mattered, and winners beside the paper's settings."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from depsim.execution.recorder import ABANDONED
from depsim.statistics.trade_off import non_dominated
from depsim.study.importance import importances
from depsim.tracking.mlflow_store import run_metrics

COMPLETE = "COMPLETE"
People = Mapping[int, Mapping[str, float]]
"""Seed to metric to value."""


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
class Winner:
    """A best trial, or one of the trade-off, and beside it the paper's settings on the same fresh individuals.

    Args:
        trial: its number.
        point: the varied settings.
        values: those that it won with, one per objective.
        fresh_values: those on fresh individuals, or None where there are none.
        failure: why there are none.
        breaks: constraints, in words, that it does not keep on fresh individuals.
        reference_values: those of the paper's settings on the same fresh individuals, or None where there are none.
        reference_failure: why there are none.
        people, reference_people: what was measured of each fresh individual under the winner and under the paper's
            settings.
    """

    trial: int
    point: Mapping[str, Any]
    values: tuple[float, ...]
    fresh_values: tuple[float, ...] | None
    failure: str | None = None
    breaks: tuple[str, ...] = ()
    reference_values: tuple[float, ...] | None = None
    reference_failure: str | None = None
    people: People = field(default_factory=dict)
    reference_people: People = field(default_factory=dict)

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
    history, winner = _texts(client, run.info.run_id, "history.csv", "winner.json")
    trials = tuple(sorted((_trial(row, len(objectives)) for row in _rows(history)), key=lambda t: t.number))
    entries = json.loads(winner)["winners"] if winner else []
    return Search(
        name=name,
        objectives=objectives,
        params=params,
        trials=trials,
        importance=tuple(_importance(params, objectives, [trial for trial in trials if trial.values])),
        winners=tuple(_winner(entry, below) for entry in entries),
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


def _winner(entry: Mapping[str, Any], below: Sequence[Any]) -> Winner:
    return Winner(
        trial=int(entry["trial"]),
        point=dict(entry["point"]),
        values=tuple(map(float, entry["values"])),
        fresh_values=_values(entry.get("fresh_values")),
        failure=entry.get("fresh_failure"),
        breaks=tuple(entry.get("fresh_breaks", ())),
        reference_values=_values(entry.get("reference_values")),
        reference_failure=entry.get("reference_failure"),
        people=_people(below, entry.get("fresh_run")),
        reference_people=_people(below, entry.get("reference_run")),
    )


def _values(given: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if given is None else tuple(map(float, given))


def _people(below: Sequence[Any], condition: str | None) -> People:
    """What was measured of each finished individual of a condition's run."""
    own = [run for run in below if condition and run.data.tags.get("mlflow.parentRunId") == condition]
    finished = [run for run in own if run.info.status == "FINISHED" and "depsim.seed" in run.data.tags]
    return {int(run.data.tags["depsim.seed"]): run_metrics(run) for run in finished}


def _texts(client: Any, run_id: str, *files: str) -> list[str]:
    """Artifacts of a run; empty where it has none of that name."""
    there = {item.path for item in client.list_artifacts(run_id)}
    with tempfile.TemporaryDirectory(prefix="depsim-") as folder:
        return [
            Path(client.download_artifacts(run_id, file, folder)).read_text(encoding="utf-8") if file in there else ""
            for file in files
        ]
