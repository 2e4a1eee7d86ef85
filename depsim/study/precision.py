"""Are there enough individuals? By the width of intervals, never by p."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics import half_width, half_width_curve, individuals_needed
from depsim.study.contrasts import Pair

TARGET = 1.0
"""Points: half-width at which a contrast counts as known well enough."""


@dataclass(frozen=True)
class Precision:
    """How well a contrast is known.

    Args:
        pair: which.
        half_width: of the 95 % interval of its mean, Student's; None below two individuals.
        needed: individuals in all for a half-width of ``TARGET``; None where it cannot be told.
    """

    pair: Pair
    half_width: float | None
    needed: int | None

    @property
    def more(self) -> int | None:
        """Individuals that are missing; 0 where there are enough."""
        return None if self.needed is None else max(self.needed - self.pair.contrast.n, 0)


def precision(pairs: Sequence[Pair]) -> tuple[Precision, ...]:
    """Of each contrast."""
    return tuple(
        Precision(pair, half_width(pair.differences, pair.contrast.n), individuals_needed(pair.differences, TARGET))
        for pair in pairs
    )


def half_widths(pair: Pair, sizes: Sequence[int]) -> np.ndarray:
    """Half-width to expect with each number of individuals, (len(sizes),); NaN where unknown."""
    return half_width_curve(pair.differences, sizes)
