"""Overlap to expect of two choices that have nothing to do with each other."""

from __future__ import annotations

import math
from typing import NamedTuple


class ChanceOverlap(NamedTuple):
    """Mean and standard deviation of the share of the chosen that chance alone gets right.

    Args:
        mean: of the share, 0 to 1.
        sd: of the share.
    """

    mean: float
    sd: float


def chance_overlap(chosen: int, lost: int, wanted: int | None = None) -> ChanceOverlap:
    """Share of ``chosen`` synapses that are among the ``wanted`` of all ``lost`` ones, if they were drawn at random.

    The count is hypergeometric, so both figures are exact.

    Args:
        chosen: synapses drawn, without replacement.
        lost: synapses they are drawn from.
        wanted: those that count; as many as are chosen if left out (``regrowth/restored``).

    Raises:
        ValueError: unless 1 <= chosen <= lost and 0 <= wanted <= lost.

    >>> chance_overlap(2, 4)
    ChanceOverlap(mean=0.5, sd=0.28867513459481287)
    """
    wanted = chosen if wanted is None else wanted
    if not 1 <= chosen <= lost:
        raise ValueError(f"between 1 and all of {lost} synapses can be chosen, got {chosen}")
    if not 0 <= wanted <= lost:
        raise ValueError(f"between 0 and all of {lost} synapses can be wanted, got {wanted}")
    mean = wanted / lost
    if lost == 1:
        return ChanceOverlap(mean, 0.0)
    return ChanceOverlap(mean, math.sqrt(mean * (1 - mean) / chosen * (lost - chosen) / (lost - 1)))
