"""Each number of a table stands in its own column."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from depsim.report.points import points_of, points_sheet
from depsim.report.sections import resilience, tables
from depsim.statistics import summarise
from tests.people import SIGMAS, paper_arm, paper_study
from tests.report.blocks import blocks_of, named, records

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


def test_a_sequels_mean() -> None:
    made = paper_study(N, "individual")
    section = tables.section(made)
    assert section is not None
    sheet = named(blocks_of(section), "sequel_individual")
    (row,) = [row for row in records(sheet) if (row["condition"], row["outcome"]) == ("ssri", "combined")]
    (ours,) = summarise(next(a for a in made.arms if a.treatment == "ssri").values("treated/combined")[:, None])
    error = (ours.sd**2 / N + 8.8**2 / 10) ** 0.5  # type: ignore[operator]
    assert row == {
        "condition": "ssri", "outcome": "combined", "n": N, "mean": ours.mean, "sd": ours.sd, "published_mean": 81.3,
        "published_sd": 8.8, "distance": pytest.approx((ours.mean - 81.3) / error),
    }  # fmt: skip


def test_a_point_of_a_resilience_curve() -> None:
    values = ARMS["ketamine"].values(f"treated/internal_noise_{SIGMAS[-1]}")
    (ours,) = summarise(values[:, None])
    assert ours.interval is not None
    assert rows(resilience, "resilience_shared", condition="ketamine", sigma=float(SIGMAS[-1])) == {
        "condition": "ketamine", "sigma": float(SIGMAS[-1]), "n": N, "mean": pytest.approx(ours.mean),
        "low": pytest.approx(ours.interval[0]), "high": pytest.approx(ours.interval[1]),
    }  # fmt: skip


def test_a_point_of_a_sweep() -> None:
    arm = paper_arm("ketamine", N, treatment__regrow_fraction="0.25")
    points = points_of([arm])
    sheet = points_sheet("s", "t", ["treatment.regrow_fraction"], points.values(), folded=False)
    (row,) = [row for row in records(sheet) if (row["outcome"], row["when"]) == ("combined stress", "treated")]
    (ours,) = summarise(arm.values("treated/combined")[:, None])
    assert ours.interval is not None
    assert row == {
        "treatment": "ketamine", "treatment.regrow_fraction": 0.25, "outcome": "combined stress", "when": "treated",
        "n": N, "mean": ours.mean, "ci_low": ours.interval[0], "ci_high": ours.interval[1], "sd": ours.sd,
        "unit": "%", "arm_key": arm.arm_key,
    }  # fmt: skip
