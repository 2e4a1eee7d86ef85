"""How loops are compiled, and when compiled code on disk is out of date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba


def _compile(fastmath: set[str]) -> Callable[[Callable[..., Any]], Any]:
    """A decorator that compiles a loop and keeps the result on disk until some kernel's source changes.

    Numba's cache looks at the function's own file only and has no public way to name others, so code that inlined an
    older version of another kernel would live on; the sources of all kernels join its stamp.
    """
    sources = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        sources.update(file.read_bytes())

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=fastmath)(function)
        stored = dispatcher._cache._cache_file
        stored._source_stamp = (stored._source_stamp, sources.hexdigest())
        return dispatcher

    return decorate


compiled = _compile({"contract", "nsz"})
"""Compile a loop; multiply-adds are fused, sums keep their order."""
compiled_sums = _compile({"contract", "nsz", "reassoc"})
"""Compile a loop whose sums may be split into vectors."""
inlined = numba.njit(inline="always", error_model="numpy", fastmath={"contract", "nsz"})
