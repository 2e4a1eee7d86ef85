"""Tests that are judged together."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import LEVEL, FamilyTest, contrast_family, family, fewest_to_judge


@pytest.mark.parametrize(("p", "beyond"), [(None, False), (LEVEL, True), (0.0501, False), (1.0, False)])
def test_beyond_chance_is_at_most_the_level_after_the_adjustment(p: float | None, beyond: bool) -> None:
    assert FamilyTest(p=0.0, p_holm=p).beyond_chance is beyond
    assert not FamilyTest(p=0.0).beyond_chance


def test_a_family_is_adjusted_over_the_tests_that_it_has() -> None:
    tests = [FamilyTest(p=0.02), None, FamilyTest(p=None), FamilyTest(p=0.03), FamilyTest(p=0.5)]
    found = family(tests)
    assert [None if test is None else test.p_holm for test in found] == [0.06, None, None, 0.06, 0.5]
    assert [None if test is None else test.p for test in found] == [0.02, None, None, 0.03, 0.5]
    assert all(test is None or test.p_holm is None for test in tests)


def test_a_family_of_any_size_can_reject_where_it_has_the_individuals() -> None:
    both = np.stack([np.arange(20.0) + 1, np.zeros(20)], axis=1)  # all 20 differ in the same direction
    found = contrast_family([both] * 600)
    assert [each.beyond_chance for each in found] == [True] * 600  # 9,999 flips alone leave Holm's p at 0.06
    assert found[0].p == 1 / 12_000


@pytest.mark.parametrize(("tests", "fewest"), [(1, 10), (25, 10), (26, 11), (36, 11), (51, 11), (52, 12)])
def test_a_family_needs_the_individuals_with_which_holms_smallest_p_reaches_the_level(tests: int, fewest: int) -> None:
    # The smallest p of n sign flips is 2 / 2**n, and fewer than ten individuals are never judged.
    assert fewest_to_judge(tests) == fewest
    assert tests * 2 / 2**fewest <= LEVEL
