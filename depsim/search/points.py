"""Places in a space of settings: a scrambled Sobol sequence, which goes on where it stopped."""

from __future__ import annotations

import numpy as np

_SEED = 0
"""Of the scrambling: the same for every multiverse, so that more points extend it."""
_PRINTED = 8


def sobol_shares(count: int, settings: int) -> np.ndarray:
    """The first places of the sequence, each coordinate from 0 to below 1.

    Args:
        count: of places, N.
        settings: of coordinates, D.

    Shape: (N, D) float64.

    References: Sobol (1967), "On the distribution of points in a cube and the approximate evaluation of integrals";
    Owen (1998), "Scrambling Sobol and Niederreiter-Xing points".

    >>> bool((sobol_shares(5, 3)[:2] == sobol_shares(2, 3)).all())
    True
    """
    from scipy.stats import qmc  # imported here: start-up stays quick where nothing is drawn

    exponent = max(count - 1, 0).bit_length()  # the sequence is balanced at powers of 2
    drawn: np.ndarray = qmc.Sobol(settings, scramble=True, seed=_SEED).random_base2(exponent)
    return drawn[:count]


def sequence_name(settings: int) -> str:
    """The beginning of the sequence as text, by which another version of SciPy that draws another one is noticed."""
    first = sobol_shares(_PRINTED, settings)[:, 0]
    return " ".join(f"{share:.6f}" for share in first)
