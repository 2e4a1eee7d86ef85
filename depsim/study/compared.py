"""Conditions beside each other in families of paired contrasts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from depsim.statistics import Contrast, contrast, family


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
    found = [Compared(a, b, outcome, contrast(both[:, 0], both[:, 1])) for a, b, outcome, both in wanted if len(both)]
    tested = family([each.contrast for each in found])
    return tuple(replace(each, contrast=own) for each, own in zip(found, tested, strict=True))
