"""Provenance: which runs, commands, program and machine every number comes from. Run ids and times stand here alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from depsim.report.columns import columns_of
from depsim.report.document import CODE, Column, Paragraph, Section, Sheet, Value
from depsim.report.wording import counted, spell_seeds
from depsim.study.naming import common_settings, name_arms
from depsim.study.origins import Origin
from depsim.study.reading import Study

_VARYING = ("launched_by",)
"""What differs between runs of one program on one machine."""


def section(study: Study, origins: Sequence[Origin], command: str) -> Section:
    """The section.

    Args:
        study: whose.
        origins: its condition runs.
        command: that made the report.
    """
    names = name_arms(study.arms)
    told = Paragraph(
        f"Made by `{command}` from the MLflow experiment `{study.name}`. An individual's `run_key` is a hash of its "
        "settings, its seed and the sources that determine its numbers; two runs with one key have the same numbers. "
        "The command of a condition run computes it again."
    )
    sheets = [
        _condition_runs(names, origins),
        _individual_runs(study, names),
        *_failures(study, names),
        *_notes(study, names),
        *_settings(study, names),
        *_environments(names, origins),
        *_older(study, names),
    ]
    return Section("provenance", "Provenance", (told, *sheets))


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
                "failed_seeds": [failure.seed for failure in arm.failures],
            }
            for arm in study.arms
        ],
    }


def _condition_runs(names: Mapping[str, str], origins: Sequence[Origin]) -> Sheet:
    rows = tuple(
        (
            names[origin.arm_key],
            origin.status.lower(),
            _time(origin.began),
            _commit(origin.provenance),
            origin.command,
            origin.run_id,
            origin.arm_key,
        )
        for origin in origins
    )
    columns = columns_of(
        "condition status began_utc",
        Column("git_commit", "git commit", CODE),
        Column("command", "command", CODE),
        "run_id arm_key",
    )
    note = (
        "A run is one condition on one cohort. `changed` after a commit: the working tree held changes, which are kept "
        "with the run as `uncommitted.patch`."
    )
    return Sheet("condition_runs", "Condition runs and their commands", columns, rows, note, folded=len(rows) > 12)


def _individual_runs(study: Study, names: Mapping[str, str]) -> Sheet:
    rows = tuple(
        (names[arm.arm_key], person.seed, person.run_key, person.run_id, _time(person.began), person.reused_from)
        for arm in study.arms
        for person in arm.individuals
    )
    columns = columns_of(
        "condition seed",
        Column("run_key", "run key", CODE),
        "run_id began_utc",
        Column("reused_from", "copied from run", CODE),
    )
    return Sheet("runs", "Every individual's run", columns, rows, folded=True)


def _failures(study: Study, names: Mapping[str, str]) -> list[Sheet]:
    rows = tuple(
        (names[arm.arm_key], failure.seed, failure.reason, failure.run_id)
        for arm in study.arms
        for failure in arm.failures
    )
    columns = columns_of("condition seed reason run_id")
    note = "The traceback is an artifact of the run."
    return [Sheet("failures", "Individuals that failed", columns, rows, note)] if rows else []


def _notes(study: Study, names: Mapping[str, str]) -> list[Sheet]:
    seeds: dict[tuple[str, str], list[int]] = {}
    for arm in study.arms:
        for person in arm.individuals:
            for note in person.notes:
                seeds.setdefault((names[arm.arm_key], note), []).append(person.seed)
    rows = tuple((name, len(own), spell_seeds(own), note) for (name, note), own in seeds.items())
    columns = columns_of("condition individuals seeds", Column("note", "what the runs note"))
    return [Sheet("notes", "Remarks of the runs", columns, rows)] if rows else []


def _settings(study: Study, names: Mapping[str, str]) -> list[Sheet]:
    if not study.arms:
        return []
    common = common_settings(study.arms)
    rows: list[tuple[Value, ...]] = [("all", key, value) for key, value in common.items()]
    rows += [
        (names[arm.arm_key], key, value)
        for arm in study.arms
        for key, value in arm.settings.items()
        if key not in common
    ]
    columns = columns_of("condition", Column("key", "key", CODE), Column("value", "value", CODE))
    note = "Keys as on the command line of `depsim run`."
    return [Sheet("settings", "Settings of the conditions", columns, tuple(rows), note, folded=True)]


def _environments(names: Mapping[str, str], origins: Sequence[Origin]) -> list[Sheet]:
    """One row per program and machine that made condition runs."""
    kinds: Counter[str] = Counter()
    conditions: dict[str, list[str]] = {}
    for origin in origins:
        if not origin.provenance:
            continue
        kept = {key: value for key, value in origin.provenance.items() if key not in _VARYING}
        text = json.dumps(kept, sort_keys=True)
        kinds[text] += 1
        if names[origin.arm_key] not in conditions.setdefault(text, []):
            conditions[text].append(names[origin.arm_key])
    if not kinds:
        return []
    rows: list[tuple[Value, ...]] = []
    for number, (text, count) in enumerate(kinds.items(), start=1):
        rows.append((number, "condition runs", f"{count}: {'; '.join(conditions[text])}"))
        rows += [(number, key, value) for key, value in _flat(json.loads(text))]
    columns = columns_of(Column("environment", "no."), Column("key", "what"), Column("value", "value"))
    title = f"Program and machine ({counted(len(kinds), 'environment')})"
    return [Sheet("environments", title, columns, tuple(rows), folded=True)]


def _older(study: Study, names: Mapping[str, str]) -> list[Sheet]:
    rows = tuple(
        (names[arm.arm_key], len(arm.older), len(arm.seeds), spell_seeds(arm.older)) for arm in study.arms if arm.older
    )
    columns = columns_of("condition", Column("older", "by older sources"), "individuals seeds")
    note = "By an older version of the program than the newest of their condition; the same command computes them anew."
    return [Sheet("older_sources", "Individuals by older sources", columns, rows, note)] if rows else []


def _flat(values: Mapping[str, Any]) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            found += [(f"{key}: {name}", inner) for name, inner in _flat(value)]
        else:
            found.append((key, value if isinstance(value, str | int | float | None) else json.dumps(value)))
    return found


def _commit(provenance: Mapping[str, Any]) -> str | None:
    commit = provenance.get("git_commit")
    if not commit:
        return None
    return f"{commit[:12]}{' changed' if provenance.get('git_dirty') else ''}"


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
