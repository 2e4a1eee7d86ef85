"""What intervals and tests of a mean share: the spread of values, and quantiles of Student's distribution."""

from __future__ import annotations

import numpy as np


def t_quantile(share: float, n: int) -> float:
    """The value that this share of Student's distribution for ``n`` values lies below.

    >>> round(t_quantile(0.975, 10), 4)
    2.2622
    """
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, share))


def spread(values: np.ndarray) -> float | None:
    """Standard deviation of (N,) values, NaN left out; None below two, and 0 where all are equal."""
    values = np.asarray(values, dtype=np.float64).ravel()
    values = values[~np.isnan(values)]
    if values.size < 2:
        return None
    return float(values.std(ddof=1)) if np.ptp(values) > 0 else 0.0
