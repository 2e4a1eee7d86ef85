"""Tests that are judged together."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import LEVEL, Verdict, contrast, fewest_to_judge, holm, verdict


@pytest.mark.parametrize(("tests", "fewest"), [(1, 10), (25, 10), (26, 11), (36, 11), (51, 11), (52, 12)])
def test_a_family_needs_the_individuals_with_which_holms_smallest_p_reaches_the_level(tests: int, fewest: int) -> None:
    # The smallest p of n sign flips is 2 / 2**n, and fewer than ten individuals are never judged.
    assert fewest_to_judge(tests) == fewest
    assert tests * 2 / 2**fewest <= LEVEL


def test_a_family_does_not_shrink_with_the_tests_that_were_not_made() -> None:
    """The same individuals had 0.014 in a study with fewer conditions and 0.080 in one with more."""
    assert holm([0.01, None, 0.02, None], tests=8) == pytest.approx([0.08, None, 0.14, None])
    assert holm([0.01, 0.02, *[1.0] * 6])[:2] == holm([0.01, 0.02], tests=8)
    with pytest.raises(ValueError, match="a family of 1 tests cannot hold the 2 that were made"):
        holm([0.01, 0.02], tests=1)


def test_a_contrast_of_a_large_family_draws_enough_flips_to_reject_in_it() -> None:
    differences = np.arange(20.0) + 1  # all 20 differ in the same direction; 9,999 flips alone leave Holm's p at 0.06
    one = contrast(differences, np.zeros(20), tests=600)
    assert one.p == 1 / 12_000
    assert holm([one.p], tests=600) == [pytest.approx(0.05)]


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
