"""Progress of long work: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from depsim.execution.plan import GIB_PER_WORKER, Resources
from depsim.kernels.products import slow_products
from depsim.terminal_text import complain, visible

_SECONDS_BETWEEN_LINES = 20.0


class _View(Protocol):
    """How progress is shown while work is done."""

    def advance(self, weight: float, text: str) -> None: ...

    def message(self, text: str) -> None: ...


class TerminalProgress:
    """Progress on standard error; an implementation of :class:`depsim.execution.progress.Progress`."""

    def __init__(self) -> None:
        self._view: _View = _Lines(0.0)

    @contextmanager
    def work(self, total: float) -> Iterator[None]:
        """Show work of this total weight: a bar on a terminal, else lines."""
        if total <= 0 or not sys.stderr.isatty():
            self._view = _Lines(total)
            yield
            return
        from rich import progress
        from rich.console import Console

        console = Console(stderr=True)
        columns = (
            progress.BarColumn(),
            progress.TaskProgressColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("left"),
            progress.TimeRemainingColumn(elapsed_when_finished=False),
            progress.TextColumn("{task.description}", markup=False),
        )
        with progress.Progress(*columns, console=console, redirect_stdout=sys.stdout.isatty()) as bar:
            task = bar.add_task("starting", total=total)

            class Bar:
                def advance(self, weight: float, text: str) -> None:
                    bar.update(task, advance=weight, description=visible(text))

                def message(self, text: str) -> None:
                    console.print(visible(f"note: {text}"), markup=False, emoji=False)

            self._view = Bar()
            try:
                yield
            finally:
                self._view = _Lines(0.0)

    def advance(self, weight: float, text: str) -> None:
        """A piece of work is done; its weight is its share of the total."""
        self._view.advance(weight, text)

    def message(self, text: str) -> None:
        """Something the user should know."""
        self._view.message(text)


class _Lines:
    def __init__(self, total: float) -> None:
        self._total, self._done = total, 0.0
        self._began = time.monotonic()
        self._last = self._began

    def advance(self, weight: float, text: str) -> None:
        self._done += weight
        now = time.monotonic()
        finished = self._done >= self._total * (1 - 1e-9)
        if finished or now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            share = self._done / self._total
            elapsed = now - self._began
            left = "" if finished else f", about {format_seconds(elapsed * (1 - share) / share)} left"
            complain(f"{share:4.0%}  {text}  ({format_seconds(elapsed)}{left})")

    def message(self, text: str) -> None:
        complain(f"note: {text}")


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
