"""Progress of long work: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from depsim.execution.plan import GIB_PER_WORKER, Resources
from depsim.execution.waiting import calling
from depsim.kernels.products import slow_products
from depsim.terminal_text import complain, visible

_SECONDS_BETWEEN_LINES = 15.0
_TICK = 1.0
"""Seconds between looks at whether a line is due."""
_SOON = 10.0
"""Seconds that are too few to be counted down."""


class _View(Protocol):
    """How progress is shown while work is done."""

    def advance(self, weight: float, text: str, seconds: float | None) -> None: ...

    def message(self, text: str) -> None: ...


class TerminalProgress:
    """Progress on standard error; an implementation of :class:`depsim.execution.progress.Progress`."""

    def __init__(self) -> None:
        self._view: _View = _Lines(_Pace(0.0, None))

    @contextmanager
    def work(self, total: float, processes: int | None = None) -> Iterator[None]:
        """Show work of this total weight: a bar on a terminal, else lines."""
        pace = _Pace(total, processes)
        if total <= 0:
            yield
            return
        try:
            with _bar(pace) if sys.stderr.isatty() else _lines(pace) as self._view:
                yield
        finally:
            self._view = _Lines(_Pace(0.0, None))

    def advance(self, weight: float, text: str, seconds: float | None = None) -> None:
        """A piece of work is done that took one process so many seconds; its weight is its share of the total."""
        self._view.advance(weight, text, seconds)

    def message(self, text: str) -> None:
        """Something the user should know."""
        self._view.message(text)


class _Pace:
    """How far work is, and how long the rest takes.

    Args:
        total: of the weights of all pieces.
        processes: that do it without a break, as far as is known.
    """

    def __init__(self, total: float, processes: int | None) -> None:
        self.total, self.done = total, 0.0
        self._processes, self._timed, self._seconds = processes, 0.0, 0.0
        self.began = time.monotonic()

    def advance(self, weight: float, seconds: float | None) -> None:
        self.done += weight
        if seconds is not None:
            self._timed += weight
            self._seconds += seconds

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    @property
    def is_over(self) -> bool:
        return self.done >= self.total * (1 - 1e-9)

    @property
    def left(self) -> str:
        """The time left in words; empty as long as nothing is known, and at the end.

        What processes have in hand counts as nothing in what is done, so the time of all work is foreseen from that
        of the pieces that are done.
        """
        if self.done <= 0 or self.is_over:
            return ""
        if self._processes is None or self._timed <= 0:
            whole = self.elapsed * self.total / self.done
        else:
            to_do = self.total - (self.done - self._timed)
            whole = self._seconds / self._timed * to_do / self._processes
        left = whole - self.elapsed
        return f"about {format_seconds(left)} left" if left > _SOON else "soon done"


class _Lines:
    """A line at most every few seconds, and one for each message."""

    def __init__(self, pace: _Pace) -> None:
        self._pace, self._text, self._last = pace, "starting", pace.began

    def advance(self, weight: float, text: str, seconds: float | None) -> None:
        self._pace.advance(weight, seconds)
        self._text = text
        self.show_if_due(at_once=self._pace.is_over)

    def show_if_due(self, *, at_once: bool = False) -> None:
        """A line where the last one is long ago."""
        pace, now = self._pace, time.monotonic()
        if at_once or now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            ending = ", ".join(filter(None, (format_seconds(pace.elapsed), pace.left)))
            complain(f"{pace.done / pace.total:4.0%}  {self._text}  ({ending})")

    def message(self, text: str) -> None:
        complain(f"note: {text}")


@contextmanager
def _lines(pace: _Pace) -> Iterator[_View]:
    """A line at the start, and then in time whether or not a piece of work is done."""
    complain("  0%  starting")
    lines = _Lines(pace)
    with calling(lines.show_if_due, _TICK, _TICK):
        yield lines


@contextmanager
def _bar(pace: _Pace) -> Iterator[_View]:
    from rich import progress
    from rich.console import Console

    console = Console(stderr=True)
    columns = (
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("{task.fields[pace].left}", markup=False),
        progress.TextColumn("{task.description}", markup=False),
    )
    with progress.Progress(*columns, console=console, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task("starting", total=pace.total, pace=pace)

        class Bar:
            def advance(self, weight: float, text: str, seconds: float | None) -> None:
                pace.advance(weight, seconds)
                bar.update(task, advance=weight, description=visible(text))

            def message(self, text: str) -> None:
                console.print(visible(f"note: {text}"), markup=False, emoji=False)

        yield Bar()


def format_seconds(seconds: float) -> str:
    """A duration in words.

    >>> [format_seconds(s) for s in (0.44, 59, 61, 7260)]
    ['0.4 s', '59 s', '1 min 1 s', '2 h 1 min']
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def format_cost(seconds: float, resources: Resources) -> str:
    """Time and memory of work that takes one core so many seconds, in words, and what makes it longer here."""
    processes = resources.processes
    rough = "Rough: from the rates of one machine (docs/engine.md); starting takes seconds more."
    if resources.executor.is_elsewhere:
        return f"in all about {format_seconds(seconds)} of one core, shared among the executor's workers. {rough}"
    lines = [
        f"in all about {format_seconds(seconds)} of one core, {format_seconds(seconds / processes)} on {processes}; "
        f"about {(processes + 1) * GIB_PER_WORKER:.1f} GiB of memory. {rough}"
    ]
    if resources.device == "cpu" and (slow := slow_products()):
        lines.append(slow)
    return "\n".join(lines)
