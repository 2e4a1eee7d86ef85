"""Tests that are judged together."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import LEVEL, FamilyTest, Verdict, contrast_family, family, fewest_to_judge, holm, verdict


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


@pytest.mark.slow
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


def test_a_family_does_not_shrink_with_the_tests_that_were_not_made() -> None:
    """T5: the same individuals had 0.014 in a study with fewer conditions and 0.080 in one with more."""
    assert holm([0.01, None, 0.02, None], tests=8) == pytest.approx([0.08, None, 0.14, None])
    assert holm([0.01, 0.02, *[1.0] * 6])[:2] == holm([0.01, 0.02], tests=8)
    found = family([FamilyTest(p=0.01), None, FamilyTest(p=0.02)], tests=8)
    assert [each and each.p_holm for each in found] == pytest.approx([0.08, None, 0.14])
    with pytest.raises(ValueError, match="a family of 1 tests cannot hold the 2 that were made"):
        holm([0.01, 0.02], tests=1)


def test_contrasts_of_a_declared_family_are_adjusted_over_it_and_draw_enough_flips_to_reject() -> None:
    both = np.stack([np.arange(20.0) + 1, np.zeros(20)], axis=1)
    (found,) = contrast_family([both], tests=600)
    assert found.p == 1 / 12_000
    assert found.p_holm == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("p_holm", "n", "tests", "holds", "expected"),
    [
        (0.05, 20, 5, True, "yes"),
        (0.05, 20, 5, False, "no"),
        (0.0501, 20, 5, True, "undecided"),
        (0.0501, 20, 5, False, "undecided"),
        (0.01, 9, 1, True, "too few"),
        (None, 20, 5, True, "too few"),
        (0.04, 10, 25, True, "yes"),  # 25 times 2 / 1024
        (1.0, 10, 26, True, "too few"),
        (1.0, 11, 26, True, "undecided"),
    ],
)
def test_a_verdict_is_one_of_four_words(
    p_holm: float | None, n: int, tests: int, holds: bool, expected: Verdict
) -> None:
    assert verdict(p_holm, n, tests, holds) == expected


def test_where_another_test_could_not_reject_there_are_too_few_for_it() -> None:
    assert verdict(1.0, 50, 1, smallest=0.154) == "too few"  # 50 of 50 against 0.95
    assert verdict(0.03, 12, 100, smallest=1e-9) == "yes"
