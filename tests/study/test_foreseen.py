from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from depsim.study import foreseen as module
from depsim.study.foreseen import Spread, foreseen, main, spreads

FINDING = Path(__file__).parents[2] / "docs" / "finding"
KNOWN = (
    Spread("shared", "combined stress", "ketamine", "ssri", 50, 4.0),
    Spread("shared", "combined stress", "ssri", "untreated", 50, 2.0),
    Spread("shared", "combined stress", "ketamine", "neurosteroid on", 50, 8.0),
    Spread("individual", "combined stress", "ketamine", "ssri", 50, 99.0),
    Spread("shared", "relapse drop", "ketamine", "ssri", 50, 1.0),
)


def test_the_stored_spreads_are_those_of_the_finding() -> None:
    found = []
    for study, data in (("paper", "shared"), ("seeds", "individual")):
        table = json.loads((FINDING / study / "study.json").read_text())["tables"][f"contrasts_{data}"]
        rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        found += [(data, r["outcome"], r["a"], r["b"], 200, pytest.approx(r["difference"] / r["d_z"], abs=1e-4))
                  for r in rows if r["n"] == 200]  # fmt: skip
    assert [tuple(spread) for spread in spreads()] == found
    assert len(found) == 2 * 33


def test_what_so_many_will_see_of_each_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "spreads", lambda: KNOWN)
    combined, _ = foreseen({"none", "ketamine", "ssri"}, "shared", 25)
    t, t80, of_three = stats.t.ppf([0.975, 0.8, 1 - 0.025 / 3], 24)
    widths, seen = t * np.array([2, 4]) / 5, (of_three + t80) * np.array([2, 4]) / 5
    assert combined == (
        f"combined stress: contrasts to within ± {widths[0]:.1f} to {widths[1]:.1f} points; differences of "
        f"{seen[0]:.1f} to {seen[1]:.1f} points are noticed 8 times of 10 (the most for ketamine − ssri)"
    )


@pytest.mark.parametrize(
    ("treatments", "data", "n"),
    [({"ssri"}, "shared", 25), ({"mine"}, "shared", 9), ({"neurosteroid", "none"}, "individual", 30)],
)
def test_where_nothing_is_known_nothing_is_foreseen(
    treatments: set[str], data: str, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "spreads", lambda: KNOWN)
    assert foreseen(treatments, data, n) == []


@pytest.mark.parametrize(("n", "few"), [(10, True), (11, False)])
def test_where_no_difference_could_be_noticed_that_is_said(n: int, few: bool) -> None:
    # R3: the smallest p of ten is 2 in 1,024, too large for 33 tests together.
    lines = foreseen({"none", "ketamine", "ssri", "neurosteroid"}, "shared", n)
    assert (lines == ["too few to notice any difference among 33 tests together: that takes 11"]) is few


def test_the_spreads_of_a_report_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "report" / "figures"
    folder.mkdir(parents=True)
    (folder / "estimation_shared.csv").write_text(
        "outcome,a,b,seed,difference\ncombined stress,ketamine,ssri,0,1.0\ncombined stress,ketamine,ssri,1,4.0\n"
    )
    monkeypatch.setattr(module, "FILE", tmp_path / "spreads.json")
    main([str(tmp_path / "report")])
    spreads.cache_clear()
    try:
        assert spreads() == (Spread("shared", "combined stress", "ketamine", "ssri", 2, 2.1213),)
    finally:
        spreads.cache_clear()
