"""Are there enough individuals? By the width of intervals, never by p."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depsim.statistics import FEWEST_FOR_INFERENCE, half_width, individuals_needed, spread
from depsim.study.contrasts import Pair

TARGET = 1.0
"""Points: half-width at which a contrast counts as known well enough."""


@dataclass(frozen=True)
class Precision:
    """How well a contrast is known.

    Args:
        pair: which.
        half_width: of the 95 % interval of its mean, Student's; None below two individuals.
        needed: individuals in all for a half-width of ``TARGET``, from the upper 80 % limit of the spread; None where
            it cannot be told, and below ten individuals, who know too little of it.
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
    found = []
    for pair in pairs:
        n = pair.contrast.n
        needed = individuals_needed(pair.differences, TARGET) if n >= FEWEST_FOR_INFERENCE else None
        found.append(Precision(pair, half_width(spread(pair.differences), n), needed))
    return tuple(found)
