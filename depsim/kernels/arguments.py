"""What the compiled functions take, in a module that compiles nothing."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
CACHE_LINE = 64
"""Bytes."""


class NoiseAddress(NamedTuple):
    """Where one individual's block of numbers is.

    Args:
        key, step: of :func:`depsim.kernels.normals.fill_unit`.
        room: for one unit's numbers, float32; its length is their number. Overwritten by whoever draws.
    """

    key: np.ndarray
    step: int
    room: np.ndarray


NO_NOISE = NoiseAddress(np.zeros(2, dtype=np.uint32), 0, np.zeros(4, dtype=np.float32))
"""The address to give where there is no noise."""


class ForwardSettings(NamedTuple):
    """How hidden units respond in one pass.

    Args:
        bounded, damping: tanh in place of ReLU, and the multiplier of the hidden activity: (L,) boolean and (L,)
            float32, one entry a layer; that of the outputs is not looked at.
        noise_sd, noise_mean: of the internal noise, after the activation and before the damping.
        noise: where its numbers are; not looked at where ``noise_sd`` is 0.
    """

    bounded: Array
    damping: Array
    noise_sd: np.float32
    noise_mean: np.float32
    noise: NoiseAddress


class Activations(NamedTuple):
    """What a pass leaves in the units, the inputs included; B samples.

    Args:
        response: (units, B), what leaves the nonlinearity of driven units.
        signal: (units, B), what the next layer receives; the inputs are filled in before a pass.
        level: (units,), what the next layer receives from constant units, without random noise.
        pull: (units,), the error of constant units, summed over samples; written by the backward pass.
    """

    response: Array
    signal: Array
    level: Array
    pull: Array


def aligned(*shape: int) -> Array:
    """A new float32 array, not filled in, that begins where a cache line does.

    NumPy's own begin in the middle of one, so that every wide load takes two: a sparse step lasts a quarter longer.
    """
    size = 4 * math.prod(shape)
    memory = np.empty(size + CACHE_LINE, dtype=np.uint8)
    first = -memory.ctypes.data % CACHE_LINE
    return memory[first : first + size].view(np.float32).reshape(shape)


def aligned_zeros(*shape: int) -> Array:
    """The same, filled with 0."""
    new = aligned(*shape)
    new.fill(0)
    return new
