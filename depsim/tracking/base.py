"""What a tracker is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from depsim.component import Component
from depsim.execution.job import Job
from depsim.protocol import Outcome


class JobLog(ABC):
    """The record of one job while it runs.

    Args:
        job: what is recorded.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.failures: dict[int, str] = {}
        self.remarks: list[str] = []
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

    def adopt(self, outcome: Outcome, seconds: float, source: JobLog) -> None:
        """Keep an individual that another job of the same batch has just finished."""
        self.finish(outcome, seconds)

    def fail(self, seed: int, traceback: str) -> None:
        """Keep the fact that an individual has no outcome, and why."""
        self.failures[seed] = traceback

    def reason(self, seed: int) -> str:
        """Why an individual failed, in one line."""
        return self.failures[seed].strip().splitlines()[-1]

    def close(self, *, interrupted: bool = False, stopped: bool = False) -> None:
        """Complete the record.

        Args:
            interrupted: it can be continued later.
            stopped: whoever is missing was left out on purpose.
        """
        self.is_open = False

    @abstractmethod
    def metrics(self) -> dict[int, dict[str, float]]:
        """What was measured: seed to metric name to value, in the cohort's order."""

    @abstractmethod
    def outcomes(self) -> list[Outcome]:
        """All finished outcomes, in the cohort's order."""


@dataclass(frozen=True)
class SearchNotes:
    """What is noted of a search.

    Args:
        key: hash of all that makes its trials comparable.
        name: of the sweep.
        study: what its runs are filed under.
        params: how it searches, as text.
        command: that goes on with it.
    """

    key: str
    name: str
    study: str
    params: Mapping[str, str]
    command: str


@dataclass(frozen=True)
class TrialRun:
    """The record of a trial.

    Args:
        run_id: where it is.
        trial: its number, or ``winner``.
        state: what became of it, or None if that was not noted.
        is_open: whether nobody has closed it.
    """

    run_id: str
    trial: str
    state: str | None
    is_open: bool


class SearchLog(ABC):
    """The record of a search: trials are jobs below it."""

    @property
    @abstractmethod
    def run_id(self) -> str | None:
        """Where the record is kept, if anywhere."""

    @abstractmethod
    def trial_runs(self) -> list[TrialRun]:
        """The trials that have a record."""

    @abstractmethod
    def settle(self, run_id: str | None, state: str, reason: str | None) -> None:
        """Note what became of a trial.

        Args:
            run_id: of the trial's record; None does nothing.
            state: ``COMPLETE``, ``PRUNED`` or ``FAIL``.
            reason: why it failed or was stopped.
        """

    @abstractmethod
    def tag(self, run_id: str | None, tags: Mapping[str, str]) -> None:
        """Note more of a trial; an empty text takes a tag away."""

    @abstractmethod
    def orphan(self, run_id: str) -> None:
        """Close what is still open of a trial's record and of its individuals' below, as their process ended."""

    @abstractmethod
    def write_curves(self, curves: Mapping[str, Mapping[int, float]]) -> None:
        """Keep metrics by trial number; what is there already with the same value is not written again."""

    @abstractmethod
    def write_files(self, files: Mapping[str, bytes]) -> None:
        """Keep artifacts."""

    @abstractmethod
    def close(self, status: str | None) -> None:
        """End the record: ``FINISHED``, ``FAILED`` or ``KILLED``; None leaves it to another process."""


@dataclass(frozen=True)
class Outlook:
    """What is known of a job before it starts.

    Args:
        finished: seeds whose outcome is there and would not be computed again.
        failed: seeds that were tried and have no outcome.
    """

    finished: frozenset[int] = frozenset()
    failed: frozenset[int] = frozenset()


class Tracker(ABC):
    """An open place for records."""

    @abstractmethod
    def outlook(self, job: Job) -> Outlook:
        """What there is of a job already; nothing is written."""

    @abstractmethod
    def start_afresh(self, study: str) -> str:
        """A new study named after this one, which takes over nothing from others; returns its name."""

    @abstractmethod
    def begin(self, job: Job) -> JobLog:
        """Open a job's record, or continue it where an earlier process left it.

        Raises:
            depsim.execution.files.LockedError: if another process is at the same job.
        """

    @abstractmethod
    def begin_search(self, notes: SearchNotes, known: str | None) -> SearchLog:
        """Open a search's record, or continue the known one."""


class Tracking(Component):
    """How results are kept."""

    keeps_files: ClassVar[bool]
    """Whether anything is written to disk."""

    @abstractmethod
    def open(self) -> Tracker:
        """The place for records, created if it is not there yet."""

    @abstractmethod
    def peek(self) -> Tracker | None:
        """The place for records if it is there already."""
