"""Whether one condition is as good as another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from depsim.statistics.contrasts import paired_differences
from depsim.statistics.student import spread

_SHARE, _SMALLEST = 0.25, 0.2
"""The largest part of the room below a ceiling that a relevant difference may be, and the least points of it."""


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


def relevant_margin(declared: float, ceiling: float | None, better_mean: float) -> float:
    """The smallest difference that matters, in points: as declared, but no large part of what is left to be gained.

    Args:
        declared: for the outcome, far from its ceiling.
        ceiling: the largest mean that can be expected; None where there is none, as for an outcome of which less is
            better.
        better_mean: of the better of two conditions.

    >>> relevant_margin(2.0, 98.1, 84.0), round(relevant_margin(2.0, 98.1, 96.1), 3), relevant_margin(2.0, 98.1, 97.8)
    (2.0, 0.5, 0.2)
    """
    return declared if ceiling is None else min(declared, max(_SHARE * (ceiling - better_mean), _SMALLEST))
