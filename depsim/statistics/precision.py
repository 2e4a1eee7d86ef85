"""How many individuals an answer needs: by the width of its interval, never by its p."""

from __future__ import annotations

import math

import numpy as np

from depsim.statistics.student import spread, t_quantile

_LEVEL, _POWER, _LIMIT = 0.95, 0.8, 0.8
_MOST = 10_000_000


def half_width(sd: float | None, n: int) -> float | None:
    """Half-width to expect of Student's 95 % interval of a mean difference with ``n`` individuals; None below two.

    Args:
        sd: standard deviation of the differences, None where it is unknown.
        n: individuals.

    >>> round(half_width(1.0, 3), 4)
    2.4841
    """
    return None if sd is None or n < 2 else t_quantile((1 + _LEVEL) / 2, n) * sd / math.sqrt(n)


def detectable_difference(sd: float | None, n: int, tests: int = 1) -> float | None:
    """The smallest mean difference that is significant at 5 % in 8 of 10 studies of ``n`` individuals; None as above.

    Args:
        sd, n: as above.
        tests: of the family: each is then made at 5 % by their number (Bonferroni).

    >>> round(detectable_difference(1.0, 34), 2), round(detectable_difference(1.0, 34, 30), 2)
    (0.5, 0.73)
    """
    if sd is None or n < 2:
        return None
    return (t_quantile(1 - (1 - _LEVEL) / 2 / tests, n) + t_quantile(_POWER, n)) * sd / math.sqrt(n)


def individuals_needed(differences: np.ndarray, target: float) -> int | None:
    """The fewest individuals whose interval is expected to be at most ``target`` wide to either side.

    It is reckoned from the upper 80 % limit of the standard deviation: from its estimate, every second study would
    miss its target. None where fewer than two individuals are at hand, or more than ten million would be needed.

    Args:
        differences: (N,) paired differences; NaN is missing.
        target: in their unit.

    Raises:
        ValueError: for a target that is not positive.

    >>> individuals_needed(np.array([1.0, 2.0, 3.0]), 1.0)
    20
    """
    if not target > 0:
        raise ValueError(f"a half-width to reach is positive, got {target}")
    sd = spread(differences)
    if sd is None:
        return None
    from scipy.special import chdtri

    n = int(np.isfinite(differences).sum())
    limit = sd * math.sqrt((n - 1) / chdtri(n - 1, _LIMIT))

    def enough(size: int) -> bool:
        width = half_width(limit, size)
        return width is not None and width <= target

    low, high = 2, 2
    while not enough(high):
        low, high = high + 1, 2 * high
        if low > _MOST:
            return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high
