"""All individuals of a study as one wide table, as CSV and Parquet."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from depsim.study.estimate import Value
from depsim.study.reading import Study
from depsim.study.table import number_or_text

if TYPE_CHECKING:
    from pandas import DataFrame

_IDENTITY = ("study", "arm_key", "run_key", "treatment", "pathology", "model", "data", "seed")


def individuals(study: Study) -> DataFrame:
    """One row per individual and condition: who, every setting, every metric; what was not measured is missing.

    Settings stand under their configuration keys, as numbers where all arms have a number there and else as texts;
    metrics under their names in MLflow.
    """
    import pandas as pd  # slow to import

    settings = sorted({key for arm in study.arms for key in arm.settings} - set(_IDENTITY))
    metrics = sorted({name for arm in study.arms for name in arm.metrics})
    chosen = {key: _values(study, key) for key in settings}
    rows = [
        {
            "study": study.name,
            "arm_key": arm.arm_key,
            "run_key": person.run_key,
            "treatment": arm.treatment,
            "pathology": arm.pathology,
            "model": arm.model,
            "data": arm.data,
            "seed": person.seed,
            **{key: values.get(arm.settings.get(key)) for key, values in chosen.items()},
            **person.metrics,
        }
        for arm in study.arms
        for person in arm.individuals
    ]
    whole = [
        key for key, values in chosen.items() if values and all(isinstance(value, int) for value in values.values())
    ]
    return pd.DataFrame(rows, columns=[*_IDENTITY, *settings, *metrics]).astype(dict.fromkeys(whole, "Int64"))


def export(study: Study) -> dict[str, bytes]:
    """The table as files, name to content."""
    table, file = individuals(study), io.BytesIO()
    table.to_parquet(file, index=False)
    return {
        "individuals.csv": table.to_csv(index=False, lineterminator="\n").encode(),
        "individuals.parquet": file.getvalue(),
    }


def _values(study: Study, key: str) -> dict[str | None, Value]:
    """What a setting's texts stand for."""
    texts = {text for arm in study.arms if (text := arm.settings.get(key)) not in (None, "null")}
    numbers: dict[str | None, Value] = {text: number_or_text(text) for text in texts}
    return {text: text for text in texts} if any(isinstance(value, str) for value in numbers.values()) else numbers
