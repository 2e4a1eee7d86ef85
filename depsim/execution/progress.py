"""Progress of work: the interface that the runner knows, and that the commands implement."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """Shows how far work is."""

    def work(self, total: float) -> AbstractContextManager[None]:
        """The time during which work of this total weight is done."""

    def advance(self, weight: float, text: str) -> None:
        """A piece of work is done; its weight is its share of the total."""

    def message(self, text: str) -> None:
        """Something the user should know, at any time."""


class NoProgress:
    """Shows nothing."""

    def work(self, total: float) -> AbstractContextManager[None]:
        """Nothing."""
        return nullcontext()

    def advance(self, weight: float, text: str) -> None:
        """Nothing."""

    def message(self, text: str) -> None:
        """Nothing."""
