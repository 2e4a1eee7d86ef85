"""The elementary functions against NumPy's in float64: errors in units in the last place (ulp) of float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from depsim.kernels import vector_math

Function = Callable[[np.ndarray], np.ndarray]
F = np.float32


def over_an_array(function: Any) -> Function:
    """The function in a loop that is compiled as users compile theirs, but never taken from a cache."""

    @numba.njit(error_model="numpy", fastmath={"contract", "nsz"})
    def loop(x):  # type: ignore[no-untyped-def]
        out = np.empty_like(x)
        for index in range(x.size):
            out[index] = function(x[index])
        return out

    return loop  # type: ignore[no-any-return]


log, sine_of_turns, exp, tanh = (
    over_an_array(function)
    for function in (vector_math.log, vector_math.sine_of_turns, vector_math.exp, vector_math.tanh)
)


def floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=F)


def spelt_by(first: int, last: int, step: int) -> np.ndarray:
    """Every so many-th float32 between two bit patterns: all magnitudes alike."""
    return np.arange(first, last, step, dtype=np.uint32).view(F)


def ulps(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest error, in float32 units in the last place of the exact value."""
    assert found.dtype == F
    assert exact.dtype == np.float64
    return float((np.abs(found - exact) / np.spacing(np.abs(exact).astype(F))).max())


def test_a_function_that_is_off_by_units_in_the_last_place_would_be_found() -> None:
    exact = np.linspace(1.0, 1.9, 7)
    assert ulps(exact.astype(F), exact) <= 0.5
    assert 2.5 <= ulps(exact.astype(F) + F(3 * 2.0**-23), exact) <= 3.5


def test_log_over_all_normal_numbers() -> None:
    x = spelt_by(0x0080_0000, 0x7F80_0000, 4999)
    assert ulps(log(x), np.log(x.astype(np.float64))) <= 3


def test_log_keeps_its_digits_around_1() -> None:
    x = np.concatenate([spelt_by(0x3F00_0000, 0x4000_0000, 61), 1 + np.arange(-99, 100).astype(F) * F(2.0**-23)])
    assert ulps(log(x), np.log(x.astype(np.float64))) <= 3
    assert log(floats(1)).tolist() == [0]


def test_log_of_what_is_not_finite_is_not_finite() -> None:
    assert np.isnan(log(floats(np.nan, -np.nan, np.inf))).all()


def test_sine_of_turns_over_all_it_takes() -> None:
    x = spelt_by(0, 0x3E80_0001, 997)
    assert (x[0], x[-1] > 0.24999) == (0, True)
    for signed in (x, -x, floats(2.0**-149, 1e-38, 0.25, -0.25)):
        assert ulps(sine_of_turns(signed), np.sin(2 * np.pi * signed.astype(np.float64))) <= 3
    assert sine_of_turns(floats(0.0, 0.25, -0.25)).tolist() == [0, 1, -1]


def test_exp_over_all_it_takes() -> None:
    x = np.linspace(-87, 88, 400_001).astype(F)
    assert ulps(exp(x), np.exp(x.astype(np.float64))) <= 1.5
    near = spelt_by(0, 0x3F80_0000, 4999)
    for signed in (near, -near):
        assert ulps(exp(signed), np.exp(signed.astype(np.float64))) <= 1.5


def test_exp_ends_where_normal_numbers_end() -> None:
    assert exp(floats(0, -0.0, 1e-45, -1e-45)).tolist() == [1, 1, 1, 1]
    smallest, largest = exp(floats(-87, 88))
    assert exp(floats(-87.5, -104, -1e30, -np.inf)).tolist() == [smallest] * 4
    assert 0 < smallest < 2e-38
    assert exp(floats(88.5, 1e30, np.inf)).tolist() == [largest] * 3
    assert 1e38 < largest < np.inf
    assert np.isnan(exp(floats(np.nan)))


def test_tanh_over_all_it_takes() -> None:
    x = spelt_by(0, 0x4180_0000, 997)  # up to 16
    assert x[-1] > 15
    for signed in (x, -x):
        assert ulps(tanh(signed), np.tanh(signed.astype(np.float64))) <= 3
    close = np.linspace(8.9, 9.3, 10_001).astype(F)
    assert ulps(tanh(close), np.tanh(close.astype(np.float64))) <= 1


def test_tanh_at_its_ends() -> None:
    assert tanh(floats(9.2, 88, 1e30, np.inf)).tolist() == [1] * 4
    assert tanh(floats(-9.2, -88, -1e30, -np.inf)).tolist() == [-1] * 4
    tiny = floats(0, 2.0**-149, 1e-40, 1.2e-38, 1e-20)
    assert (tanh(tiny) == tiny).all()
    assert (tanh(-tiny) == -tiny).all()
    assert np.isnan(tanh(floats(np.nan, -np.nan))).all()


def test_tanh_is_odd_to_the_bit_and_never_beyond_1() -> None:
    x = spelt_by(0, 0x7F80_0000, 9973)
    assert (tanh(-x) == -tanh(x)).all()
    assert (tanh(x) <= 1).all()
    assert (tanh(x) >= 0).all()


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (log, spelt_by(0x0080_0000, 0x7F80_0000, 4999)),
        (sine_of_turns, np.linspace(-0.25, 0.25, 100_001).astype(F)),
        (exp, np.linspace(-90, 90, 100_001).astype(F)),
        (tanh, np.linspace(-12, 12, 100_001).astype(F)),
    ],
    ids=["log", "sine_of_turns", "exp", "tanh"],
)
def test_rising_functions_rise_but_for_rounding(function: Function, x: np.ndarray) -> None:
    y = function(x)
    highest_so_far = np.maximum.accumulate(y)
    assert ((highest_so_far - y) <= 4 * np.spacing(np.abs(y))).all()
    assert y[-1] > y[0]


@pytest.mark.slow  # compiles four loops
def test_one_number_alone_gives_the_bits_it_gives_in_an_array() -> None:
    # A loop's remainder is not vectorised: a number must not depend on where in a row it stands.
    x = np.random.RandomState(0).uniform(0.01, 0.25, 37).astype(F)
    for function in (log, sine_of_turns, exp, tanh):
        assert function(x).tolist() == [float(function(x[[index]])[0]) for index in range(37)]
