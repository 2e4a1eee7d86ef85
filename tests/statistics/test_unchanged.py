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
    found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in rows(name):
        found[row["condition"], row["outcome"]][int(row["seed"])] = float(row["value"])
    return found


CELLS = [row for row in rows("cells.csv") if row["outcome"] != "sparsity"]
CONTRASTS = [r for r in rows("contrasts.csv") if (r["b"], r["outcome"]) in people("primary.csv")]


def name(row: Row) -> str:
    return "-".join((row.get("table", ""), row.get("a", ""), row.get("b", row.get("condition", "")), row["outcome"]))


def number(text: str) -> float | None:
    return float(text) if text else None


def test_the_stored_tables_are_whole() -> None:
    assert (len(CELLS), len(CONTRASTS)) == (44, 36)
    assert {len(found) for found in people("individuals.csv").values()} == {50}


@pytest.mark.parametrize("row", CELLS, ids=name)
def test_means_and_spreads(row: Row) -> None:
    values = people("individuals.csv")[row["condition"], row["outcome"]]
    (found,) = summarise(np.array(list(values.values()))[:, None])
    ours = (found.mean, found.sd, found.median, found.low, found.high)
    theirs = [number(row[key]) for key in ("mean", "sd", "median", "smallest", "largest")]
    assert list(ours) == [None if value is None else pytest.approx(value, abs=1e-10) for value in theirs]


@pytest.mark.parametrize("row", [row for row in CELLS if row["outcome"] != "clean"], ids=name)
def test_where_a_new_individual_is_expected(row: Row) -> None:
    values = people("individuals.csv")[row["condition"], row["outcome"]]
    others = np.array([value for seed, value in values.items() if seed != PAPERS_SEED])
    found = predict_value(others) if row["outcome"] == "relapse drop" else predict_accuracy(others, 4000)
    if np.ptp(others):
        assert found is not None
        assert (found.low, found.high) == pytest.approx((float(row["predicted_low"]), float(row["predicted_high"])))


@pytest.mark.parametrize("row", CONTRASTS, ids=name)
def test_differences_with_their_tests(row: Row) -> None:
    own = people("primary.csv")
    a, b = (own[row[side], row["outcome"]] for side in ("a", "b"))
    found = contrast(np.array([a[seed] for seed in b]), np.array(list(b.values())), tests=len(CONTRASTS))
    assert found.superiority is not None
    assert (found.n, found.p) == (int(row["n"]), float(row["p"]))
    share = (found.superiority.share, found.superiority.low, found.superiority.high)
    numbers = (found.difference.mean, found.d_z, *share)
    keys = ("difference", "d_z", "superiority", "superiority_low", "superiority_high")
    assert numbers == pytest.approx([float(row[key]) for key in keys])


def test_holms_adjustment() -> None:
    adjusted = holm([float(row["p"]) for row in CONTRASTS])
    assert adjusted == pytest.approx([float(row["p_holm"]) for row in CONTRASTS])
