"""What captions say of intervals of a mean: which they are, and where they fall short."""

from __future__ import annotations

MEAN_INTERVAL = "95 % interval of the mean (values in per cent: percentile-t bootstrap; all others: Student's t)"
"""What the interval of a mean is, for captions."""
_SHORT = 90
"""Per cent of samples below which a caption says in how many an interval holds the mean."""
_HELD_AMONG_COLLAPSES = {
    True: {3: 83, 10: 19, 12: 22, 20: 32, 50: 62, 100: 85, 200: 96},
    False: {3: 72, 10: 20, 12: 23, 20: 33, 50: 63, 100: 86, 200: 91},
}
"""Whether values are per cent to individuals to per cent of samples, where a collapse lies far from all others."""


def interval_note(n: int, bounded: bool) -> str:
    """What a caption says of intervals that hold the mean in fewer than 90 of 100 samples of some kind; else nothing.

    The kind on which they fall short by the most is that of rare collapses, which a small sample may not hold: here two
    of a hundred individuals lie a hundred standard deviations of the others below them. The share is the lower one of
    the two sizes tried that enclose this one.

    Args:
        n: individuals.
        bounded: whether the values are per cent from 0 to 100; else they are differences within individuals.

    >>> interval_note(12, bounded=True)
    'intervals hold the mean in 22 % of samples where 2 % of individuals collapse'
    >>> interval_note(200, bounded=True)
    ''
    """
    held = _HELD_AMONG_COLLAPSES[bounded]
    around = max((size for size in held if size <= n), default=min(held)), min((s for s in held if s >= n), default=n)
    share = min(held[size] for size in around if size in held)
    if share >= _SHORT:
        return ""
    where = "2 % of individuals collapse" + ("" if bounded else " under one of the two conditions")
    return f"intervals hold the mean in {share} % of samples where {where}"
