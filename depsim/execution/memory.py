"""Running out of memory, in words."""

from __future__ import annotations

import errno
import re

_SHORTAGE = re.compile(
    r"^[\w.]*(?:MemoryError|OutOfMemoryError)\b.*"
    r"|^[\w.]+: .*(?:can't allocate memory|[Cc]annot allocate memory|failed to map segment|bad_alloc).*"
    r"|^SystemError: error return without exception set$",
    re.MULTILINE,
)
"""The lines that end tracebacks, of Python, NumPy, PyTorch, the system, its loader, and of a failed import."""
_SIZE = re.compile(r"(?:unable|tried) to allocate ([\d.]+ \w+(?: for an array.*)?)", re.IGNORECASE)


_HELP = "set workers or chunk lower, take a smaller model or task, or raise the limit on memory (ulimit -v)"
OUT_OF_MEMORY = f"out of memory: {_HELP}"
EXIT_CODE = errno.ENOMEM
"""Of a worker that ends because it gets no memory."""


def memory_shortage(traceback: str) -> str | None:
    """That memory was lacking, for what, and what to set, in one line; None if a traceback is about something else.

    >>> text = memory_shortage("MemoryError: Unable to allocate 7.45 GiB for an array with shape (10,)")
    >>> text.partition(":")[0]
    'out of memory, asked for 7.45 GiB for an array with shape (10,)'
    >>> memory_shortage("ValueError: Unable to allocate the blame") is None
    True
    """
    lines = _SHORTAGE.findall(traceback)
    if not lines:
        return None
    size = _SIZE.search(lines[-1])
    return f"out of memory, asked for {size[1]}: {_HELP}" if size else OUT_OF_MEMORY
