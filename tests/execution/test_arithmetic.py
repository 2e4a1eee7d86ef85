"""How results are computed: by one thread, in arrays that begin with a cache line."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.kernels.arguments import aligned, aligned_zeros


def threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.skipif(not threads(), reason="this NumPy's library of products does not tell how many threads it takes")
def test_products_take_one_thread_and_as_many_as_before_afterwards() -> None:
    before = threads()
    with reproducible_arithmetic():
        assert threads() == {1}
    assert threads() == before


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 16), (5, 128)])
def test_arrays_begin_with_a_cache_line(shape: tuple[int, ...]) -> None:
    for made in (aligned(*shape), aligned_zeros(*shape)):
        assert (made.shape, made.dtype, made.flags.c_contiguous, made.flags.writeable) == (
            shape,
            np.float32,
            True,
            True,
        )
        assert made.ctypes.data % 64 == 0
    assert not aligned_zeros(*shape).any()
