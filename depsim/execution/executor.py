"""Executors: who does the work. Nothing else in the program knows which one it is, and none can change a result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import ClassVar

from depsim.component import Component
from depsim.execution.work import Receive, WorkUnit

ATTEMPTS = 3
"""How often a piece of work may be lost before it is halved or given up."""


class ExecutorError(RuntimeError):
    """An executor cannot be reached, or is gone; the message says which."""


class WorkerPool(AbstractContextManager["WorkerPool"], ABC):
    """Does units of work while it is open; leaving it ends what is still being done."""

    @abstractmethod
    def run(self, units: Sequence[WorkUnit], receive: Receive) -> None:
        """Do all units.

        Args:
            units: what to do.
            receive: called with each event, as it happens; if it raises, the work is ended.

        Raises:
            SourcesChangedError: if a unit would be computed by other sources or packages than its results are filed
                under; what is finished has been handed on.
            ExecutorError: if the executor is gone; what is finished has been handed on.
        """

    def begin(self, units: Sequence[WorkUnit]) -> None:
        """Begin with units for which :meth:`run` will be asked next, where that is sooner."""


class Executor(Component):
    """An engine that does units of work."""

    is_elsewhere: ClassVar[bool] = True
    """Whether the work is done by processes that this program has not started."""

    @abstractmethod
    def open(self, processes: int) -> WorkerPool:
        """The processes to work with.

        Args:
            processes: that this machine may start, where the work is done here.

        Raises:
            ExecutorError: if it cannot be reached.
        """
