"""Progress of long work: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_SECONDS_BETWEEN_LINES = 20.0


class Progress(Protocol):
    """Where work tells how far it is."""

    def advance(self, weight: float, text: str) -> None:
        """A piece of work is done; its weight is its share of the total."""

    def remark(self, text: str) -> None:
        """Something a person should hear of."""


class Silent:
    """Tells nothing."""

    def advance(self, weight: float, text: str) -> None:
        """Nothing."""

    def remark(self, text: str) -> None:
        """Nothing."""


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
            left = "" if finished else f", about {spell_seconds(elapsed * (1 - share) / share)} left"
            print(f"{share:4.0%}  {text}  ({spell_seconds(elapsed)}{left})", file=sys.stderr, flush=True)

    def remark(self, text: str) -> None:
        print(f"note: {text}", file=sys.stderr, flush=True)


@contextmanager
def show_progress(total: float) -> Iterator[Progress]:
    """Progress of work of this total weight, on the terminal's bar or in lines on standard error."""
    if total <= 0 or not sys.stderr.isatty():
        yield _Lines(total)
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
        progress.TextColumn("{task.description}"),
    )
    with progress.Progress(*columns, console=console) as bar:
        task = bar.add_task("starting", total=total)

        class Bar:
            def advance(self, weight: float, text: str) -> None:
                bar.update(task, advance=weight, description=text)

            def remark(self, text: str) -> None:
                console.print(f"note: {text}", markup=False)

        yield Bar()


def spell_seconds(seconds: float) -> str:
    """A duration as a person would say it.

    >>> [spell_seconds(s) for s in (0.44, 59, 61, 7260)]
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
