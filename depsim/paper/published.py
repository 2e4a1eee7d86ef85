"""The published values: what they are of, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from depsim.execution.job import READERS
from depsim.study.stored import of_treatment, treatment_steps, with_neutral
from depsim.yaml_file import read_yaml

IGNORED_KEYS = ("device", "cohort.data", "assessment.internal_noise")
"""Settings that may differ from the paper's without making another condition of it."""


@dataclass(frozen=True)
class Value:
    """One published value.

    Args:
        table: ``table_1``, ``table_2`` or ``sequel``.
        row: its row, as in the table.
        column: what was measured: the metric without its stage.
        treatment: of the individuals.
        stage: that they were in.
        mean: the value; None where the table has a dash.
        sd: standard deviation over ``n`` individuals, or None for a single one.
        n: how many individuals it is of.
    """

    table: str
    row: str
    column: str
    treatment: str
    stage: str
    mean: float | None
    sd: float | None = None
    n: int = 1


@cache
def published() -> dict[str, Any]:
    """The data file as it stands."""
    data = read_yaml(Path(__file__).parent / "published.yaml")
    assert isinstance(data, dict)
    return data


@cache
def values(table: str) -> tuple[Value, ...]:
    """The cells of ``table_1``, ``table_2`` or ``sequel``, row by row."""
    data = published()["sequel"] if table == "sequel" else published()["paper"][table]
    means, sds, n = data.get("mean", data.get("rows")), data.get("sd"), data.get("n", 1)
    cells = []
    for row, numbers in means.items():
        treatment, stage = published()["rows"][row]
        for place, (column, mean) in enumerate(zip(data["columns"], numbers, strict=True)):
            cells.append(Value(table, row, column, treatment, stage, mean, sds and sds[row][place], n))
    return tuple(cells)


def is_papers(settings: Mapping[str, str]) -> bool:
    """Whether this is the condition that the paper's values are of, but for the treatment and the data."""
    return not differences(settings)


def differences(settings: Mapping[str, str]) -> tuple[str, ...]:
    """How settings differ from the paper's condition, treatment and data apart: ``key=value`` in order."""
    papers = with_neutral({key: str(value) for key, value in published()["condition"].items()})
    ignored = {*IGNORED_KEYS, *READERS}
    mine = {key: value for key, value in settings.items() if key not in ignored and not of_treatment(key)}
    changed = [f"{key}={text}" for key, text in mine.items() if key not in papers or not _same(text, papers[key])]
    return tuple(sorted(changed + [f"{key} missing" for key in papers if key not in {*mine, *READERS}]))


def is_papers_treatment(settings: Mapping[str, str]) -> bool:
    """Whether a treatment is one of the paper's, with the paper's settings: whether it takes the same steps."""
    theirs, steps = _papers_treatment(settings["treatment"]), treatment_steps(settings)
    return theirs is not None and steps is not None and steps == treatment_steps(theirs)


def _papers_treatment(name: str) -> dict[str, str] | None:
    settings = published()["treatments"].get(name)
    return None if settings is None else {"treatment": name, **{key: str(value) for key, value in settings.items()}}


def _same(text: str, value: Any) -> bool:
    """Whether a stored setting is this value; numbers by size, as 1e-05 and 0.00001 are one."""
    try:
        return float(text) == float(value)
    except ValueError:
        return text == str(value)
