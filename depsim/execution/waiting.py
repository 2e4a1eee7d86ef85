"""Words for a wait: whoever waits for another process, a server or a disk is told what for."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from depsim.terminal_text import complain

_PATIENCE_SECONDS = 5.0
"""Until it is said what is waited for."""
_AGAIN_SECONDS = 15.0
"""Until it is said again."""
_ENDS_SECONDS = 1.0
"""At most, for the last call to end."""


@contextmanager
def note_if_slow(text: str) -> Iterator[None]:
    """Say what is waited for if the block takes longer than some seconds, and again as long as it lasts.

    Args:
        text: what is waited for, and for how long.
    """
    with calling(lambda: complain(f"note: {text}"), _PATIENCE_SECONDS, _AGAIN_SECONDS):
        yield


@contextmanager
def calling(act: Callable[[], None], first: float, then: float) -> Iterator[None]:
    """Call a function again and again, in a thread of its own, as long as the block lasts.

    Args:
        act: the function.
        first, then: seconds before the first call, and between two.
    """
    over, ended = threading.Event(), threading.Event()

    def call() -> None:
        seconds = first
        try:
            while not over.wait(seconds):
                act()
                seconds = then
        finally:
            ended.set()

    # Not threading.Thread, whose start waits for ever for a thread that gets no memory.
    with suppress(RuntimeError):
        _thread.start_new_thread(call, ())
    try:
        yield
    finally:
        over.set()
        ended.wait(_ENDS_SECONDS)
