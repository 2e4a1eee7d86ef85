"""Tests that are judged together: Holm's adjustment over a family, and the verdicts that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from depsim.statistics.proportions import FEWEST_FOR_INFERENCE
from depsim.statistics.sign_flip import ENUMERATED, smallest_p

LEVEL = 0.05
"""Of every test, and of every family of tests."""
Verdict = Literal["yes", "no", "undecided", "too few"]
"""What follows from a test among those of its family."""


def holm(ps: Sequence[float | None], tests: int | None = None) -> list[float | None]:
    """Holm's adjusted p values; None marks what was not tested, and has none.

    A declared test that was not made counts like one whose p is 1: a family must not shrink with the conditions that
    a study happens to have.

    Args:
        ps: of the tests that were made.
        tests: that the family was declared with; None for those that were made.

    Raises:
        ValueError: for more tests made than declared.

    References: Holm (1979), "A simple sequentially rejective multiple test procedure".

    >>> holm([0.01, None, 0.5, 0.015])
    [0.03, None, 0.5, 0.03]
    >>> holm([0.01, None, 0.5, 0.015], tests=4)
    [0.04, None, 1.0, 0.045]
    """
    made = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    size = len(made) if tests is None else tests
    if size < len(made):
        raise ValueError(f"a family of {size} tests cannot hold the {len(made)} that were made")
    adjusted: list[float | None] = [None] * len(ps)
    highest = 0.0
    for done, (p, place) in enumerate(made):
        highest = max(highest, min(1.0, (size - done) * p))
        adjusted[place] = highest
    return adjusted


def fewest_to_judge(tests: int) -> int:
    """How many individuals a family of tests needs so that anything can be said of it: of all, and to reject.

    >>> fewest_to_judge(1), fewest_to_judge(36), fewest_to_judge(1000)
    (10, 11, 16)
    """
    sizes = range(FEWEST_FOR_INFERENCE, ENUMERATED + 2)
    return next(n for n in sizes if smallest_p(n, tests) * tests <= LEVEL or n > ENUMERATED)


def verdict(p_holm: float | None, n: int, tests: int, holds: bool = True, smallest: float | None = None) -> Verdict:
    """What follows from a test: that it holds, that the opposite does, or neither.

    Args:
        p_holm: its p, adjusted over the family; None where nothing could be tested.
        n: individuals.
        tests: of the family.
        holds: whether the data lie on the side that was asked about; a significant p on the other side is a "no".
        smallest: p that ``n`` individuals could give at best, unadjusted; None for that of the sign-flip test.

    >>> verdict(0.01, 20, 5), verdict(0.01, 20, 5, holds=False), verdict(0.3, 20, 5), verdict(0.3, 10, 33)
    ('yes', 'no', 'undecided', 'too few')
    """
    best = smallest_p(n, tests) if smallest is None else smallest
    if p_holm is None or n < FEWEST_FOR_INFERENCE or best * tests > LEVEL:
        return "too few"
    if p_holm > LEVEL:
        return "undecided"
    return "yes" if holds else "no"
