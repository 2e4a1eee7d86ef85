"""Simulated studies of doses, for the calibration."""

from __future__ import annotations

import numpy as np

from depsim.statistics.dose_response import fit_dose_response
from depsim.statistics.iso_dose import at_equal_doses, dose_curve
from depsim.statistics.summary import summarise

_DOSES = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0])
_EQUAL = 5.0
"""Points between two treatments at equal dose."""


def interval_holds_the_ed50(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether the bootstrap interval holds the dose of half the effect."""
    curve, held = 50 + 40 * _DOSES**4 / (_DOSES**4 + 0.3**4), []
    for _ in range(studies):
        fit = fit_dose_response(_DOSES, curve + _around(generator, n))
        held.append(fit is not None and fit.low is not None and fit.high is not None and fit.low <= 0.3 <= fit.high)
    return np.array(held)


def a_dose_of_nothing_has_an_effect(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether a dose of half the effect is named where the dose has none."""
    return np.array([fit_dose_response(_DOSES, 50 + _around(generator, n)) is not None for _ in range(studies)])


def _around(generator: np.random.Generator, n: int) -> np.ndarray:
    """How individuals, and each of their outcomes, deviate: (n, doses)."""
    return generator.normal(0, 5, (n, 1)) + generator.normal(0, 5, (n, _DOSES.size))


def interval_holds_the_difference_at_equal_dose(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    """Whether the mean's interval holds the difference of two treatments in the middle of their common doses."""
    settings, held = np.array([1.0, 2.0, 4.0, 8.0, 16.0]), []
    for _ in range(studies):
        differences = []
        for _ in range(n):
            # Each individual takes doses of its own, which rise with the settings; outcomes rise with the log dose.
            doses = [factor * settings * np.exp(generator.normal(0, 0.2, 5)) for factor in (1.0, 2.0)]
            curves = []
            for dose, more in zip(doses, (_EQUAL, 0.0), strict=True):
                outcomes = 50 + more + 8 * np.log(dose) + generator.normal(0, 5, 5)
                curves.append(dose_curve(dose, outcomes[:, None]))
            found = at_equal_doses([curve for curve in curves if curve is not None])
            assert found is not None
            differences.append(found.outcomes[0, 1, 0] - found.outcomes[1, 1, 0])
        interval = summarise(np.array(differences)[:, None])[0].interval
        held.append(interval is not None and interval[0] <= _EQUAL <= interval[1])
    return np.array(held)
