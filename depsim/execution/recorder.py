"""Keeping results: the interface that the runner knows, and that tracking implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from depsim.execution.course import Outcome
from depsim.execution.job import Job
from depsim.execution.memory import memory_shortage

Notify = Callable[[str], None]
"""Where something that the user should know goes."""
ABANDONED = "its process ended; another trial takes its place"
"""Why a trial of a search has no value that was interrupted, not failed."""


class JobRecord(ABC):
    """The record of one job while it runs.

    Args:
        job: what is recorded.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.failures: dict[int, str] = {}
        self.is_open = True

    @property
    @abstractmethod
    def missing(self) -> tuple[int, ...]:
        """Seeds without a finished outcome, in the cohort's order."""

    @property
    @abstractmethod
    def run_id(self) -> str | None:
        """Where the record is kept, if anywhere."""

    @abstractmethod
    def finish(self, outcome: Outcome, seconds: float) -> None:
        """Keep an individual's outcome; ``seconds`` is what computing it took."""

    def adopt(self, outcome: Outcome, seconds: float, source: JobRecord) -> None:
        """Keep an individual that another job of the same batch has just finished."""
        self.finish(outcome, seconds)

    def fail(self, seed: int, traceback: str) -> None:
        """Keep the fact that an individual has no outcome, and why."""
        self.failures[seed] = traceback

    def reason(self, seed: int) -> str:
        """Why an individual failed, in one line."""
        traceback = self.failures[seed]
        return memory_shortage(traceback) or traceback.strip().splitlines()[-1]

    def close(self, *, interrupted: bool = False, stopped: bool = False) -> None:
        """Complete the record.

        Args:
            interrupted: it can be continued later.
            stopped: missing individuals were left out on purpose.
        """
        self.is_open = False

    @abstractmethod
    def metrics(self) -> dict[int, dict[str, float]]:
        """What was measured: seed to metric name to value, in the cohort's order."""

    @abstractmethod
    def outcomes(self) -> list[Outcome]:
        """All finished outcomes, in the cohort's order."""


@dataclass(frozen=True)
class JobStatus:
    """What is known of a job before it starts.

    Args:
        finished: seeds whose outcome is there and would not be computed again.
        failed: seeds that were tried and have no outcome.
    """

    finished: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()


class RecorderSource(Protocol):
    """Where a recorder is opened."""

    def open(self) -> Recorder:
        """The place for records, made if it is not there yet."""

    def peek(self) -> Recorder | None:
        """The place for records if it is there already."""


class Recorder(ABC):
    """An open place for records."""

    @abstractmethod
    def status(self, job: Job) -> JobStatus:
        """What there is of a job already; nothing is written."""

    @abstractmethod
    def begin(self, job: Job, notify: Notify) -> JobRecord:
        """Open a job's record, or continue it where an earlier process left it.

        Args:
            job: what is to be recorded.
            notify: called with what the user should know, now and while the job runs.

        Raises:
            depsim.execution.files.LockedError: if another process is at the same job.
        """
