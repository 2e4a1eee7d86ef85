"""No tracking: results live as long as the process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from depsim.execution.course import Outcome
from depsim.execution.job import Job
from depsim.execution.recorder import JobRecord, JobStatus, Notify
from depsim.tracking.base import SearchNotes, SearchRecord, Tracker, Tracking


class NoTracking(Tracking):
    """Keeps nothing."""

    keeps_files: ClassVar[bool] = False

    def open(self) -> Tracker:
        """A place that forgets."""
        return _MemoryTracker()

    def peek(self) -> None:
        """Nothing is there before it is opened."""
        return


class _MemoryTracker(Tracker):
    def status(self, job: Job) -> JobStatus:
        return JobStatus()

    def new_study(self, study: str) -> str:
        return study

    def note_asked(self, study: str, question: str, asks: list[Any] | None) -> None:
        pass

    def read_multiverse(self, study: str) -> Mapping[str, Any]:
        return {}

    def note_multiverse(self, study: str, record: Mapping[str, Any]) -> None:
        pass

    def begin(self, job: Job, notify: Notify) -> JobRecord:
        return _MemoryRecord(job)

    def begin_search(self, notes: SearchNotes, known: str | None) -> SearchRecord:
        return SearchRecord()


class _MemoryRecord(JobRecord):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._outcomes: dict[int, Outcome] = {}

    @property
    def missing(self) -> tuple[int, ...]:
        return tuple(seed for seed in self.job.seeds if seed not in self._outcomes)

    @property
    def run_id(self) -> None:
        return None

    def finish(self, outcome: Outcome, seconds: float) -> None:
        self._outcomes[outcome.seed] = outcome

    def metrics(self) -> dict[int, dict[str, float]]:
        return {outcome.seed: dict(outcome.metrics) for outcome in self.outcomes()}

    def outcomes(self) -> list[Outcome]:
        return [self._outcomes[seed] for seed in self.job.seeds if seed in self._outcomes]
