"""A question about shares says of whom something holds; counts, exact intervals, table and figure follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pytest
from scipy.stats import binomtest

from depsim.report.figures import style
from depsim.report.shares import Shares
from depsim.study.groups import Condition
from tests.people import arm, study


class Strong(Shares):
    """Who keeps 70 % under combined stress."""

    word: ClassVar[str] = "strong"
    title: ClassVar[str] = "Who stays strong?"
    of: ClassVar[str] = "above 70 % under combined stress"

    def holds(self, condition: Condition) -> Mapping[int, bool]:
        """Of those who were measured."""
        return {seed: value > 70 for seed, value in condition.values("combined").items()}


def test_shares_are_counted_among_those_who_were_measured() -> None:
    values = np.array([60.0, 80.0, np.nan, 90.0, 71.0, 70.0])
    made = study(arm("ketamine", {"treated/combined": values}), arm("ssri", {"treated/combined": values * 0 + 60}))
    (finding,) = Strong().findings(made)
    ketamine, ssri = finding.rows
    expected = binomtest(3, 5).proportion_ci(0.95)
    assert (ketamine.n, ketamine.value, ssri.value) == (5, 60.0, 0.0)
    assert (ketamine.low, ketamine.high) == pytest.approx((100 * expected.low, 100 * expected.high))
    assert finding.sentence == (
        f"Above 70 % under combined stress: ketamine 60 [{100 * expected.low:.0f}, {100 * expected.high:.0f}], "
        f"ssri 0 [0, {ssri.high:.0f}] (n = 5)."
    )
    assert finding.table is not None
    assert finding.table.headings == ("condition", "strong", "% [95 % interval]")
    assert [cells[:2] for cells in finding.table.texts] == [("ketamine", "3 of 5"), ("ssri", "0 of 5")]
    assert finding.figure is not None
    with style.look():
        (axis,) = finding.figure.draw().axes
    assert [text.get_text() for text in axis.get_yticklabels()] == ["ketamine", "ssri"]


def test_where_nobody_was_measured_there_is_no_answer() -> None:
    assert Strong().findings(study(arm("ketamine", {"treated/standard": [1.0, 2.0]}))) == ()
