"""Which replicates count for the reliability of an outcome."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.study.reading import Replicate, StudyArm
from depsim.study.reliability import replicated, replicates_of
from tests.people import arm

VALUES = {"treated/combined": np.linspace(80, 90, 12)}


def with_replicates(*others: StudyArm) -> StudyArm:
    again = tuple(Replicate(number, other.individuals, (), ()) for number, other in enumerate(others, start=1))
    return replace(arm("ssri", VALUES), replicates=again)


def combined(of: StudyArm) -> tuple[int, float | None]:
    found = next(one for one in replicated(replicates_of(of)) if one.outcome.column == "combined")
    return found.complete, found.reliability and found.reliability.share


def test_a_replicate_by_other_sources_is_no_replicate() -> None:
    # What two versions of the program differ by is nobody's chance.
    old = arm("ssri", {"treated/combined": np.linspace(60, 70, 12)})
    older = replace(old, individuals=tuple(replace(person, sources="old") for person in old.individuals))
    people = replicates_of(with_replicates(arm("ssri", VALUES), older))
    assert [len(column) for column in people] == [12, 12]
    assert combined(with_replicates(arm("ssri", VALUES), older)) == (12, pytest.approx(1.0))


def test_a_replicate_that_has_only_begun_hides_no_other() -> None:
    empty = replace(arm("ssri", VALUES), individuals=())
    assert combined(with_replicates(arm("ssri", VALUES), empty)) == (12, pytest.approx(1.0))
