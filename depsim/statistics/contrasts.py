"""Two conditions on the same individuals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics.families import LEVEL, FamilyTest, family
from depsim.statistics.proportions import FEWEST_FOR_INFERENCE, Proportion, proportion
from depsim.statistics.resampling import RESAMPLES, sign_flips, weighted_sums
from depsim.statistics.summary import Summary, summarise

_ENUMERATED = 16
"""Differences up to which every combination of signs is tried."""
_FLIPS_A_TEST = 20
"""Random flips for each test of a large family: the smallest p, adjusted, is then a 20th."""
_ROUNDING = 1e-10
"""Sums of differences that differ by less, relative to the sum of their sizes, are equal."""


@dataclass(frozen=True)
class Contrast(FamilyTest):
    """Condition A against condition B, paired on the individual.

    Args:
        n: individuals with a value in both.
        difference: of A - B.
        d_z: mean difference in standard deviations of the difference; None where those are 0 or unknown.
        superiority: share of individuals with A above B, ties half; None without an individual.
        p, p_holm: of the sign-flip permutation test that neither is higher; None below two individuals.
    """

    n: int
    difference: Summary
    d_z: float | None
    superiority: Proportion | None


def contrast(a: np.ndarray, b: np.ndarray, tests: int = 1) -> Contrast:
    """Contrast of ``a`` and ``b``, (N,) each, the same individual in the same place; a NaN leaves both out.

    Args:
        a, b: values.
        tests: of the family that its p will be adjusted in.

    Raises:
        ValueError: for arrays of different length.

    >>> found = contrast(np.array([3.0, 4.0, 5.0]), np.array([1.0, 3.0, 2.0]))
    >>> found.difference.mean, found.p, found.d_z, found.superiority.share
    (2.0, 0.25, 2.0, 1.0)
    """
    differences = paired_differences(a, b)
    (difference,) = summarise(differences[:, None])
    n = differences.size
    return Contrast(
        n=n,
        difference=difference,
        p=sign_flip_p(differences, tests) if n > 1 else None,
        d_z=difference.mean / difference.sd if difference.sd else None,
        superiority=proportion((np.sign(differences) + 1) / 2) if n else None,
    )


def contrast_family(pairs: Sequence[np.ndarray]) -> list[Contrast]:
    """Contrasts that are judged together, as one :func:`~depsim.statistics.families.family`.

    Args:
        pairs: of each the values of A and of B, (N, 2), as :func:`contrast` takes them.
    """
    return family([contrast(both[:, 0], both[:, 1], len(pairs)) for both in pairs])


def paired_differences(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``a - b`` of those who have both.

    Raises:
        ValueError: for arrays of different length.
    """
    a, b = np.asarray(a, dtype=np.float64).ravel(), np.asarray(b, dtype=np.float64).ravel()
    if a.size != b.size:
        raise ValueError(f"paired values come in equal numbers, got {a.size} and {b.size}")
    differences = a - b
    return differences[~np.isnan(differences)]


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
    limit = abs(float(moved.sum())) - _ROUNDING * float(np.abs(moved).sum())
    if moved.size <= _ENUMERATED:
        sums = moved[:1]  # of either sign of the first, as only the size of a sum matters
        for difference in moved[1:]:
            sums = np.concatenate([sums + difference, sums - difference])
        return float((np.abs(sums) >= limit).mean())
    for count in sorted({RESAMPLES, _flips(tests)}):
        sums = 2 * weighted_sums(sign_flips(moved.size, count), moved[:, None])[:, 0] - moved.sum()
        if reached := int((np.abs(sums) >= limit).sum()):
            break
    return (reached + 1) / (count + 1)


def _flips(tests: int) -> int:
    """Random flips for a test in a family of so many."""
    return max(RESAMPLES, _FLIPS_A_TEST * tests - 1)


def smallest_p(n: int, tests: int = 1) -> float:
    """The smallest p that :func:`sign_flip_p` can give to ``n`` differences.

    >>> smallest_p(3), smallest_p(50), smallest_p(50, 1000)
    (0.25, 0.0001, 5e-05)
    """
    return 2.0 ** (1 - n) if n <= _ENUMERATED else 1 / (_flips(tests) + 1)


def fewest_to_judge(tests: int) -> int:
    """How many individuals a family of tests needs so that anything can be said of it: of all, and to reject.

    >>> fewest_to_judge(1), fewest_to_judge(36), fewest_to_judge(1000)
    (10, 11, 16)
    """
    sizes = range(FEWEST_FOR_INFERENCE, _ENUMERATED + 2)
    return next(n for n in sizes if smallest_p(n, tests) * tests <= LEVEL or n > _ENUMERATED)
