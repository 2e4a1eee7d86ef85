"""Outcomes of several treatments at doses that all of them reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHARES = (0.25, 0.5, 0.75)
"""Where in the common range curves are compared, from its low end to its high one, on the log dose; the middle is
where tests are made."""


@dataclass(frozen=True, eq=False)
class DoseCurve:
    """An individual's outcomes by the dose of one treatment, linear in the log dose between doses.

    Args:
        log_dose: (K,) ascending, all different.
        outcomes: (K, M), of M outcomes.
    """

    log_dose: np.ndarray
    outcomes: np.ndarray

    def at(self, log_dose: np.ndarray) -> np.ndarray:
        """The outcomes at these doses (P,), which lie between the smallest and the largest: (P, M).

        Raises:
            ValueError: for a dose outside, as nothing is known there.
        """
        low, high = self.log_dose[0], self.log_dose[-1]
        if (log_dose < low).any() or (log_dose > high).any():
            raise ValueError(f"log doses {log_dose.tolist()}: allowed are those from {low} to {high}")
        columns = [np.interp(log_dose, self.log_dose, outcome) for outcome in self.outcomes.T]
        return np.stack(columns, axis=1)


@dataclass(frozen=True, eq=False)
class EqualDoses:
    """An individual's outcomes under several treatments at the same doses.

    Args:
        low, high: ends of the range of doses that all treatments have in common.
        doses: (P,) within it, at :data:`SHARES`.
        outcomes: (D, P, M), of D treatments and M outcomes.
    """

    low: float
    high: float
    doses: np.ndarray
    outcomes: np.ndarray


def dose_curve(dose: np.ndarray, outcomes: np.ndarray) -> DoseCurve | None:
    """The curve through an individual's points, whatever their order; None without any.

    Doses need not rise with any setting: points are sorted by the dose that was measured. Points of one dose are one,
    with their mean outcomes. A point without a dose above 0, or that lacks an outcome, is left out.

    Args:
        dose: (K,).
        outcomes: (K, M).

    >>> equal = dose_curve(np.array([4.0, 1.0, 4.0, 0.0]), np.array([[30.0], [10.0], [50.0], [5.0]]))
    >>> np.exp(equal.log_dose).round(6).tolist(), equal.outcomes.ravel().tolist()
    ([1.0, 4.0], [10.0, 40.0])
    """
    known = np.isfinite(dose) & (dose > 0) & np.isfinite(outcomes).all(axis=1)
    if not known.any():
        return None
    log_dose, place, times = np.unique(np.log(dose[known]), return_inverse=True, return_counts=True)
    sums = np.zeros((log_dose.size, outcomes.shape[1]))
    np.add.at(sums, place.ravel(), outcomes[known])
    return DoseCurve(log_dose, sums / times[:, None])


def at_equal_doses(curves: Sequence[DoseCurve]) -> EqualDoses | None:
    """Several treatments' curves of one individual inside the range of doses that all have in common.

    Never beyond it: where ranges do not overlap, or in a single dose only, there is no comparison and this is None.

    >>> one = dose_curve(np.array([1.0, 16.0]), np.array([[10.0], [50.0]]))
    >>> other = dose_curve(np.array([4.0, 64.0]), np.array([[0.0], [40.0]]))
    >>> equal = at_equal_doses([one, other])
    >>> round(equal.low, 6), round(equal.high, 6), equal.doses.round(3).tolist()
    (4.0, 16.0, [5.657, 8.0, 11.314])
    >>> equal.outcomes[:, 1, 0].round(6).tolist()
    [40.0, 10.0]
    """
    low = max(curve.log_dose[0] for curve in curves)
    high = min(curve.log_dose[-1] for curve in curves)
    if low >= high:
        return None
    places = low + np.array(SHARES) * (high - low)
    outcomes = np.stack([curve.at(places) for curve in curves])
    return EqualDoses(float(np.exp(low)), float(np.exp(high)), np.exp(places), outcomes)
