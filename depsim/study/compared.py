"""Conditions beside each other in families of paired contrasts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from depsim.statistics import Contrast, contrast_family


@dataclass(frozen=True)
class Compared:
    """Condition A against condition B in one outcome.

    Args:
        a, b: their names.
        outcome: its name.
        contrast: of A - B, one of a family.
    """

    a: str
    b: str
    outcome: str
    contrast: Contrast


def compare_all(wanted: Iterable[tuple[str, str, str, np.ndarray]]) -> tuple[Compared, ...]:
    """One family of contrasts.

    Args:
        wanted: names of A, of B and of the outcome, and the values of those who have both, (N, 2); with nobody it is
            left out.
    """
    asked = [each for each in wanted if len(each[3])]
    found = contrast_family([both for *_, both in asked])
    return tuple(Compared(a, b, outcome, own) for (a, b, outcome, _), own in zip(asked, found, strict=True))
