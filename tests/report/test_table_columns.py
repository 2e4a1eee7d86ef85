"""Each number of a table stands in its own column."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from depsim.report.points import points_of, points_sheet
from depsim.report.sections import precision, resilience, tables
from depsim.statistics import half_width, individuals_needed, percentile_of, predict_accuracy, predict_value, summarise
from depsim.study.comparison import compare
from depsim.study.panels import panels
from tests.people import SIGMAS, paper_arm, paper_study
from tests.report.blocks import blocks_of, column, named, records

N = 45
STUDY = paper_study(N)
ARMS = {arm.treatment: arm for arm in STUDY.arms}


def rows(module: ModuleType, name: str, **only: object) -> dict[str, Any]:
    """The one row of a table that has these values, by column."""
    section = module.section(STUDY)
    assert section is not None
    blocks = blocks_of(section)
    pictures = {block.data.name: block.data for block in blocks if hasattr(block, "data")}
    sheet = pictures.get(name) or named(blocks, name)
    (row,) = [row for row in records(sheet) if row.items() >= only.items()]
    return row


def test_a_cell_of_the_papers_tables() -> None:
    values = ARMS["ssri"].values("treated/combined")
    (ours,), predicted = summarise(values[:, None]), predict_accuracy(values, 4000)
    assert ours.interval is not None
    assert predicted is not None
    assert rows(tables, "cells_shared", table="1", condition="ssri", outcome="combined") == {
        "table": "1",
        "condition": "ssri",
        "outcome": "combined",
        "kind": "primary",
        "n": N,
        "mean": ours.mean,
        "low": ours.interval[0],
        "high": ours.interval[1],
        "sd": ours.sd,
        "median": ours.median,
        "smallest": values.min(),
        "largest": values.max(),
        "may_differ": None,
        "published": 83.5,
        "predicted_low": predicted.low,
        "predicted_high": predicted.high,
        "observed_coverage": pytest.approx((N - 1) / (N + 1)),
        "percentile": percentile_of(83.5, values.round(1)),
        "verdict": "inside",
    }


def test_a_published_difference() -> None:
    values = ARMS["ketamine"].values("treated/combined") - ARMS["ssri"].values("treated/combined")
    gap = rows(tables, "gaps_shared", outcome="combined stress", a="ketamine", b="ssri")
    (judged,) = [
        g for g in compare(panels(STUDY)[0]).gaps if (g.outcome.column, g.a, g.b) == ("combined", "ketamine", "ssri")
    ]
    assert judged.prediction is not None
    assert gap == {
        "outcome": "combined stress",
        "a": "ketamine",
        "b": "ssri",
        "published": pytest.approx(96.9 - 83.5),
        "n": N,
        "mean": pytest.approx(values.mean()),
        "predicted_low": judged.prediction.low,
        "predicted_high": judged.prediction.high,
        "percentile": judged.percentile,
        "verdict": "inside" if judged.inside else "outside",
    }
    assert judged.prediction.low < values.mean() < judged.prediction.high


def test_the_joint_verdict() -> None:
    found = compare(panels(STUDY)[0])
    assert found.joint is not None
    row = rows(tables, "joint_shared")
    assert row == {
        "values": found.joint.values,
        "n": N,
        "rank": found.joint.rank,
        "p": found.joint.rank / (N + 1),
        "distinguishable": found.joint.distinguishable,
        "noticed": found.noticed,
    }


def test_a_sequels_mean() -> None:
    made = paper_study(N, "individual")
    section = tables.section(made)
    assert section is not None
    sheet = named(blocks_of(section), "sequel_individual")
    (row,) = [row for row in records(sheet) if (row["condition"], row["outcome"]) == ("ssri", "combined")]
    (ours,) = summarise(next(a for a in made.arms if a.treatment == "ssri").values("treated/combined")[:, None])
    error = (ours.sd**2 / N + 8.8**2 / 10) ** 0.5  # type: ignore[operator]
    assert row == {
        "condition": "ssri",
        "outcome": "combined",
        "n": N,
        "mean": ours.mean,
        "sd": ours.sd,
        "published_mean": 81.3,
        "published_sd": 8.8,
        "distance": pytest.approx((ours.mean - 81.3) / error),
    }


def test_the_precision_of_a_contrast() -> None:
    values = ARMS["ketamine"].values("treated/combined") - ARMS["ssri"].values("treated/combined")
    needed = individuals_needed(values, 1.0)
    assert needed is not None
    assert rows(precision, "precision_shared", outcome="combined stress", a="ketamine", b="ssri") == {
        "outcome": "combined stress",
        "a": "ketamine",
        "b": "ssri",
        "n": N,
        "half_width": pytest.approx(half_width(float(values.std(ddof=1)), N)),
        "needed": needed,
        "more": max(needed - N, 0),
    }


def test_a_point_of_a_resilience_curve() -> None:
    values = ARMS["ketamine"].values(f"treated/internal_noise_{SIGMAS[-1]}")
    (ours,) = summarise(values[:, None])
    assert ours.interval is not None
    assert rows(resilience, "resilience_shared", condition="ketamine", sigma=float(SIGMAS[-1])) == {
        "condition": "ketamine",
        "sigma": float(SIGMAS[-1]),
        "n": N,
        "mean": pytest.approx(ours.mean),
        "low": pytest.approx(ours.interval[0]),
        "high": pytest.approx(ours.interval[1]),
    }


def test_a_point_of_a_sweep() -> None:
    arm = paper_arm("ketamine", N, treatment__regrow_fraction="0.25")
    points = points_of([arm])
    sheet = points_sheet("s", "t", ["treatment.regrow_fraction"], points.values(), folded=False)
    (row,) = [row for row in records(sheet) if (row["outcome"], row["when"]) == ("combined stress", "treated")]
    (ours,) = summarise(arm.values("treated/combined")[:, None])
    assert ours.interval is not None
    assert row == {
        "treatment": "ketamine",
        "treatment.regrow_fraction": 0.25,
        "outcome": "combined stress",
        "when": "treated",
        "n": N,
        "mean": ours.mean,
        "ci_low": ours.interval[0],
        "ci_high": ours.interval[1],
        "sd": ours.sd,
        "unit": "%",
        "arm_key": arm.arm_key,
    }


def test_a_value_that_is_a_drop_is_predicted_as_it_is() -> None:
    values = ARMS["ssri"].values("relapse_drop")
    predicted = predict_value(values)
    assert predicted is not None
    row = rows(tables, "cells_shared", condition="ssri", outcome="relapse drop")
    assert (row["predicted_low"], row["predicted_high"]) == pytest.approx((predicted.low, predicted.high))
    assert np.ptp(values) > 0


def test_a_published_value_is_marked_where_it_lies_outside_and_nowhere_else() -> None:
    cells = [
        cell
        for cell in compare(panels(STUDY)[0]).cells
        if cell.value.table == "table_1" and cell.value.mean is not None
    ]
    section = tables.section(STUDY)
    assert section is not None
    sheet = named(blocks_of(section), "table_1_shared")
    keys = [column.key for column in sheet.columns]
    shown, row = {}, ""
    for name, *texts in sheet.rows:
        row = row if name == "published" else str(name).partition(" (n")[0]
        if name == "published":
            shown |= {(row, key): str(text).endswith(" outside") for key, text in zip(keys[1:], texts, strict=True)}
    marked = {(cell.value.row, cell.value.column): cell.inside is False for cell in cells}
    assert {place: shown[place] for place in marked} == marked
    assert set(marked.values()) == {True, False}


def test_how_many_contrasts_are_known_well_enough() -> None:
    section = precision.section(STUDY)
    assert section is not None
    blocks = blocks_of(section)
    sheet = named(blocks, "precision_shared")
    widths = column(sheet, "half_width")
    known = sum(width <= 1 for width in widths if isinstance(width, float))
    assert 0 < known < len(widths)
    assert known != len(widths) - known
    assert any(
        f"{known} of {len(widths)} contrasts are known to within 1 point" in getattr(b, "text", "") for b in blocks
    )
