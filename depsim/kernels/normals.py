"""Standard normal numbers by address: any of them can be had without drawing the ones before it.

A number is a pure function of a key and of where it stands (step, unit, sample), so units whose output is not needed
cost nothing and shift nothing. Bits come from the counter-based generator Philox4x32-10, pairs of normals from the
Box-Muller transform of two 32-bit words each; the largest possible number is 6.76.

References:
    Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", for Philox and its constants;
    Box & Muller (1958), "A note on the generation of random normal deviates".
"""

from __future__ import annotations

import numpy as np

from depsim.kernels.compiling import compiled, inlined
from depsim.kernels.vector_math import log, sine_of_turns

ROUNDS = 10
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)
_UNIT, _HALF_UNIT = np.float32(2.0**-32), np.float32(2.0**-33)
_QUARTER, _HALF = np.float32(0.25), np.float32(0.5)


@inlined
def philox(c0, c1, c2, c3, key0, key1):  # type: ignore[no-untyped-def]
    """Four random 32-bit words for a counter of four words and a key of two."""
    high = np.uint64(32)
    for _ in range(ROUNDS):
        left, right = np.uint64(c0) * _MULTIPLIERS[0], np.uint64(c2) * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            np.uint32(right >> high) ^ c1 ^ key0,
            np.uint32(right),
            np.uint32(left >> high) ^ c3 ^ key1,
            np.uint32(left),
        )
        key0, key1 = np.uint32(key0 + _WEYL[0]), np.uint32(key1 + _WEYL[1])
    return c0, c1, c2, c3


@inlined
def _pair(size, angle):  # type: ignore[no-untyped-def]
    """Two independent normals from two words."""
    radius = np.sqrt(np.float32(-2) * log(np.float32(size) * _UNIT + _HALF_UNIT))
    turns = np.float32(np.int32(angle)) * _UNIT  # from -1/2 to 1/2
    away = abs(turns)
    cosine, sine = sine_of_turns(_QUARTER - away), sine_of_turns(min(away, _HALF - away))
    return radius * cosine, radius * (-sine if turns < np.float32(0) else sine)


@compiled
def fill_unit(key, step, unit, row):  # type: ignore[no-untyped-def]
    """Fill a row with one unit's numbers of a step.

    Args:
        key: two 32-bit words, uint32.
        step, unit: where the numbers stand in the stream.
        row: float32; its length is a multiple of four and part of the stream's definition.
    """
    quads = row.size // 4
    key0, key1 = key[0], key[1]
    for quad in range(quads):
        a, b, c, d = philox(np.uint32(quad), np.uint32(unit), np.uint32(step), np.uint32(0), key0, key1)
        row[quad], row[quads + quad] = _pair(a, b)
        row[2 * quads + quad], row[3 * quads + quad] = _pair(c, d)


@compiled
def fill(key, step, out):  # type: ignore[no-untyped-def]
    """Fill a block with the numbers of all units in a step: out (units, samples), as :func:`fill_unit` does."""
    for unit in range(out.shape[0]):
        fill_unit(key, step, unit, out[unit])
