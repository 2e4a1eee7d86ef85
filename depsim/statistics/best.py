"""Several conditions on the same individuals: which of them may be the best, and how far the others are from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.statistics.families import LEVEL
from depsim.statistics.proportions import FEWEST_FOR_INFERENCE
from depsim.statistics.simultaneous import simultaneous


@dataclass(frozen=True)
class FromBest:
    """A condition's mean minus that of the best condition: 0 for the best itself, else below.

    Args:
        difference: of its mean from the largest mean in the sample.
        low, high: simultaneous 95 % interval of the true one; both hold for all conditions at once. None below
            ten individuals.
    """

    difference: float
    low: float | None
    high: float | None

    @property
    def may_be_best(self) -> bool:
        """Whether the interval holds 0; so does none."""
        return self.high is None or self.high >= 0


@dataclass(frozen=True, eq=False)
class LevelSpan:
    """Which levels of a setting are as good as its best level, which is not known.

    Args:
        best: place of the level with the best mean.
        low, high: (K,) simultaneous 95 % band of each level's mean less that of the best level, in the unit of the
            values; 0 is the best and less is worse, whichever direction is better. NaN below ten individuals.
        within: (K,) whether a level is surely less than the margin worse than the best.
        beyond: (K,) whether it surely is further off.
    """

    best: int
    low: np.ndarray
    high: np.ndarray
    within: np.ndarray
    beyond: np.ndarray


def level_span(values: np.ndarray, margin: float, higher_is_better: bool) -> LevelSpan:
    """Which levels are within a margin of the best one, and which beyond it.

    All of it holds together in 95 % of studies, whatever the course over levels; more individuals make more levels
    sure and do not move the border.

    Args:
        values: (N, K), N individuals at K levels, none missing.
        margin: the smallest difference that matters, in their unit.
        higher_is_better: else less is better.

    Raises:
        ValueError: for fewer than two levels, or a margin that is not positive.

    References: as :func:`from_best`.

    >>> person = np.tile([0.0, 1.0, 2.0], 10)[:, None]
    >>> span = level_span(person + [90.0, 89.0, 80.0], 2.0, higher_is_better=True)
    >>> span.best, span.within.tolist(), span.beyond.tolist()
    (0, [True, True, False], [False, False, True])
    """
    if not margin > 0:
        raise ValueError(f"a margin is positive, got {margin}")
    band = from_best(values if higher_is_better else -np.asarray(values, dtype=np.float64))
    low, high = np.array([(level.low, level.high) for level in band], dtype=np.float64).T
    best = int(np.argmax([level.difference for level in band]))
    return LevelSpan(best, low, high, within=low > -margin, beyond=high < -margin)


def from_best(values: np.ndarray) -> tuple[FromBest, ...]:
    """Each condition's difference from the best, which is not known.

    Intervals of the differences of all pairs hold together: each is one multiple of its standard error wide, the 95 %
    quantile of the largest studentised difference among whole individuals that are resampled (max-t). A condition
    below another by its interval is not the best, and its difference from the best is the lowest of its differences.

    Args:
        values: (N, K), N individuals under K conditions, more is better, none missing.

    Raises:
        ValueError: for fewer than two conditions.

    References: Edwards & Hsu (1983), "Multiple comparisons with the best treatment", from simultaneous intervals of all
    pairs; Westfall & Young (1993), "Resampling-based multiple testing", for max-t.

    >>> levels = from_best(np.arange(20.0)[:, None] * [1, -1, 1] + [0.0, -40.0, 0.5])
    >>> [level.may_be_best for level in levels]
    [False, False, True]
    """
    values = np.asarray(values, dtype=np.float64)
    n, k = values.shape
    if k < 2:
        raise ValueError(f"of {k} conditions none is the best; there have to be two or more")
    means = values.mean(axis=0)
    if n < FEWEST_FOR_INFERENCE:
        return tuple(FromBest(float(mean - means.max()), None, None) for mean in means)
    low, high = _all_pairs(values, 1 - LEVEL)
    ends = zip(means - means.max(), low.min(axis=1), high.min(axis=1), strict=True)
    return tuple(FromBest(float(mean), float(a), float(b)) for mean, a, b in ends)


def _all_pairs(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends (K, K) of the intervals of all differences, row minus column, which hold together; 0 on the diagonal."""
    k = values.shape[1]
    first, second = np.triu_indices(k, 1)
    low, high = np.zeros((k, k)), np.zeros((k, k))
    low[first, second], high[first, second] = simultaneous(values[:, first] - values[:, second], level)
    low[second, first], high[second, first] = -high[first, second], -low[first, second]
    return low, high
