"""Whether one condition is as good as another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from depsim.statistics.student import spread

_SHARE, _SMALLEST = 0.25, 0.2
"""The margin: this share of what the better condition leaves to be gained, and never fewer points than that."""


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


def equivalence(a: np.ndarray, b: np.ndarray, margin: float | np.ndarray) -> Equivalence:
    """Whether ``a`` and ``b``, (N,) each and paired, differ by less than ``margin``; a NaN leaves both out.

    A margin may be (N,): each individual's part of a margin that is itself a mean. How well that mean is known then
    counts, as the tests are of the difference less the margin, individual by individual. Differences that are all
    equal have no standard error: they lie within the margin, or beyond it, as they are.

    Raises:
        ValueError: for a margin whose mean is not positive, or arrays of different length.

    References: Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach".

    >>> found = equivalence(np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 2.5]), 2.0)
    >>> found.within < 0.05, found.beyond > 0.95
    (True, True)
    """
    a, b, margins = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64).ravel() for values in (a, b, margin)))
    known = ~(np.isnan(a) | np.isnan(b))
    differences, margins = (a - b)[known], margins[known]
    mean = float(margins.mean()) if margins.size else float(np.mean(margin))
    if not mean > 0:
        raise ValueError(f"a margin is positive, got {mean}")
    if differences.size < 2:
        return Equivalence(mean, None, None)
    return Equivalence(
        margin=mean,
        within=max(_p_above_zero(differences + margins), _p_above_zero(margins - differences)),
        beyond=min(_p_above_zero(differences - margins), _p_above_zero(-differences - margins)),
    )


def _p_above_zero(values: np.ndarray) -> float:
    """One-sided p of Student's t test that the mean is above 0; without a spread 0 or 1."""
    from scipy.special import stdtr

    error = _standard_error(values)
    return float(stdtr(values.size - 1, -values.mean() / error)) if error else float(values[0] <= 0)


def _standard_error(values: np.ndarray) -> float:
    return (spread(values) or 0.0) / math.sqrt(values.size)


def room_margin(rooms: np.ndarray) -> np.ndarray:
    """Each individual's part of the margin, (N,): a quarter of its room; 0.2 for all where that is less on average.

    Args:
        rooms: (N,) how much better each could be at most; below 0 where one is better than can be expected.

    >>> room_margin(np.array([4.0, 8.0])).tolist(), room_margin(np.array([0.1, 0.3])).tolist()
    ([1.0, 2.0], [0.2, 0.2])
    """
    margins = _SHARE * np.asarray(rooms, dtype=np.float64)
    return margins if margins.mean() >= _SMALLEST else np.full_like(margins, _SMALLEST)
