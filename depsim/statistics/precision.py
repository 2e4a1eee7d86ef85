"""How many individuals an answer needs: by the width of its interval, never by its p."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_LEVEL = 0.95
_MOST = 10_000_000


def half_width(differences: np.ndarray, n: int) -> float | None:
    """Half-width to expect of the 95 % interval of the mean difference with ``n`` individuals.

    The standard deviation is that of the individuals at hand, the interval Student's. None where fewer than two
    are at hand, or ``n`` is below two.

    Args:
        differences: (N,) paired differences; NaN is missing.
        n: individuals of the study to plan.

    >>> round(half_width(np.array([1.0, 2.0, 3.0]), 3), 4)
    2.4841
    """
    sd = _spread(differences)
    return None if sd is None or n < 2 else float(_half_widths(sd, np.array([n]))[0])


def half_width_curve(differences: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """:func:`half_width` for each of ``sizes``; NaN where there is none.

    Shape:
        (len(sizes),)
    """
    sd, wanted = _spread(differences), np.asarray(sizes, dtype=np.float64)
    curve = np.full(wanted.shape, np.nan)
    if sd is not None:
        curve[wanted >= 2] = _half_widths(sd, wanted[wanted >= 2])
    return curve


def individuals_needed(differences: np.ndarray, target: float) -> int | None:
    """The fewest individuals whose interval is expected to be at most ``target`` wide to either side.

    None where fewer than two are at hand, or more than ten million would be needed.

    Raises:
        ValueError: for a target that is not positive.

    >>> individuals_needed(np.array([1.0, 2.0, 3.0]), 1.0)
    7
    """
    if not target > 0:
        raise ValueError(f"a half-width to reach is positive, got {target}")
    sd = _spread(differences)
    if sd is None:
        return None
    low, high = 2, 2
    while float(_half_widths(sd, np.array([high]))[0]) > target:
        low, high = high + 1, 2 * high
        if low > _MOST:
            return None
    while low < high:
        middle = (low + high) // 2
        if float(_half_widths(sd, np.array([middle]))[0]) <= target:
            high = middle
        else:
            low = middle + 1
    return high


def _spread(differences: np.ndarray) -> float | None:
    differences = np.asarray(differences, dtype=np.float64).ravel()
    differences = differences[~np.isnan(differences)]
    if differences.size < 2:
        return None
    return float(differences.std(ddof=1)) if np.ptp(differences) > 0 else 0.0


def _half_widths(sd: float, sizes: np.ndarray) -> np.ndarray:
    from scipy.special import stdtrit

    return np.asarray(stdtrit(sizes - 1, (1 + _LEVEL) / 2) * sd / np.sqrt(sizes))
