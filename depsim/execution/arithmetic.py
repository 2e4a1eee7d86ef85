"""The arithmetic that all results are made with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from depsim.lazy_torch import torch


@contextmanager
def reproducible_arithmetic() -> Iterator[None]:
    """One thread, denormal numbers flushed to zero, full float32 products: the arithmetic all results are made with.

    With more threads, long sums are split differently and lose their last bits; Adam's moments of silent units decay
    through the denormal range, which some processors handle a hundred times slower.
    """
    import numpy  # noqa: F401 - its library must be there to be limited
    from threadpoolctl import threadpool_limits

    threads = torch.get_num_threads()
    tf32 = torch.backends.cuda.matmul.allow_tf32
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
