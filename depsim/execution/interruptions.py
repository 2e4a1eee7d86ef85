"""Interruptions that wait until what must not be cut in two is over."""

from __future__ import annotations

import inspect
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FrameType
from typing import Any

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """An interruption that comes in the block is raised at its end; a second one does not wait.

    Only signals that interrupt as Ctrl-C does (``signal.default_int_handler``) wait, and only the main thread gets any.

    Raises:
        KeyboardInterrupt: at the end, if one came.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def wait(number: int, frame: FrameType | None) -> None:
        if came:
            signal.default_int_handler(number, frame)
        came.append(number)

    held = [number for number in _INTERRUPTIONS if signal.getsignal(number) is signal.default_int_handler]
    try:
        for number in held:
            signal.signal(number, wait)
        yield
    finally:
        for number in held:
            signal.signal(number, signal.default_int_handler)
        if came:
            raise KeyboardInterrupt


def keep_calls_whole(thing: Any) -> None:
    """Let no interruption cut a call of an object's public methods in two.

    A client of a database that is interrupted within a transaction may leave it open, and with it the database locked.
    """
    for name, _ in inspect.getmembers(type(thing), inspect.isfunction):
        if not name.startswith("_"):
            setattr(thing, name, _whole(thing, name))


def _whole(thing: Any, name: str) -> Callable[..., Any]:
    @wraps(getattr(type(thing), name))
    def call(*args: Any, **kwargs: Any) -> Any:
        with defer_interrupts():
            return getattr(type(thing), name)(thing, *args, **kwargs)

    return call
