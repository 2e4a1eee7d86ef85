"""Rules that did not change give the numbers that they gave: fifty individuals and their report, of commit be8ec63.

What did change is not compared: intervals of means, who belongs to a family of tests, margins, clean accuracies'
predictions, verdicts.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from depsim.statistics import contrast, holm, predict_accuracy, predict_value, summarise

FOLDER = Path(__file__).with_name("fifty_individuals")
PAPERS_SEED = 42
"""The one that be8ec63 left out where the published individual was judged."""
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def people(name: str) -> dict[tuple[str, str], dict[int, float]]:
    """Condition and outcome to seed to value."""
    values: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in rows(name):
        values[row["condition"], row["outcome"]][int(row["seed"])] = float(row["value"])
    return values


CELLS = [row for row in rows("cells.csv") if row["outcome"] != "sparsity"]
CONTRASTS = [r for r in rows("contrasts.csv") if (r["b"], r["outcome"]) in people("primary.csv")]


def name(row: Row) -> str:
    return "-".join((row.get("table", ""), row.get("a", ""), row.get("b", row.get("condition", "")), row["outcome"]))


def number(text: str) -> float | None:
    return float(text) if text else None


def test_the_stored_tables_are_whole() -> None:
    assert (len(CELLS), len(CONTRASTS)) == (44, 36)
    assert {len(seeds) for seeds in people("individuals.csv").values()} == {50}


@pytest.mark.parametrize("row", CELLS, ids=name)
def test_means_and_spreads(row: Row) -> None:
    values = people("individuals.csv")[row["condition"], row["outcome"]]
    (summary,) = summarise(np.array(list(values.values()))[:, None])
    ours = (summary.mean, summary.sd, summary.median, summary.low, summary.high)
    theirs = [number(row[key]) for key in ("mean", "sd", "median", "smallest", "largest")]
    assert list(ours) == [None if value is None else pytest.approx(value, abs=1e-10) for value in theirs]


@pytest.mark.parametrize("row", [row for row in CELLS if row["outcome"] != "clean"], ids=name)
def test_where_a_new_individual_is_expected(row: Row) -> None:
    values = people("individuals.csv")[row["condition"], row["outcome"]]
    others = np.array([value for seed, value in values.items() if seed != PAPERS_SEED])
    prediction = predict_value(others) if row["outcome"] == "relapse drop" else predict_accuracy(others, 4000)
    if np.ptp(others):
        assert prediction is not None
        assert (prediction.low, prediction.high) == pytest.approx(
            (float(row["predicted_low"]), float(row["predicted_high"]))
        )


@pytest.mark.parametrize("row", CONTRASTS, ids=name)
def test_differences_with_their_tests(row: Row) -> None:
    primary = people("primary.csv")
    a, b = (primary[row[side], row["outcome"]] for side in ("a", "b"))
    made = contrast(np.array([a[seed] for seed in b]), np.array(list(b.values())), tests=len(CONTRASTS))
    assert made.superiority is not None
    assert (made.n, made.p) == (int(row["n"]), float(row["p"]))
    share = (made.superiority.share, made.superiority.low, made.superiority.high)
    numbers = (made.difference.mean, made.d_z, *share)
    keys = ("difference", "d_z", "superiority", "superiority_low", "superiority_high")
    assert numbers == pytest.approx([float(row[key]) for key in keys])


def test_holms_adjustment() -> None:
    adjusted = holm([float(row["p"]) for row in CONTRASTS])
    assert adjusted == pytest.approx([float(row["p_holm"]) for row in CONTRASTS])
