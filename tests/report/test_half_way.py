from __future__ import annotations

from typing import Any, cast

import pytest

from depsim.report.half_way import Halfway
from depsim.report.points import OUTCOMES
from depsim.statistics import DoseResponse
from depsim.study.axes import Axis

PRUNED = Axis("pathology.sparsity", ("0.5", "0.8", "0.9", "0.95"), True)
REGROWN = Axis("treatment.regrow_fraction", ("0", "0.2", "0.4", "0.8"), True)


@pytest.mark.parametrize(
    ("axis", "slope", "expected"),
    [
        (REGROWN, 2.0, (0.1, 0.08, 0.13, 30, 90)),
        (REGROWN, -2.0, (0.1, 0.08, 0.13, 90, 30)),
        # What is pruned is what does not remain: bounds change places, and so does what comes before.
        (PRUNED, 2.0, (0.9, 0.87, 0.92, 90, 30)),
        (PRUNED, -2.0, (0.9, 0.87, 0.92, 30, 90)),
    ],
)
def test_a_half_way_point_lies_on_its_axis_with_its_interval_and_plateaus(
    axis: Axis, slope: float, expected: tuple[float, ...]
) -> None:
    curve = DoseResponse(ed50=0.1, low=0.08, high=0.13, lower=30, upper=90, slope=slope)
    found = Halfway(cast(Any, None), OUTCOMES[0], "treated", curve, 20).on_the_axis(axis)
    assert found == pytest.approx(expected)


def test_without_an_interval_there_is_none_on_the_axis_either() -> None:
    curve = DoseResponse(ed50=0.1, low=None, high=None, lower=30, upper=90, slope=2.0)
    assert Halfway(cast(Any, None), OUTCOMES[0], "treated", curve, 2).on_the_axis(PRUNED)[1:3] == (None, None)
