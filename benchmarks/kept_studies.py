"""Studies as docs/finding keeps them: every condition, every individual and every metric, without MLflow.

A kept study is two files. ``individuals.csv.gz`` has a row for each individual, replicate and condition, with all that
was measured but curves and masks; ``conditions.json.gz`` says what the conditions are and where they come from.
What is read back is the study itself, so every page of the finding can be made again from these files alone.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from depsim.study.multiverse import Multiverse, PointCondition
from depsim.study.naming import name_arms
from depsim.study.origins import Origin
from depsim.study.reading import Failure, Individual, Replicate, Study, StudyArm
from depsim.study.setting_range import load_space

INDIVIDUALS, CONDITIONS = "individuals.csv.gz", "conditions.json.gz"
_WHO = ("arm_key", "condition", "treatment", "data", "seed", "replicate")
_ABOUT = ("treatment", "pathology", "model", "data", "settings", "commands", "parents", "began")


class KeptStudy(NamedTuple):
    """A study with what its page needs beside it.

    Args:
        study: all of it, without curves and masks.
        origins: its condition runs.
        question: that its sweep asks.
        entries: what its report asks, as the sweep file says it; None where that says nothing.
    """

    study: Study
    origins: tuple[Origin, ...]
    question: str
    entries: Sequence[Any] | None


def keep_study(kept: KeptStudy, folder: Path) -> None:
    """Write both files; the same bytes for the same study."""
    study = kept.study
    names = name_arms(study.arms)
    distinct = {arm.arm_key: arm for arm in study.arms}
    about: list[Mapping[str, Any]] = []
    rows = [
        {
            "arm_key": key,
            "condition": names[key],
            "treatment": arm.treatment,
            "data": arm.data,
            "seed": person.seed,
            "replicate": number,
            "about": _place(about, _told(person)),
            **_settings(arm),
            **person.metrics,
        }
        for key, arm in distinct.items()
        for number, person in _simulated(arm)
    ]
    table = pd.DataFrame(rows).dropna(axis="columns", how="all")
    table = table[[*(c for c in table if not _is_metric(c)), *sorted(filter(_is_metric, table))]]
    varied = [c for c in table if c in (*_WHO, "about") or _is_metric(c) or table[c].nunique() > 1]
    text = table[varied].to_csv(index=False, lineterminator="\n")
    common = set.intersection(*(set(arm.settings.items()) for arm in study.arms))
    record = {
        "study": study.name,
        "experiment_id": study.experiment_id,
        "question": kept.question,
        "asked": kept.entries,
        "about": about,
        "settings": dict(sorted(common)),
        "arms": [
            {
                "arm_key": arm.arm_key,
                **{name: getattr(arm, name) for name in _ABOUT},
                "settings": dict(sorted(set(arm.settings.items()) - common)),
                "failures": [asdict(failure) for failure in arm.failures],
            }
            for arm in study.arms
        ],
        "multiverse": None if study.multiverse is None else _of_multiverse(study.multiverse),
        "origins": [asdict(origin) for origin in kept.origins],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INDIVIDUALS).write_bytes(gzip.compress(text.encode(), mtime=0))
    packed = json.dumps(record, separators=(",", ":"), sort_keys=True).encode()
    (folder / CONDITIONS).write_bytes(gzip.compress(packed, mtime=0))


def read_kept(folder: Path) -> KeptStudy:
    """A kept study."""
    record = json.loads(gzip.decompress((folder / CONDITIONS).read_bytes()))
    table = individuals(folder)
    metrics = [column for column in table if _is_metric(column)]
    people: dict[str, dict[int, list[Individual]]] = {}
    for row in table.to_dict("records"):
        measured = {name: row[name] for name in metrics if pd.notna(row[name])}
        person = Individual(seed=row["seed"], run_id="", metrics=measured, **_read_told(record["about"][row["about"]]))
        people.setdefault(row["arm_key"], {}).setdefault(row["replicate"], []).append(person)
    arms = tuple(_arm(entry, record["settings"], people.get(entry["arm_key"], {})) for entry in record["arms"])
    multiverse = None if record["multiverse"] is None else _multiverse(record["multiverse"])
    study = Study(record["study"], record["experiment_id"], arms, (), multiverse)
    return KeptStudy(
        study, tuple(Origin(**origin) for origin in record["origins"]), record["question"], record["asked"]
    )


def individuals(folder: Path) -> pd.DataFrame:
    """The rows of a kept study, every number as it was stored."""
    file = io.BytesIO(gzip.decompress((folder / INDIVIDUALS).read_bytes()))
    return pd.read_csv(file, low_memory=False)


def _is_metric(column: str) -> bool:
    """Whether a column is a metric, which are told from settings by their names."""
    return "/" in column or column == "relapse_drop"


def _simulated(arm: StudyArm) -> Iterator[tuple[int, Individual]]:
    yield from ((0, person) for person in arm.individuals)
    yield from ((again.number, person) for again in arm.replicates for person in again.individuals)


def _settings(arm: StudyArm) -> dict[str, str]:
    return {key: text for key, text in arm.settings.items() if key not in _WHO and "/" not in key}


def _told(person: Individual) -> dict[str, Any]:
    """What is known of a run beside its numbers; one entry serves many individuals."""
    return {
        "notes": list(person.notes),
        "began": 0,
        "sources": person.sources,
        "packages": person.packages,
        "claims": dict(person.claims),
    }


def _read_told(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told, "notes": tuple(told["notes"]), "run_key": ""}


def _place(entries: list[Mapping[str, Any]], entry: Mapping[str, Any]) -> int:
    """Where an entry stands in a list, at its end if it did not."""
    if entry not in entries:
        entries.append(entry)
    return entries.index(entry)


def _arm(entry: Mapping[str, Any], common: Mapping[str, str], people: Mapping[int, list[Individual]]) -> StudyArm:
    about = {name: entry[name] for name in _ABOUT}
    about |= {
        "settings": dict(sorted({**common, **entry["settings"]}.items())),
        "parents": tuple(entry["parents"]),
        "commands": tuple(entry["commands"]),
    }
    again = tuple(Replicate(n, tuple(who), (), ()) for n, who in sorted(people.items()) if n)
    failures = tuple(Failure(**failure) for failure in entry["failures"])
    return StudyArm(
        arm_key=entry["arm_key"], individuals=tuple(people.get(0, ())), failures=failures, replicates=again, **about
    )


def _of_multiverse(multiverse: Multiverse) -> dict[str, Any]:
    return {
        "space": {key: setting.model_dump() for key, setting in multiverse.space.items()},
        "settings": {str(point): dict(texts) for point, texts in multiverse.settings.items()},
        "conditions": [list(condition) for condition in multiverse.conditions],
    }


def _multiverse(record: Mapping[str, Any]) -> Multiverse:
    settings = {int(point): texts for point, texts in record["settings"].items()}
    conditions = tuple(PointCondition(p, arm, key, tuple(seeds)) for p, arm, key, seeds in record["conditions"])
    return Multiverse(load_space(record["space"]), settings, conditions)
