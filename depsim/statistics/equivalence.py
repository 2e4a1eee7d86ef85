"""Whether one condition is as good as another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from depsim.statistics.contrasts import paired_differences
from depsim.statistics.prediction import error_share
from depsim.statistics.student import spread

_SHARE = 0.25
"""The largest part of the room below a ceiling that a relevant difference may be."""
_DECIMALS = 9
"""Of a difference in points that are counts of tests; what binary fractions add lies far below."""


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of a paired difference against a margin, in both directions.

    Args:
        margin: difference that would matter, in the unit of the values.
        within: p of a difference within the margin, the larger of the two tests' (TOST); None below two individuals.
        beyond: p of a difference beyond the margin, the smaller of the two opposite tests'; None as above.
    """

    margin: float
    within: float | None
    beyond: float | None


def equivalence(a: np.ndarray, b: np.ndarray, margin: float) -> Equivalence:
    """Whether ``a`` and ``b``, (N,) each and paired, differ by less than ``margin``; a NaN leaves both out.

    Differences that are all equal have no standard error: they lie within the margin, or beyond it, as they are.

    Raises:
        ValueError: for a margin that is not positive, or arrays of different length.

    References: Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach".

    >>> judged = equivalence(np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 2.5]), 2.0)
    >>> judged.within < 0.05, judged.beyond > 0.95
    (True, True)
    """
    if not margin > 0:
        raise ValueError(f"a margin is positive, got {margin}")
    differences = paired_differences(a, b)
    if differences.size < 2:
        return Equivalence(margin, None, None)
    return Equivalence(
        margin=margin,
        within=max(_p_above_zero(differences + margin), _p_above_zero(margin - differences)),
        beyond=min(_p_above_zero(differences - margin), _p_above_zero(-differences - margin)),
    )


def _p_above_zero(values: np.ndarray) -> float:
    """One-sided p of Student's t test that the mean is above 0; without a spread 0 or 1."""
    from scipy.special import stdtr

    error = _standard_error(values)
    return float(stdtr(values.size - 1, -values.mean() / error)) if error else float(values[0] <= 0)


def _standard_error(values: np.ndarray) -> float:
    return (spread(values) or 0.0) / math.sqrt(values.size)


def exact(differences: np.ndarray | float) -> np.ndarray:
    """Differences of accuracies to be held against a margin: a tie is a tie, whatever binary fractions make of it.

    >>> 97.725 - 97.525 <= 0.2, 97.7 - 97.5 <= 0.2, bool(exact(97.7 - 97.5) <= 0.2)
    (True, False, True)
    """
    return np.asarray(np.round(differences, _DECIMALS))


def exam_noise(accuracy: float, tests: int) -> float:
    """Standard deviation of an accuracy, in points, that an exam's number of tests alone makes.

    >>> round(exam_noise(97.5, 4000), 3), round(exam_noise(100.0, 4000), 3)
    (0.247, 0.018)
    """
    errors = float(error_share(accuracy, tests))
    return 100 * math.sqrt(errors * (1 - errors) / tests)


def relevant_margin(declared: float, ceiling: float | None, better_mean: float, tests: int | None) -> float:
    """The smallest difference that matters, in points: as declared, but no large part of what is left to be gained.

    Nothing below the exam's own noise matters, as no exam can show it.

    Args:
        declared: for the outcome, far from its ceiling.
        ceiling: the largest mean that can be expected; None where there is none, as for an outcome of which less is
            better.
        better_mean: of the better of two conditions.
        tests: of the exam; None where the outcome is no accuracy, or nothing says so: then the margin is as declared.

    >>> [round(relevant_margin(2.0, 98.1, mean, 4000), 3) for mean in (84.0, 96.1, 97.5)]
    [2.0, 0.5, 0.247]
    """
    if ceiling is None or tests is None:
        return declared
    room = _SHARE * (ceiling - better_mean)
    return float(exact(max(min(declared, room), exam_noise(min(better_mean, ceiling), tests))))
