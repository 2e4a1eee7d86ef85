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
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_UNIT, _HALF_UNIT = np.float32(2.0**-32), np.float32(2.0**-33)
_QUARTER, _HALF = np.float32(0.25), np.float32(0.5)


@inlined
def philox(c0, c1, c2, c3, key0, key1):  # type: ignore[no-untyped-def]
    """Four random 32-bit words for a counter of four words and a key of two.

    All are uint64 of which only the low halves count: so a product of words is one vector instruction.
    """
    high = np.uint64(32)
    for _ in range(ROUNDS):
        left, right = (c0 & _LOW) * _MULTIPLIERS[0], (c2 & _LOW) * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (right >> high) ^ c1 ^ key0, right, (left >> high) ^ c3 ^ key1, left
        key0, key1 = key0 + _WEYL[0], key1 + _WEYL[1]
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
    words, zero = row.view(np.uint32), np.uint64(0)
    key0, key1 = np.uint64(key[0]), np.uint64(key[1])
    # Two loops, for words go through the processor 64 bits wide and normals 32.
    for quad in range(quads):
        a, b, c, d = philox(np.uint64(quad), np.uint64(unit), np.uint64(step), zero, key0, key1)
        words[quad], words[quads + quad] = np.uint32(a), np.uint32(b)
        words[2 * quads + quad], words[3 * quads + quad] = np.uint32(c), np.uint32(d)
    for size in range(quads):
        row[size], row[quads + size] = _pair(words[size], words[quads + size])
    for size in range(2 * quads, 3 * quads):
        row[size], row[quads + size] = _pair(words[size], words[quads + size])


@compiled
def fill(key, step, out):  # type: ignore[no-untyped-def]
    """Fill a block with the numbers of all units in a step: out (units, samples), as :func:`fill_unit` does."""
    for unit in range(out.shape[0]):
        fill_unit(key, step, unit, out[unit])
