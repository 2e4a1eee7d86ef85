"""Reports on studies made by hand say and draw what was approved; ``make approve`` approves what they say now."""

from __future__ import annotations

import pytest

from tests.report.approval import FOLDER, STUDIES, difference


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_a_report_says_and_draws_what_was_approved(name: str) -> None:
    assert difference(name) == ""


def test_every_approved_report_is_of_a_study() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(STUDIES)
