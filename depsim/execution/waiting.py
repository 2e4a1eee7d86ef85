"""Words for a wait: whoever waits for another process, a server or a disk is told what for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from depsim.terminal_text import complain

_PATIENCE_SECONDS = 5.0
"""Until it is said what is waited for."""
_AGAIN_SECONDS = 15.0
"""Until it is said again."""


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
    over = threading.Event()

    def call() -> None:
        seconds = first
        while not over.wait(seconds):
            act()
            seconds = then

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
