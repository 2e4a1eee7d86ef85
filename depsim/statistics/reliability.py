"""How much of what is measured of individuals is the individual, and how much the chance of the measurement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.statistics.proportions import FEWEST_FOR_INFERENCE
from depsim.statistics.resampling import bootstrap_counts, weighted_sums

LOWEST = 0.5
"""Reliability below which nothing can be said about individuals."""
_FEWEST = 3
"""Individuals below which no reliability is given."""
_TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Reliability:
    """Replicates of individuals, split into the individuals and the rest.

    Args:
        n: individuals.
        replicates: of each.
        within: standard deviation between replicates of one individual.
        between: standard deviation between individuals, free of that; a negative estimate is shown as 0.
        share: of the variance of one replicate that is between individuals (intraclass correlation), 0 to 1; None
            where all values are equal.
        low, high: 95 % interval of the share, exact for normal values; None as above.
    """

    n: int
    replicates: int
    within: float
    between: float
    share: float | None
    low: float | None
    high: float | None


def reliability(values: np.ndarray) -> Reliability | None:
    """Reliability of one replicate, by one-way analysis of variance; None below three individuals or two replicates.

    Args:
        values: (N, R), finite.

    References: Shrout, Fleiss (1979), "Intraclass correlations: uses in assessing rater reliability", ICC(1,1); McGraw,
    Wong (1996), "Forming inferences about some intraclass correlation coefficients", for the interval.

    >>> split = reliability(np.array([[1.0, 3.0], [5.0, 7.0], [9.0, 11.0]]))
    >>> round(split.within**2, 9), round(split.between**2, 9), round(split.share, 4)
    (2.0, 15.0, 0.8824)
    """
    n, count = values.shape
    if n < _FEWEST or count < 2:
        return None
    means = values.mean(axis=1)
    within = float(((values - means[:, None]) ** 2).sum() / (n * (count - 1)))
    between = float(count * means.var(ddof=1))
    if np.ptp(values) == 0:
        return Reliability(n, count, 0.0, 0.0, None, None, None)
    from scipy.special import fdtri

    freedom = n - 1, n * (count - 1)
    ratio = between / within if within > 0 else np.inf
    bounds = (ratio / float(fdtri(*freedom, tail)) for tail in reversed(_TAILS))
    share, low, high = (_share(bound, count) for bound in (ratio, *bounds))
    spread = max(between - within, 0.0) / count
    return Reliability(n, count, within**0.5, spread**0.5, share, low, high)


def resampled_share(values: np.ndarray) -> tuple[float, float] | None:
    """95 % interval of :attr:`Reliability.share` for values that are not normal, by resampling whole individuals.

    The log ratio of mean squares is studentised by its own standard error in each resample (bootstrap-t).

    Args:
        values: (N, R), finite.

    Shape: None where there is no reliability, or too few individuals for inference.

    References: Ukoumunne et al. (2003), "Non-parametric bootstrap confidence intervals for the intraclass correlation
    coefficient".
    """
    n, count = values.shape
    if n < FEWEST_FOR_INFERENCE or count < 2 or np.ptp(values) == 0:
        return None
    means = values.mean(axis=1)
    within = ((values - means[:, None]) ** 2).sum(axis=1) / (count - 1)
    inside, centred = within[:, None], (means - means.mean())[:, None]
    powers = np.hstack(
        [centred, centred**2, centred**3, centred**4, inside, inside * centred, inside * centred**2, inside**2]
    )
    (ratio,), (error,) = _log_ratio(powers.mean(axis=0, keepdims=True), n, count)
    if not np.isfinite(ratio) or not error:
        return None
    ratios, errors = _log_ratio(weighted_sums(bootstrap_counts(n), powers) / n, n, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        studentised = (ratios - ratio) / errors
    high, low = np.quantile(studentised[np.isfinite(studentised)], _TAILS).tolist()
    low, high = (_share(float(np.exp(ratio - end * error)), count) for end in (low, high))
    return low, high


def _log_ratio(moments: np.ndarray, n: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Logarithm of the mean squares' ratio and its standard error, (K,), from mean powers of individuals, (K, 8)."""
    first, second, third, fourth, within, once, twice, squared = moments.T
    spread = second - first**2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(count * spread * n / (n - 1) / within)
        kurtosis = (fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4) / spread**2
        joint = (twice - 2 * first * once + first**2 * within) / (spread * within)
        error = np.sqrt((kurtosis - 2 * joint + squared / within**2) / n)
    return ratio, error


def _share(ratio: float, count: int) -> float:
    """The share between individuals at a ratio of mean squares."""
    return 1.0 if np.isinf(ratio) else max((ratio - 1) / (ratio + count - 1), 0.0)
