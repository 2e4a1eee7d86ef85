"""Progress of work: the interface that the runner knows, and that the commands implement."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """Shows how far work is."""

    def work(self, total: float, processes: int | None = None) -> AbstractContextManager[None]:
        """The time in which work of this total weight is done, without a break by so many processes where given."""

    def advance(self, weight: float, text: str, seconds: float | None = None) -> None:
        """A piece of work is done that took one process so many seconds; its weight is its share of the total."""

    def message(self, text: str) -> None:
        """Something the user should know, at any time."""


class NoProgress:
    """Shows nothing."""

    def work(self, total: float, processes: int | None = None) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()

    def advance(self, weight: float, text: str, seconds: float | None = None) -> None:
        """Nothing."""

    def message(self, text: str) -> None:
        """Nothing."""
