"""Whether a published individual can be told from ours by all its values together, and what that would have noticed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics.equivalence import exam_noise
from depsim.statistics.families import LEVEL

_SHRUNKEN = 0.2
"""How far correlations are drawn to 0, so that their matrix can be inverted with more values than individuals."""
_STEP, _FARTHEST, _NOTICED = 0.25, 10.0, 0.8
_TRIED = 100
"""Individuals that a shift is tried on."""


@dataclass(frozen=True)
class Joint:
    """Whether several values of one individual set it apart.

    Args:
        rank: its place among all by its distance, 1 for the one farthest out; ties count as farther out.
        n: individuals of the reference.
        p: rank / (n + 1): how often one of the same kind would lie at least as far out.
        values: entries that took part.
        can_reject: whether n suffices for a p of 0.05 at all (n >= 19).
        distinguishable: whether p <= 0.05; None where it could not have come out otherwise.
    """

    rank: int
    n: int
    p: float
    values: int
    can_reject: bool
    distinguishable: bool | None


def joint_verdict(reference: np.ndarray, value: np.ndarray, floors: np.ndarray) -> Joint:
    """Whether ``value`` could be one more individual of the reference, all its entries taken together.

    Everyone, the published included, is measured by the same rule: the Mahalanobis distance from the mean of all, with
    correlations shrunken by 0.2 and no standard deviation below what the measurement itself scatters. As all take the
    same part in that rule, each place in the ranking is equally likely for one of the same kind, whatever the
    distributions; so p is exact.

    Args:
        reference: (N, K); individuals with a NaN are left out.
        value: (K,); entries that were not published are NaN and leave their column out, as does one where all, the
            published included, are equal.
        floors: (K,) standard deviation of the measurement alone, above 0.

    References: Vovk, Gammerman, Shafer (2005), "Algorithmic learning in a random world" (the ranking); Ledoit, Wolf
    (2004), "A well-conditioned estimator for large-dimensional covariance matrices" (shrinking).

    >>> joint_verdict(np.arange(40.0).reshape(20, 2), np.array([100.0, 3.0]), np.full(2, 0.1)).distinguishable
    True
    """
    value = np.asarray(value, dtype=np.float64)
    reference = np.asarray(reference, dtype=np.float64).reshape(-1, value.size)
    reference = reference[~np.isnan(reference[:, ~np.isnan(value)]).any(axis=1)]
    pool = np.vstack([reference, value])
    compared = ~np.isnan(value) & (np.ptp(pool, axis=0) > 0)
    n = reference.shape[0]
    if n < 2 or np.isnan(value).all():
        return Joint(n + 1, n, 1.0, 0, False, None)
    rank = int(_ranks(pool[None, :, compared], floors[compared], np.array([n]))[0]) if compared.any() else n + 1
    p, can_reject = rank / (n + 1), LEVEL * (n + 1) >= 1 - 1e-9
    return Joint(rank, n, p, int(compared.sum()), can_reject, p <= LEVEL + 1e-12 if can_reject else None)


def noticed_shift(reference: np.ndarray, floors: np.ndarray, groups: Sequence[str]) -> dict[str, float | None]:
    """How far one more individual would have to lie off for :func:`joint_verdict` to tell it apart in 8 of 10.

    Individuals of the reference (at most a hundred of them) are tried in the place of the one: all values of one group
    shifted up or down alike. The direction in which more is needed decides.

    Args:
        reference: (N, K) without NaN.
        floors: (K,) as there.
        groups: (K,) what each value belongs to.

    Returns:
        The shift of each group in standard deviations, in steps of a quarter; None where not even ten would do.
    """
    varying = np.ptp(reference, axis=0) > 0
    values, group_of = reference[:, varying], np.array([list(groups).index(group) for group in groups])[varying]
    shifts: dict[str, float | None] = {}
    for place in dict.fromkeys(group_of.tolist()):
        steps = [_fewest_steps(values, floors[varying], sign * (group_of == place)) for sign in (1.0, -1.0)]
        enough = [step for step in steps if step is not None]
        shifts[groups[place]] = _STEP * max(enough) if len(enough) == len(steps) else None
    return shifts


def mean_rank_p(reference: np.ndarray, value: np.ndarray) -> float:
    """How often one more individual of the reference would lie as low as ``value`` in the mean of its ranks; one-sided.

    Everybody, the published included, is ranked in each entry among all (ties share their ranks), so each place by the
    mean rank is equally likely for one of the same kind: p is exact, and at least 1 / (n + 1).

    Args:
        reference: (N, K) without NaN.
        value: (K,).

    >>> mean_rank_p(np.arange(38.0).reshape(19, 2), np.array([-1.0, 0.0]))
    0.05
    """
    from scipy.stats import rankdata

    ranks = rankdata(np.vstack([reference, value]), axis=0).mean(axis=1)
    return float((ranks <= ranks[-1] + 1e-9).mean())


def exam_scatter(accuracy: float, tests: int, decimals: int) -> float:
    """Standard deviation of an accuracy, in points, from the exam's finite questions and from rounding alone.

    >>> round(exam_scatter(90.0, 1000, 1), 3)
    0.951
    """
    return math.hypot(exam_noise(accuracy, tests), 10.0**-decimals / math.sqrt(12))


def _ranks(pools: np.ndarray, floors: np.ndarray, ones: np.ndarray) -> np.ndarray:
    """Place of one member of each pool by distance: pools (P, M, K), ``ones`` (P,) whom; (P,) from 1, the farthest."""
    spread = np.maximum(pools.std(axis=1, ddof=1, keepdims=True), floors)
    scaled = (pools - pools.mean(axis=1, keepdims=True)) / spread
    related = (1 - _SHRUNKEN) * np.matmul(scaled.transpose(0, 2, 1), scaled) / (pools.shape[1] - 1)
    related += _SHRUNKEN * np.eye(pools.shape[2])
    distances = (scaled * np.linalg.solve(related, scaled.transpose(0, 2, 1)).transpose(0, 2, 1)).sum(axis=2)
    distance = distances[np.arange(ones.size), ones]
    return np.asarray((distances >= distance[:, None] * (1 - 1e-9)).sum(axis=1))


def _fewest_steps(reference: np.ndarray, floors: np.ndarray, direction: np.ndarray) -> int | None:
    n = reference.shape[0]
    tried = np.unique(np.linspace(0, n - 1, min(n, _TRIED)).astype(int))
    shift = direction * np.maximum(reference.std(axis=0, ddof=1), floors)

    def noticed(step: int) -> bool:
        pools = np.repeat(reference[None], tried.size, axis=0)
        pools[np.arange(tried.size), tried] += step * _STEP * shift
        told_apart = _ranks(pools, floors, tried) <= LEVEL * (n + 1) + 1e-9  # as beside one more
        return bool(told_apart.mean() >= _NOTICED)

    low, high = 0, int(_FARTHEST / _STEP)
    if not noticed(high):
        return None
    while high - low > 1:  # a larger shift is noticed more often
        middle = (low + high) // 2
        low, high = (low, middle) if noticed(middle) else (middle, high)
    return high
