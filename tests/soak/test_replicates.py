"""Replicates on two workers."""

from __future__ import annotations

import pytest

from tests.execution.test_replicates import bits
from tests.jobs import run, spec


@pytest.mark.usefixtures("project")
def test_one_and_two_workers_give_the_same() -> None:
    asked = ("cohort.seeds=[3]", "cohort.size=null", "cohort.first_seed=null", "cohort.replicates=4", "tracking=none")
    one, two = (run(spec("ketamine", *asked, f"workers={count}")) for count in (1, 2))
    assert [bits(record.outcomes()) for record in one] == [bits(record.outcomes()) for record in two]
