"""How loops are compiled, and when compiled code on disk is out of date.

A loop allocates nothing: its caller brings the room it needs. So Numba need not count who refers to an array, which it
otherwise does at every row that a loop takes out of one, in steps that no other instruction of the processor may
overlap: a third of the time of a step under noise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache

from depsim.kernels import uncached


class _KernelCache(FunctionCache):
    """Numba's cache of one loop on disk; one that fails is used no more, and the loop is compiled in memory.

    Numba looks at the function's own file only and has no public way to name others, so code that inlined an older
    version of another kernel would live on; the sources of all kernels join its stamp.

    Args:
        function: the loop.
        sources: hash of the sources of all kernels.

    Raises:
        RuntimeError: if no folder for it can be written.
    """

    def __init__(self, function: Callable[..., Any], sources: str) -> None:
        super().__init__(function)
        self._cache_file._source_stamp = (self._cache_file._source_stamp, sources)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled loop, or None."""
        with self._used_no_more_if_it_fails():
            return super().load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the compiled loop."""
        with self._used_no_more_if_it_fails():
            super().save_overload(sig, data)

    @contextmanager
    def _used_no_more_if_it_fails(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # a full disk, say
            self.disable()
            uncached.remember(error.strerror or str(error))


def _compile(fastmath: set[str]) -> Callable[[Callable[..., Any]], Any]:
    """A decorator that compiles a loop and keeps the result on disk until some kernel's source changes."""
    sources = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        sources.update(file.read_bytes())

    def decorate(function: Callable[..., Any]) -> Any:
        options: Any = {"_nrt": False}  # no counting of references; it has no public name
        dispatcher: Any = numba.njit(nogil=True, error_model="numpy", fastmath=fastmath, **options)(function)
        try:
            dispatcher._cache = _KernelCache(function, sources.hexdigest())
        except RuntimeError:
            uncached.remember("Numba finds no folder for them that it may write")
        return dispatcher

    return decorate


compiled = _compile({"contract", "nsz"})
"""Compile a loop; multiply-adds are fused, sums keep their order."""
compiled_sums = _compile({"contract", "nsz", "reassoc"})
"""Compile a loop whose sums may be split into vectors."""
inlined = numba.njit(inline="always", error_model="numpy", fastmath={"contract", "nsz"})
