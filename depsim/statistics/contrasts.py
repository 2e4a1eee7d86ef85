"""Two conditions on the same individuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.statistics.proportions import Proportion, proportion, sign_test_p
from depsim.statistics.sign_flip import sign_flip_p
from depsim.statistics.summary import Summary, summarise


@dataclass(frozen=True)
class Contrast:
    """Condition A against condition B, paired on the individual.

    Args:
        n: individuals with a value in both.
        difference: of A - B.
        d_z: mean difference in standard deviations of the difference; None where those are 0 or unknown.
        superiority: share of individuals with A above B, ties half; None without an individual.
        superiority_p: exact two-sided p that A is above B as often as below, ties left out; None where all are ties.
        p: two-sided, of the sign-flip permutation test that neither is higher; None below two individuals.
    """

    n: int
    difference: Summary
    d_z: float | None
    superiority: Proportion | None
    superiority_p: float | None
    p: float | None


def contrast(a: np.ndarray, b: np.ndarray, tests: int = 1) -> Contrast:
    """Contrast of ``a`` and ``b``, (N,) each, the same individual in the same place; a NaN leaves both out.

    Args:
        a, b: values.
        tests: of the family that its p will be adjusted in.

    Raises:
        ValueError: for arrays of different length.

    >>> made = contrast(np.array([3.0, 4.0, 5.0]), np.array([1.0, 3.0, 2.0]))
    >>> made.difference.mean, made.p, made.d_z, made.superiority.share
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
        superiority_p=sign_test_p(differences),
    )


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
