"""The rows of four real studies are what they were."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tests.golden import FOLDER, STUDIES, golden_rows

pytestmark = pytest.mark.slow  # all questions of a study


@pytest.mark.parametrize("name", STUDIES)
def test_every_row_has_the_numbers_that_it_had(name: str) -> None:
    before = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(golden_rows(name)))
    assert [row[:3] for row in now] == [row[:3] for row in before]
    for new, old in zip(now, before, strict=True):
        assert _numbers(new) == pytest.approx(_numbers(old), rel=1e-8, abs=1e-12, nan_ok=True), old[:3]


def _numbers(row: list[Any]) -> list[float]:
    """The value, the interval and both p of a row; what it does not have is NaN."""
    return [math.nan if number is None else number for number in row[3:]]
