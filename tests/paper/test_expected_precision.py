from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from depsim.paper import expected_precision as module
from depsim.paper.expected_precision import FACTS, Spread, expected_precision, main, read_spreads, spreads
from depsim.report.compose import compose
from depsim.report.writing import facts_json
from tests.people import paper_study

FINDING = Path(__file__).parents[2] / "docs" / "finding"
KNOWN = (
    Spread("shared", "combined", "ketamine", "ssri", 50, 4.0),
    Spread("shared", "combined", "ssri", "untreated", 50, 2.0),
    Spread("shared", "combined", "ketamine", "neurosteroid on", 50, 8.0),
    Spread("individual", "combined", "ketamine", "ssri", 50, 99.0),
    Spread("shared", "relapse_drop", "ketamine", "ssri", 50, 1.0),
)


def test_the_stored_spreads_are_those_of_the_finding() -> None:
    assert spreads() == tuple(spread for study in ("paper", "seeds") for spread in read_spreads(FINDING / study))
    assert len(spreads()) == 2 * 33


def test_what_so_many_will_see_of_each_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "spreads", lambda: KNOWN)
    combined, _ = expected_precision({"none", "ketamine", "ssri"}, "shared", 25)
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
def test_where_nothing_is_known_nothing_is_expected(
    treatments: set[str], data: str, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "spreads", lambda: KNOWN)
    assert expected_precision(treatments, data, n) == []


@pytest.mark.parametrize(("n", "few"), [(10, True), (11, False)])
def test_where_no_difference_could_be_noticed_that_is_said(n: int, few: bool) -> None:
    # R3: the smallest p of ten is 2 in 1,024, too large for 33 tests together.
    lines = expected_precision({"none", "ketamine", "ssri", "neurosteroid"}, "shared", n)
    assert (lines == ["too few to notice any difference among 33 tests together: that takes 11"]) is few


@pytest.mark.slow  # whole pages
def test_the_spreads_of_a_report_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for data in ("shared", "individual"):
        page = compose(paper_study(12, data), (), "depsim report paper")
        (tmp_path / data).mkdir()
        (tmp_path / data / FACTS).write_text(facts_json(page))
    monkeypatch.setattr(module, "FILE", tmp_path / "spreads.json")
    main([str(tmp_path / data) for data in ("shared", "individual")])
    spreads.cache_clear()
    try:
        stored = spreads()
    finally:
        spreads.cache_clear()
    values = {arm.treatment: arm.values("treated/combined") for arm in paper_study(12, "individual").arms}
    ketamine, ssri = values["ketamine"], values["ssri"]
    assert Spread(
        "individual", "combined", "ketamine", "ssri", 12, round(float(np.std(ketamine - ssri, ddof=1)), 4)
    ) in (stored)
    assert Counter(spread.data for spread in stored) == {"shared": 33, "individual": 33}


@pytest.mark.parametrize("keys", [{"a": "ketamine", "b": "ssri", "outcome": "combined"}, None])
def test_a_report_without_such_contrasts_or_of_mixed_data_is_refused(
    keys: dict[str, str] | None, tmp_path: Path
) -> None:
    findings = [{"name": "contrasts", "rows": [{"key": keys, "n": 3, "sd": 1.0}]}] if keys else []
    arms = [{"settings": {"cohort.data": data}} for data in ("shared", "individual")]
    (tmp_path / FACTS).write_text(json.dumps({"findings": findings, "arms": arms}))
    with pytest.raises(ValueError, match="no contrasts of all pairs of conditions with one kind of data"):
        read_spreads(tmp_path)
