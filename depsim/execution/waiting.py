"""Words for a wait: whoever waits for another process, a server or a disk is told what for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from depsim.terminal_text import complain

_PATIENCE_SECONDS = 5.0
"""Until it is said what is waited for."""


@contextmanager
def note_if_slow(text: str) -> Iterator[None]:
    """Say what is waited for if the block takes longer than some seconds, once.

    Args:
        text: what is waited for, and for how long.
    """
    timer = threading.Timer(_PATIENCE_SECONDS, complain, [f"note: {text}"])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
