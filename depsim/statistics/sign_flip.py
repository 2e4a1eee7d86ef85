"""The sign-flip permutation test of paired differences, and the smallest p that it can give."""

from __future__ import annotations

import numpy as np

from depsim.statistics.resampling import RESAMPLES, sign_flips, weighted_sums

ENUMERATED = 16
"""Differences up to which every combination of signs is tried."""
_FLIPS_A_TEST = 20
"""Random flips for each test of a large family: the smallest p, adjusted, is then a 20th."""
ROUNDING = 1e-10
"""Sums of differences that differ by less, relative to the sum of their sizes, are equal."""


def sign_flip_p(differences: np.ndarray, tests: int = 1) -> float:
    """Two-sided p of the mean when each difference could as well have had the other sign.

    All combinations of signs are tried for up to 16 differences other than 0; beyond, 9,999 random ones (more where
    none of them reaches the mean, in a family so large that its smallest adjusted p would not reach 0.05), and the one
    at hand counts too, so p is never 0. Without any difference other than 0 it is 1.

    Args:
        differences: (N,) without NaN.
        tests: of the family that it will be adjusted in.

    References: Fisher (1935), "The design of experiments"; Phipson, Smyth (2010), "Permutation p-values should never
    be zero".

    >>> sign_flip_p(np.array([1.0, 2.0, 3.0, 4.0]))
    0.125
    """
    moved = differences[differences != 0]
    if moved.size == 0:
        return 1.0
    limit = abs(float(moved.sum())) - ROUNDING * float(np.abs(moved).sum())
    if moved.size <= ENUMERATED:
        sums = moved[:1]  # of either sign of the first, as only the size of a sum matters
        for difference in moved[1:]:
            sums = np.concatenate([sums + difference, sums - difference])
        return float((np.abs(sums) >= limit).mean())
    for count in sorted({RESAMPLES, flips_for(tests)}):
        sums = 2 * weighted_sums(sign_flips(moved.size, count), moved[:, None])[:, 0] - moved.sum()
        if reached := int((np.abs(sums) >= limit).sum()):
            break
    return (reached + 1) / (count + 1)


def flips_for(tests: int) -> int:
    """Random flips for a test in a family of so many."""
    return max(RESAMPLES, _FLIPS_A_TEST * tests - 1)


def smallest_p(n: int, tests: int = 1) -> float:
    """The smallest p that :func:`sign_flip_p` can give to ``n`` differences.

    >>> smallest_p(3), smallest_p(50), smallest_p(50, 1000)
    (0.25, 0.0001, 5e-05)
    """
    return 2.0 ** (1 - n) if n <= ENUMERATED else 1 / (flips_for(tests) + 1)
