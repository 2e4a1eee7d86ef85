"""What captions say of intervals of a mean: which they are, and where they fall short."""

from __future__ import annotations

MEAN_INTERVAL = "95 % interval of the mean (values in per cent: percentile-t bootstrap; all others: Student's t)"
"""What the interval of a mean is, for captions."""
_SHORT = 90
"""Per cent of samples below which a caption says in how many an interval holds the mean."""
_HELD_AMONG_COLLAPSES = {
    True: {10: 39, 20: 34, 50: 62, 100: 84, 200: 97},
    False: {10: 35, 20: 35, 50: 63, 100: 87, 200: 91},
}
"""Whether values are per cent to individuals to per cent of samples, as ``benchmarks/calibration`` stores them."""


def interval_note(n: int, bounded: bool) -> str:
    """What a caption says of intervals that hold the mean in fewer than 90 of 100 samples of some kind; else nothing.

    The kind on which they fall short by the most is that of rare collapses, which a small sample may not hold. The
    shares are those of the calibration, for the largest size tried that is not above this one, or the smallest.

    Args:
        n: individuals.
        bounded: whether the values are per cent from 0 to 100; else they are differences within individuals.

    >>> interval_note(12, bounded=True)
    'intervals hold the mean in 39 % of samples where 2 % of individuals collapse'
    >>> interval_note(200, bounded=True)
    ''
    """
    held = _HELD_AMONG_COLLAPSES[bounded]
    share = held[max((size for size in held if size <= n), default=min(held))]
    if share >= _SHORT:
        return ""
    where = "2 % of individuals collapse" + ("" if bounded else " under one of the two conditions")
    return f"intervals hold the mean in {share} % of samples where {where}"
