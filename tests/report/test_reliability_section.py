"""What replicates allow to say about individuals, and that it stands where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depsim.report.document import Paragraph
from depsim.report.sections import reliability
from depsim.study.reading import Failure, Replicate, Study
from tests.people import arm, study
from tests.report.blocks import blocks_of, named, records

N = 30
BETWEEN = np.linspace(-1, 1, N)
WITHIN = np.where(np.arange(N) % 2, 1.0, -1.0)


def replicated(spread: float) -> Study:
    """Individuals whose combined stress differs between two replicates by twice this, and between them by up to 2."""
    one, other = (arm("ssri", {"treated/combined": 80 + BETWEEN + sign * spread * WITHIN}) for sign in (1, -1))
    return study(replace(one, replicates=(Replicate(1, other.individuals, (), ()),)))


def test_individuals_that_differ_more_than_their_replicates_are_told_reliably() -> None:
    found = blocks_of(reliability.section(replicated(0.05)))
    assert [row["statement"] for row in records(named(found, "reliability"))] == ["reliable"]
    assert not [block for block in found if isinstance(block, Paragraph) and block.kind == "warning"]


def test_replicates_that_failed_are_counted_and_warned_of() -> None:
    (one,) = replicated(0.05).arms
    (again,) = one.replicates
    failed = replace(again, individuals=again.individuals[2:], failures=(Failure(0, "no", "r"), Failure(1, "no", "r")))
    found = blocks_of(reliability.section(study(replace(one, replicates=(failed,)))))
    warnings = [block.text for block in found if isinstance(block, Paragraph) and block.kind == "warning"]
    assert warnings == ["2 replicates failed; these individuals are left out of this table, not of others."]
    assert [row["n"] for row in records(named(found, "reliability"))] == [N - 2]
