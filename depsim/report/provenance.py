"""Where every number comes from: runs, commands, program and machine; one line on the page, all of it as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from depsim.report.words import counted, format_seeds, listed
from depsim.statistics import MEAN_INTERVAL
from depsim.study.components import without_crossed
from depsim.study.multiverse import Multiverse
from depsim.study.naming import name_arms
from depsim.study.origins import Origin
from depsim.study.reading import Study, StudyArm

METHODS = "docs/explanation/statistics.md"


def foot(study: Study, left_out: Sequence[StudyArm]) -> tuple[str, ...]:
    """How many individuals, which, who failed, and how intervals and tests are made.

    Args:
        study: whose, all of it.
        left_out: arms that the page says nothing of, as they have fewer than three individuals.
    """
    if study.multiverse is not None:
        return _multiverse_foot(study, study.multiverse)
    arms = [arm for arm in without_crossed(study).arms if arm not in left_out]
    cohorts: dict[tuple[str, tuple[int, ...]], int] = {}
    for arm in arms:
        cohorts[arm.data, arm.seeds] = cohorts.get((arm.data, arm.seeds), 0) + 1
    who = [
        f"{counted(len(seeds), 'individual')} (seeds {format_seeds(seeds)}, {data} data) in "
        f"{counted(count, 'condition')}"
        for (data, seeds), count in cohorts.items()
        if seeds
    ][:3]
    failed = sum(len(arm.failures) for arm in study.arms)
    small = f" {counted(len(left_out), 'condition')} of fewer than 3 individuals left out." if left_out else ""
    lines = [f"{listed(who)}; {failed or 'none'} failed.{small}"] if who else []
    return (
        *lines,
        f"Intervals: {MEAN_INTERVAL}. Tests: sign flips within individuals, adjusted by Holm. Primary outcomes were "
        f"fixed beforehand; all else is exploratory. Methods: `{METHODS}`.",
    )


def _multiverse_foot(study: Study, multiverse: Multiverse) -> tuple[str, ...]:
    """How many sets of settings, whose individuals, and what its intervals are of."""
    seeds = {seed for condition in multiverse.conditions for seed in condition.seeds}
    failed = sum(len(arm.failures) for arm in study.arms)
    return (
        f"{counted(len(multiverse.settings), 'set')} of {counted(len(multiverse.space), 'setting')}, the paper's own "
        f"among them, with {counted(len(multiverse.arms), 'condition')} each; {counted(len(seeds), 'individual')}, "
        f"fresh ones at each set; {failed or 'none'} failed.",
        "Intervals of shares: Wilson's, over sets of settings. Nothing is tested over them: a set of settings is a "
        f"choice, no draw from nature. Methods: `{METHODS}`.",
    )


def origin_line(origins: Sequence[Origin]) -> str:
    """Commit, versions and machine in one line."""
    commits = sorted({commit for origin in origins if (commit := _commit(origin.provenance))})
    known = [origin.provenance for origin in origins if origin.provenance]
    packages = known[0].get("packages", {}) if known else {}
    versions = [f"{name} {packages[name]}" for name in ("depsim", "torch", "numpy") if name in packages]
    machine = str(known[0].get("cpu", "")) if known else ""
    several = f" ({counted(len(commits), 'commit')})" if len(commits) > 1 else ""
    parts = [f"commit {commits[0]}{several}" if commits else "", ", ".join(versions), machine]
    runs = f"{counted(len(origins), 'run')}: " if origins else ""
    return f"Made by {runs}{'; '.join(filter(None, parts)) or 'depsim'}."


def facts(study: Study, origins: Sequence[Origin]) -> dict[str, Any]:
    """Every condition with all its settings and individuals, and every run that made it, for ``study.json``."""
    names = name_arms(study.arms)
    return {
        "experiment_id": study.experiment_id,
        "condition_runs": [
            {
                "run_id": origin.run_id,
                "arm_key": origin.arm_key,
                "status": origin.status,
                "command": origin.command,
                "began": _time(origin.began),
                "provenance": dict(origin.provenance),
            }
            for origin in origins
        ],
        "arms": [
            {
                "name": names[arm.arm_key],
                "arm_key": arm.arm_key,
                "settings": dict(arm.settings),
                "run_keys": {person.seed: person.run_key for person in arm.individuals},
                "run_ids": {person.seed: person.run_id for person in arm.individuals},
                "failed": {failure.seed: failure.reason for failure in arm.failures},
                "notes": {person.seed: list(person.notes) for person in arm.individuals if person.notes},
                "older_sources": list(arm.older),
            }
            for arm in study.arms
        ],
    }


def _commit(provenance: Mapping[str, Any]) -> str | None:
    commit = provenance.get("git_commit")
    if not commit:
        return None
    return f"{commit[:12]}{' with uncommitted changes' if provenance.get('git_dirty') else ''}"


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
