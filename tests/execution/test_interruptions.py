"""An interruption waits for what must not be cut in two."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from depsim.execution.interruptions import defer_interrupts, keep_calls_whole
from tests.jobs import depsim, statuses
from tests.searches import SMALL, write_search


@pytest.fixture(autouse=True)
def _as_at_a_terminal() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def deferring(*parts: Callable[[], None], done: list[int] | None = None) -> None:
    with defer_interrupts():
        for part in parts:
            part()
            if done is not None:
                done.append(1)


def in_a_block(*parts: Callable[[], None]) -> int:
    """How many of these are done in a block that is interrupted."""
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        deferring(*parts, done=done)
    return len(done)


def test_an_interruption_waits_for_the_end_of_the_block_and_the_next_one_comes_at_once_again() -> None:
    assert in_a_block(interrupt, lambda: None) == 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_a_second_interruption_does_not_wait() -> None:
    assert in_a_block(interrupt, interrupt, lambda: None) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_of_two_blocks_in_one_another_the_outer_one_is_whole() -> None:
    def inner() -> None:
        with defer_interrupts():
            interrupt()

    assert in_a_block(inner, lambda: None) == 2


def test_what_goes_wrong_in_the_block_stands_behind_the_interruption() -> None:
    def wrong() -> None:
        interrupt()
        raise ValueError("wrong")

    with pytest.raises(KeyboardInterrupt) as stopped:
        deferring(wrong)
    assert isinstance(stopped.value.__context__, ValueError)


def test_signals_that_do_something_else_are_left_alone_and_so_are_other_threads() -> None:
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    with defer_interrupts():
        interrupt()
    assert came == [signal.SIGINT]
    inside: list[object] = []

    def elsewhere() -> None:
        with defer_interrupts():
            inside.append(signal.getsignal(signal.SIGINT))

    signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert inside == [signal.default_int_handler]


def test_calls_of_an_objects_public_methods_are_whole_and_return_what_they_did() -> None:
    class Store:
        done = 0

        def write(self, rows: int, *, twice: bool = False) -> int:
            interrupt()
            self.done += rows * (1 + twice)
            return self.done

        def _private(self) -> None:
            interrupt()

    store = Store()
    keep_calls_whole(store)
    with pytest.raises(KeyboardInterrupt):
        store.write(3, twice=True)
    assert store.done == 6
    assert "_private" not in vars(store)
    assert store.write.__name__ == "write"


@pytest.mark.slow
@pytest.mark.parametrize("write", [9, 35])
def test_a_search_that_is_interrupted_within_a_write_leaves_no_run_open(project: Path, write: int) -> None:
    write_search(project, n_trials=4, batch=2)
    count = 0

    def within_a_write(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal count
        if statement.startswith(("INSERT", "UPDATE")):
            count += 1
            if count == write:
                interrupt()

    event.listen(Engine, "after_cursor_execute", within_a_write)
    try:
        assert depsim("sweep", "mine", *SMALL, "study=s") == 130
    finally:
        event.remove(Engine, "after_cursor_execute", within_a_write)
    assert "RUNNING" not in statuses("s")
    assert depsim("sweep", "mine", *SMALL, "study=s") == 0
    assert "RUNNING" not in statuses("s")
