"""What a search leaves in MLflow: ``history.csv`` and ``winner.json``, written as it ends and read for a report."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from depsim.study.estimate import Estimate
from depsim.study.objective import Objective
from depsim.study.searches import COMPLETE, People, Score, Search, Trial, Winner
from depsim.tracking.artifacts import csv_bytes
from depsim.tracking.mlflow_store import run_metrics

_COLUMNS = ("number", "state", "reason", "individuals")


def value_names(count: int, what: str = "value") -> list[str]:
    """What the values of so many objectives are called.

    >>> value_names(1), value_names(2, "gain")
    (['value'], ['gain_0', 'gain_1'])
    """
    return [what] if count == 1 else [f"{what}_{number}" for number in range(count)]


def history_csv(trials: Sequence[Trial], settings: Sequence[str], objectives: int) -> bytes:
    """Every trial, also those whose place another one took, as CSV.

    Args:
        trials: by number.
        settings: that were varied.
        objectives: how many there are.
    """
    rows: list[Sequence[object]] = [[*_COLUMNS, *value_names(objectives), "feasible", *settings]]
    for trial in trials:
        complete = trial.state == COMPLETE
        values = trial.values if complete else [""] * objectives
        feasible = str(trial.feasible).lower() if complete else ""
        point = [trial.point.get(key, "") for key in settings]
        rows.append([trial.number, trial.state, trial.reason, trial.individuals, *values, feasible, *point])
    return csv_bytes(rows)


def winner_json(search: Search, rows: Sequence[Estimate], about: Mapping[str, Any]) -> bytes:
    """The winner, or the trade-off, each beside the paper's settings, as JSON.

    Args:
        search: with its winners.
        rows: their gains, of each winner one per objective (:func:`depsim.study.analyses.search.search_rows`).
        about: what else there is to say of it.
    """
    count = len(search.objectives)
    entries = []
    for place, winner in enumerate(search.winners):
        entry: dict[str, Any] = {"trial": winner.trial, "point": dict(winner.point), "values": winner.values}
        entry |= {"optimism": winner.optimism(search.objectives), "fresh_breaks": winner.breaks}
        for prefix, score in (("fresh", winner.fresh), ("reference", winner.reference)):
            entry |= {f"{prefix}_values": score.values, f"{prefix}_failure": score.failure}
            entry |= {f"{prefix}_run": score.run_id, f"{prefix}_command": score.command}
        gains = rows[place * count : (place + 1) * count]
        entry["gain"] = [{"n": row.n, "value": row.value, "low": row.low, "high": row.high} for row in gains]
        entries.append(entry)
    objectives = [objective.model_dump() for objective in search.objectives]
    content = {"search": search.name, **about, "objectives": objectives, "winners": entries}
    content["importance"] = search.importance
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False).encode()


def read_searches(client: Any, runs: Sequence[Any]) -> tuple[Search, ...]:
    """The searches among the runs of a study, the oldest first.

    Args:
        client: of the store.
        runs: all runs of the study.
    """
    searches: list[Search] = []
    names: dict[str, int] = {}
    of_searches = [run for run in runs if run.data.tags.get("depsim.kind") == "search"]
    for run in sorted(of_searches, key=lambda run: (run.info.start_time, run.info.run_id)):
        name = run.data.tags.get("depsim.sweep", "search")
        names[name] = names.get(name, 0) + 1
        shown = name if names[name] == 1 else f"{name} ({names[name]})"
        below = [other for other in runs if other.data.tags.get("depsim.search") == run.info.run_id]
        searches.append(_read_search(client, run, shown, below))
    return tuple(searches)


def _read_search(client: Any, run: Any, name: str, below: Sequence[Any]) -> Search:
    params = dict(run.data.params)
    lists = [_listed(params.get(key, "")) for key in ("metric", "directions", "statistic")]
    objectives = tuple(
        Objective.model_validate({"metric": metric, "direction": direction, "statistic": statistic})
        for metric, direction, statistic in zip(*lists, strict=True)
    )
    history, winner = _texts(client, run.info.run_id, "history.csv", "winner.json")
    rows = csv.DictReader(io.StringIO(history, newline=""))
    trials = tuple(sorted((_read_trial(row, len(objectives)) for row in rows), key=lambda trial: trial.number))
    result = json.loads(winner) if winner else {"winners": []}
    return Search(
        name=name,
        objectives=objectives,
        params=params,
        trials=trials,
        importance=tuple((key, metric, float(share)) for key, metric, share in result.get("importance", ())),
        winners=tuple(_read_winner(entry, below) for entry in result["winners"]),
        finished=run.info.status == "FINISHED",
        command=run.data.tags.get("mlflow.source.name", ""),
        run_id=run.info.run_id,
    )


def _listed(text: str) -> list[str]:
    """The parts of a parameter; none of a search that was killed before it could write any."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _read_trial(row: Mapping[str, str], objectives: int) -> Trial:
    names = value_names(objectives)
    complete = row["state"] == COMPLETE
    return Trial(
        number=int(row["number"]),
        state=row["state"],
        reason=row["reason"],
        individuals=int(row["individuals"] or 0),
        values=tuple(float(row[name]) for name in names) if complete else (),
        feasible=complete and row["feasible"] != "false",
        point={key: value for key, value in row.items() if key not in (*_COLUMNS, *names, "feasible")},
    )


def _read_winner(entry: Mapping[str, Any], below: Sequence[Any]) -> Winner:
    fresh, reference = (
        Score(
            values=None if entry.get(f"{prefix}_values") is None else tuple(map(float, entry[f"{prefix}_values"])),
            failure=entry.get(f"{prefix}_failure"),
            people=_people(below, entry.get(f"{prefix}_run")),
            run_id=entry.get(f"{prefix}_run"),
            command=entry.get(f"{prefix}_command", ""),
        )
        for prefix in ("fresh", "reference")
    )
    values, breaks = tuple(map(float, entry["values"])), tuple(entry.get("fresh_breaks", ()))
    return Winner(int(entry["trial"]), dict(entry["point"]), values, fresh, reference, breaks)


def _people(below: Sequence[Any], condition: str | None) -> People:
    """What was measured of each finished individual of a condition's run."""
    children = [run for run in below if condition and run.data.tags.get("mlflow.parentRunId") == condition]
    finished = [run for run in children if run.info.status == "FINISHED" and "depsim.seed" in run.data.tags]
    return {int(run.data.tags["depsim.seed"]): run_metrics(run) for run in finished}


def _texts(client: Any, run_id: str, *files: str) -> list[str]:
    """Artifacts of a run; empty where it has none of that name."""
    there = {item.path for item in client.list_artifacts(run_id)}
    with tempfile.TemporaryDirectory(prefix="depsim-") as folder:
        return [
            Path(client.download_artifacts(run_id, file, folder)).read_text(encoding="utf-8") if file in there else ""
            for file in files
        ]
