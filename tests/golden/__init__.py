"""Four real studies of six to twelve individuals, and the rows that they give: no number may change unnoticed.

``make golden`` writes the rows again; a change of one is a changed line, and belongs in the changelog.
"""

from __future__ import annotations

import csv
import gzip
import io
from functools import cache
from pathlib import Path

from depsim.report.asking import default_asks
from depsim.study.reading import Individual, Study, StudyArm

FOLDER = Path(__file__).parent
STUDIES = ("paper", "regimens", "stress_cycles", "who_benefits")
_IDENTITY = ("study", "arm_key", "run_key", "treatment", "pathology", "model", "data", "seed")
_DIGITS = 10


@cache
def golden_study(name: str) -> Study:
    """A study as `depsim report --export` wrote it."""
    with gzip.open(FOLDER / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(io.StringIO(file.read())))
    arms: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        arms.setdefault(row["arm_key"], []).append(row)
    return Study(name, "1", tuple(_arm(key, values) for key, values in arms.items()), ())


def golden_rows(name: str) -> list[list[object]]:
    """What the questions of a study give: question, key, n, value, interval and both p of each row."""
    study = golden_study(name)
    return [
        [finding.name, dict(row.key), row.n, *map(_short, (row.value, row.low, row.high, row.p, row.p_holm))]
        for ask in default_asks(study)
        for finding in ask.findings(study)
        for row in finding.rows
    ]


def _arm(key: str, rows: list[dict[str, str]]) -> StudyArm:
    first = rows[0]
    is_metric = {name: "/" in name or name == "relapse_drop" for name in first}
    settings = {name: text or "null" for name, text in first.items() if not is_metric[name] and name not in _IDENTITY
                and (text or not name.startswith(("treatment.", "follow_up.")))}  # fmt: skip
    settings |= {name: first[name] for name in ("treatment", "pathology", "model")}
    people = tuple(
        Individual(int(row["seed"]), row["run_key"], "", {name: float(text) for name, text in row.items()
                                                         if is_metric[name] and text})
        for row in rows
    )  # fmt: skip
    return StudyArm(
        key, first["treatment"], first["pathology"], first["model"], first["data"], dict(sorted(settings.items())),
        people, (), (), (), 0,
    )  # fmt: skip


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_DIGITS}g}")
