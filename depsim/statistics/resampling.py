"""Resamples and sign flips of individuals, drawn once for each number of them and shared by all who need them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

RESAMPLES = 9_999
"""Bootstrap resamples behind every interval, and random sign flips behind every p."""
GENERATOR_SEED = 20_260
"""Fixed: the same numbers always get the same interval and the same p."""
_BLOCK = 2_000_000
"""Weights that are turned into floating-point numbers at a time."""


@lru_cache(maxsize=4)
def bootstrap_counts(n: int) -> np.ndarray:
    """How often each of ``n`` individuals comes in each resample, (RESAMPLES, n); every row sums to n."""
    generator, counts = np.random.default_rng(GENERATOR_SEED), np.empty((RESAMPLES, n), dtype=np.uint16)
    for rows in _blocks(n):
        counts[rows] = generator.multinomial(n, np.full(n, 1 / n), size=rows.stop - rows.start)
    counts.flags.writeable = False
    return counts


@lru_cache(maxsize=4)
def sign_flips(n: int, count: int = RESAMPLES) -> np.ndarray:
    """Whose sign is kept, 1, or flipped, 0, in each random flip of ``n`` differences, (count, n)."""
    flips = np.random.default_rng(GENERATOR_SEED + 1).integers(0, 2, size=(count, n), dtype=np.uint8)
    flips.flags.writeable = False
    return flips


def weighted_sums(weights: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """``weights @ samples``, without ever holding all weights as floating-point numbers.

    Args:
        weights: (R, N) whole numbers.
        samples: (N, M).

    Shape:
        (R, M)
    """
    # Scalar products: a matrix product's last bits depend on the columns beside, and its threads wait for each other.
    columns = np.ascontiguousarray(samples.T)
    sums = np.empty((columns.shape[0], weights.shape[0]))
    for rows in _blocks(weights.shape[1], weights.shape[0]):
        dense = weights[rows].astype(np.float64)
        for column, target in zip(columns, sums, strict=True):
            target[rows] = np.vecdot(dense, column)
    return sums.T


def _blocks(n: int, count: int = RESAMPLES) -> list[slice]:
    step = max(1, _BLOCK // max(1, n))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]
