"""The runs of a study, sorted by what was done to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.execution.job import is_same_name, scientific_settings
from depsim.tracking.mlflow_runs import REPLICATE, REPLICATE_OF


def by_arm(runs: Sequence[Any]) -> dict[str, list[Any]]:
    """Runs by what was done to their individuals; replicates from 1 on are left out."""
    runs_of: dict[str, list[Any]] = {}
    for run in runs:
        if REPLICATE not in run.data.tags and (key := run.data.tags.get("depsim.arm_key")) is not None:
            runs_of.setdefault(key, []).append(run)
    return runs_of


def by_replicate(runs: Sequence[Any]) -> dict[str, dict[int, list[Any]]]:
    """Runs of replicates from 1 on: the arm key of replicate 0 to the runs of each replicate, in order."""
    runs_of: dict[str, dict[int, list[Any]]] = {}
    numbered = [(int(run.data.tags[REPLICATE]), run) for run in runs if REPLICATE in run.data.tags]
    for number, run in sorted(numbered, key=lambda pair: pair[0]):
        runs_of.setdefault(run.data.tags[REPLICATE_OF], {}).setdefault(number, []).append(run)
    return runs_of


def by_name(runs: Sequence[Any]) -> list[list[Any]]:
    """Runs of one arm by the settings that planned it, the newest first."""
    names: list[tuple[dict[str, str], list[Any]]] = []
    for run in reversed(runs):
        run_settings = scientific_settings(run.data.params)
        alike = next((members for settings, members in names if is_same_name(settings, run_settings)), None)
        if alike is None:
            names.append((run_settings, [run]))
        else:
            alike.append(run)
    return [members for _, members in names]


def in_time(runs: Sequence[Any]) -> list[Any]:
    """Runs, the oldest first."""
    return sorted(runs, key=lambda run: (run.info.start_time, run.info.run_id))


def sources_of(run: Any) -> str:
    """The version of the program that a run's numbers are by."""
    return str(run.data.tags.get("depsim.sources", ""))


def conditions_among(runs: Sequence[Any]) -> list[Any]:
    """The conditions among runs, in time."""
    return [run for run in in_time(runs) if run.data.tags.get("depsim.kind") == "condition"]


def ids_of(runs: Sequence[Any]) -> tuple[str, ...]:
    """The ids of runs, sorted."""
    return tuple(sorted(run.info.run_id for run in runs))
