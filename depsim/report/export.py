"""All individuals of a study as one wide table, as CSV and Parquet."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from depsim.report.comma_separated import sheet_csv
from depsim.report.document import Column, Sheet, Value
from depsim.study.reading import Individual, Study, StudyArm
from depsim.study.table import number_or_text

_IDENTITY = ("study", "arm_key", "run_key", "treatment", "pathology", "model", "data", "seed")


def individuals(study: Study) -> Sheet:
    """One row per individual and condition: who, every setting, every metric; what was not measured is None.

    Settings stand under their configuration keys, as numbers where all arms have a number there and else as texts;
    metrics under their names in MLflow.
    """
    settings = sorted({key for arm in study.arms for key in arm.settings} - set(_IDENTITY))
    metrics = sorted({name for arm in study.arms for person in arm.individuals for name in person.metrics})
    chosen = {key: _values(study, key) for key in settings}
    rows = tuple(_row(study, arm, person, chosen, metrics) for arm in study.arms for person in arm.individuals)
    columns = tuple(Column(key, key) for key in (*_IDENTITY, *settings, *metrics))
    return Sheet("individuals", "All individuals", columns, rows)


def export(study: Study) -> dict[str, bytes]:
    """The table as files, name to content."""
    table = individuals(study)
    return {"individuals.csv": sheet_csv(table).encode(), "individuals.parquet": _parquet(table)}


def _values(study: Study, key: str) -> dict[str | None, Value]:
    """What a setting's texts stand for."""
    texts = {text for arm in study.arms if (text := arm.settings.get(key)) not in (None, "null")}
    numbers: dict[str | None, Value] = {text: number_or_text(text) for text in texts}
    return {text: text for text in texts} if any(isinstance(value, str) for value in numbers.values()) else numbers


def _row(
    study: Study,
    arm: StudyArm,
    person: Individual,
    settings: Mapping[str, Mapping[str | None, Value]],
    metrics: Sequence[str],
) -> tuple[Value, ...]:
    identity = (study.name, arm.arm_key, person.run_key)
    chosen = (arm.treatment, arm.pathology, arm.model, arm.data, person.seed)
    return (
        *identity,
        *chosen,
        *(values.get(arm.settings.get(key)) for key, values in settings.items()),
        *(person.metrics.get(name) for name in metrics),
    )


def _parquet(table: Sheet) -> bytes:
    import pyarrow  # slow to import, and needed only here
    from pyarrow import parquet

    values: dict[str, Any] = {
        column.key: [row[place] for row in table.rows] for place, column in enumerate(table.columns)
    }
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(values), file)
    return file.getvalue()
