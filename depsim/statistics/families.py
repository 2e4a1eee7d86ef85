"""Tests that are judged together: Holm's adjustment over a family, and what is beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

LEVEL = 0.05
"""Of every test, and of every family of tests."""


@dataclass(frozen=True)
class FamilyTest:
    """What a test says by itself, and among the tests that are judged with it.

    Args:
        p: two-sided; None where nothing could be tested.
        p_holm: adjusted by Holm over its :func:`family`; None before, and without a p.
    """

    p: float | None = field(kw_only=True)
    p_holm: float | None = field(default=None, kw_only=True)

    @property
    def beyond_chance(self) -> bool:
        """Whether it is, among all tests of its family."""
        return self.p_holm is not None and self.p_holm <= LEVEL


OneTest = TypeVar("OneTest", bound=FamilyTest | None)


def family(tests: Sequence[OneTest]) -> list[OneTest]:
    """These tests, each with its p adjusted over all of them; None stays None, and does not count."""
    adjusted = holm([None if test is None else test.p for test in tests])
    return [test if test is None else replace(test, p_holm=p) for test, p in zip(tests, adjusted, strict=True)]


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p values; None marks a contrast that was not tested and does not count.

    References: Holm (1979), "A simple sequentially rejective multiple test procedure".

    >>> holm([0.01, None, 0.5, 0.015])
    [0.03, None, 0.5, 0.03]
    """
    tested = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    highest = 0.0
    for done, (p, place) in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - done) * p))
        adjusted[place] = highest
    return adjusted
