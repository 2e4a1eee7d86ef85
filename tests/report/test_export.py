"""All individuals of a study as one table: everyone, every setting and every metric, each in its own column."""

from __future__ import annotations

import csv
import io

from pandas import isna

from depsim.report.export import export, individuals
from tests.people import paper_study


def test_every_value_stands_in_its_column() -> None:
    study = paper_study(3)
    table = individuals(study)
    assert table.columns.is_unique
    rows = {(row["treatment"], row["seed"]): row for row in table.to_dict("records")}
    assert len(rows) == len(table) == 4 * 3
    for arm in study.arms:
        for person in arm.individuals:
            row = rows[arm.treatment, person.seed]
            assert {key: row[key] for key in person.metrics} == dict(person.metrics)
            assert (row["arm_key"], row["run_key"], row["study"]) == (arm.arm_key, person.run_key, study.name)
            assert row["pathology.sparsity"] == 0.95
            assert row["task"] == "four_clusters"
    assert isna(rows["none", 0]["treatment.epochs"])
    assert rows["ssri", 0]["treatment.epochs"] == 100


def test_the_files_hold_the_table() -> None:
    files = export(paper_study(2))
    assert files.keys() == {"individuals.csv", "individuals.parquet"}
    rows = list(csv.DictReader(io.StringIO(files["individuals.csv"].decode())))
    assert {(row["treatment"], row["seed"]) for row in rows} >= {("ssri", "0"), ("ssri", "1")}
    assert {(row["treatment"], row["treatment.epochs"]) for row in rows} >= {("none", ""), ("ssri", "100")}
