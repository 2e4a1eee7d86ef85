"""Elementary functions in float32 that a compiler can vectorise: no calls, no branches, no tables.

The library functions that Numba calls for these take one number at a time, some ten times slower. Each is a range
reduction and a short polynomial; errors are a few units in the last place (tests/kernels/test_vector_math.py measures
them).

References: Muller (2016), "Elementary Functions: Algorithms and Implementation".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from depsim.kernels.compiling import inlined

_F = np.float32
_LOG_2 = _F(0.6931471805599453)
_LOG_2_HIGH, _LOG_2_LOW = _F(0.693145751953125), _F(1.42860682030941723e-06)
_LOG_2_E = _F(1.4426950408889634)
_SQRT_HALF_BITS = np.uint32(0x3F3504F3)
_LARGEST_TANH = _F(9.1)
"""From here on tanh is 1 in float32."""
_EXP_LOW, _EXP_HIGH = _F(-87.0), _F(88.0)


@intrinsic
def _as_float(_context: Any, _bits: Any) -> Any:
    """The float32 of these 32 bits."""
    return types.float32(types.uint32), lambda _c, builder, _s, args: builder.bitcast(args[0], ir.FloatType())


@intrinsic
def _as_bits(_context: Any, _number: Any) -> Any:
    """The 32 bits of a float32."""
    return types.uint32(types.float32), lambda _c, builder, _s, args: builder.bitcast(args[0], ir.IntType(32))


@inlined
def log(x):  # type: ignore[no-untyped-def]
    """Natural logarithm of a positive, normal number; NaN for NaN and infinity."""
    bits: np.uint32 = _as_bits(x)  # type: ignore[call-arg]
    exponent = np.int32(bits - _SQRT_HALF_BITS) >> np.int32(23)
    f = _as_float(np.uint32(bits - np.uint32(exponent << np.int32(23)))) - _F(1)  # x / 2**exponent - 1
    s = f / (_F(2) + f)  # log(1 + f) = 2 artanh(s)
    z = s * s
    series = _F(2) + z * (_F(2 / 3) + z * (_F(2 / 5) + z * (_F(2 / 7) + z * _F(2 / 9))))
    return _F(exponent) * _LOG_2 + s * series + (x - x)  # what is not finite stays so


@inlined
def sine_of_turns(x):  # type: ignore[no-untyped-def]
    """sin(2 pi x) for x from -1/4 to 1/4; the polynomial has the least relative error among odd ones of degree 9."""
    z = x * x
    series = _F(-76.5748772) + z * _F(39.7100237)
    return x * (_F(6.28318527) + z * (_F(-41.3416774) + z * (_F(81.6022266) + z * series)))


@inlined
def _scale_and_expm1(x):  # type: ignore[no-untyped-def]
    """(2**n, exp(r) - 1) with x = n log 2 + r and r the smallest."""
    n = np.floor(x * _LOG_2_E + _F(0.5))
    r = x - n * _LOG_2_HIGH - n * _LOG_2_LOW
    series = _F(1 / 24) + r * (_F(1 / 120) + r * (_F(1 / 720) + r * _F(1 / 5040)))
    scale: np.float32 = _as_float(np.uint32(np.int32(n) + np.int32(127)) << np.uint32(23))  # type: ignore[call-arg]
    return scale, r + r * r * (_F(0.5) + r * (_F(1 / 6) + r * series))


@inlined
def exp(x):  # type: ignore[no-untyped-def]
    """Exponential of a number up to 88, no less than the smallest normal number; NaN stays NaN."""
    low = _EXP_LOW if x < _EXP_LOW else x
    scale, rest = _scale_and_expm1(_EXP_HIGH if low > _EXP_HIGH else low)
    return scale + scale * rest


@inlined
def relu(x):  # type: ignore[no-untyped-def]
    """The positive part; NaN stays NaN, so that a network that diverged cannot hide it."""
    return _F(0) if x < _F(0) else x


@inlined
def tanh(x):  # type: ignore[no-untyped-def]
    """Hyperbolic tangent; NaN stays NaN."""
    size = abs(x)
    scale, rest = _scale_and_expm1(_F(2) * (_LARGEST_TANH if size > _LARGEST_TANH else size))
    growth = scale * rest + (scale - _F(1))  # exp(2 |x|) - 1
    positive = growth / (growth + _F(2))
    return -positive if x < _F(0) else positive
