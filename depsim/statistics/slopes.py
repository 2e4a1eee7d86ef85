"""How an outcome goes with several traits of individuals at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.statistics.proportions import FEWEST_FOR_INFERENCE


@dataclass(frozen=True)
class Slope:
    """An outcome along one trait, the others held.

    Args:
        n: individuals.
        slope: change of the outcome per standard deviation of the trait.
        low, high: its 95 % interval.
        p: of the hypothesis that it is 0.
    """

    n: int
    slope: float
    low: float
    high: float
    p: float


def slopes(traits: np.ndarray, outcome: np.ndarray) -> tuple[Slope | None, ...]:
    """Least squares of the outcome on all traits together, with errors that unequal spread does not mislead (HC3).

    Args:
        traits: (N, T), finite.
        outcome: (N,), finite.

    Shape: one per trait; None for one that everybody has alike, and for all where the outcome is, or where there are
    fewer than ten individuals for each trait.

    References: MacKinnon, White (1985), "Some heteroskedasticity-consistent covariance matrix estimators with improved
    finite sample properties"; Long, Ervin (2000), "Using heteroscedasticity consistent standard errors in the linear
    regression model".

    >>> line = np.arange(40.0)
    >>> (slope,) = slopes(line[:, None], 3 * line + np.tile([1.0, -1.0], 20))
    >>> round(slope.slope / float(line.std(ddof=1)), 2), slope.low < slope.slope < slope.high, slope.p < 1e-9
    (3.0, True, True)
    """
    varied = np.ptp(traits, axis=0) > 0 if len(traits) else np.zeros(traits.shape[1], dtype=bool)
    count = int(varied.sum())
    if not count or len(traits) < FEWEST_FOR_INFERENCE * count or np.ptp(outcome) == 0:
        return (None,) * int(traits.shape[1])
    import statsmodels.api as sm  # slow to import

    varying = traits[:, varied]
    scaled = (varying - varying.mean(axis=0)) / varying.std(axis=0, ddof=1)
    fitted = sm.OLS(outcome, sm.add_constant(scaled)).fit(cov_type="HC3", use_t=True)
    numbers = np.column_stack([fitted.params, fitted.conf_int(), fitted.pvalues])[1:]
    fitted_slopes = iter([Slope(len(varying), slope, low, high, p=p) for slope, low, high, p in numbers.tolist()])
    return tuple([next(fitted_slopes) if varies else None for varies in np.asarray(varied)])
