"""Two hazards of an event in discrete time, of the same individuals."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from depsim.statistics.families import FamilyTest
from depsim.statistics.proportions import FEWEST_FOR_INFERENCE
from depsim.statistics.student import t_quantile


@dataclass(frozen=True)
class HazardRatio(FamilyTest):
    """The hazard under one condition over that under another.

    Args:
        n: individuals.
        events: those with an event under the first, and under the second.
        ratio: of the hazards; above 1 the first is the worse.
        low, high: its 95 % interval.
        p, p_holm: of the hypothesis that it is 1.
    """

    n: int
    events: tuple[int, int]
    ratio: float
    low: float
    high: float


def hazard_ratio(times: np.ndarray, ended: np.ndarray) -> HazardRatio | None:
    """The ratio of two hazards of the same individuals, the same at all times; or None where there is none to tell.

    A complementary log-log model with a hazard of its own for each time at which anybody has an event, which is Cox's
    model in discrete time. Individuals are the clusters of generalised estimating equations: their two outcomes may
    depend on each other in any way. The covariance is the bias-reduced robust one, the interval Student's.

    There is none below ten individuals, where one of the conditions has no event, where the likelihood grows with
    the ratio, or with its inverse, without end (:func:`_separates`), and where the equations have no solution.

    Args:
        times: (N, 2), whole numbers: when the event was, or how long there was none; under the first and the second.
        ended: (N, 2), whether there was one.

    References: Prentice & Gloeckler (1978), "Regression analysis of grouped survival data"; Liang & Zeger (1986),
    "Longitudinal data analysis using generalized linear models"; Mancl & DeRouen (2001), "A covariance estimator for
    GEE with improved small-sample properties".
    """
    counts = [int(own.sum()) for own in ended.T]
    if len(times) < FEWEST_FOR_INFERENCE or not min(counts):
        return None
    # One row for each individual, condition and time at which some of those at risk have an event, and some have none.
    at = np.unique(times[ended])
    at = at[[not ended[times >= time].all() or (times > time).any() for time in at]]
    who, which, when = np.nonzero(times[:, :, None] >= at)
    event = ended[who, which] & (times[who, which] == at[when])
    if _separates(event, which, when):
        return None
    fitted = _fit(event, np.column_stack([which == 0, when[:, None] == np.arange(at.size)]), who)
    if fitted is None:
        return None
    coefficient, error = fitted
    reach = t_quantile(0.975, len(times)) * error
    ratio, low, high = (math.exp(each) for each in (coefficient, coefficient - reach, coefficient + reach))
    p = _two_sided(coefficient / error, len(times))
    return HazardRatio(len(times), (counts[0], counts[1]), ratio, low, high, p=p)


def _separates(event: np.ndarray, which: np.ndarray, when: np.ndarray) -> bool:
    """Whether no time speaks against a ratio of 0, or none against an infinite one.

    A time speaks against 0 if the first condition has an event then, and the second somebody at risk without one.
    """
    at_risk, events = np.zeros((2, 2, when.max(initial=-1) + 1))  # condition by time
    np.add.at(at_risk, (which, when), 1)
    np.add.at(events, (which, when), event)
    some, not_all = events > 0, events < at_risk
    return not ((some[0] & not_all[1]).any() and (some[1] & not_all[0]).any())


def _fit(event: np.ndarray, design: np.ndarray, who: np.ndarray) -> tuple[float, float] | None:
    """The first coefficient and its standard error; None where the equations have no solution."""
    import statsmodels.api as sm  # slow to import

    link = sm.families.links.CLogLog()
    model = sm.GEE(event.astype(float), design.astype(float), groups=who, family=sm.families.Binomial(link))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is no solution is seen below
        try:
            found = model.fit(cov_type="bias_reduced")
        except np.linalg.LinAlgError:
            return None
        coefficient, error = float(found.params[0]), float(found.bse[0])
    return (coefficient, error) if found.converged and math.isfinite(coefficient) and 0 < error < math.inf else None


def _two_sided(t: float, n: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(n - 1, -abs(t)))
