"""What a tracker is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from depsim.component import Component
from depsim.execution.recorder import Recorder


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
        is_open: whether it still has to be closed.
    """

    run_id: str
    trial: str
    state: str | None
    is_open: bool


class SearchRecord:
    """The record of a search, whose trials are jobs below it; this one keeps nothing."""

    run_id: str | None = None
    """Where the record is kept, if anywhere."""

    def trial_runs(self) -> list[TrialRun]:
        """The trials that have a record."""
        return []

    def settle(
        self,
        run_id: str | None,
        state: str,
        reason: str | None,
        curves: Mapping[str, Mapping[int, float]] = MappingProxyType({}),
    ) -> None:
        """Note what became of a trial.

        Args:
            run_id: of the trial's record; None does nothing.
            state: ``COMPLETE``, ``PRUNED`` or ``FAIL``.
            reason: why it failed or was stopped.
            curves: the values of its objectives, by its number, under the names that the search's own record has.
        """

    def tag(self, run_id: str | None, tags: Mapping[str, str]) -> None:
        """Note more of a trial; an empty text takes a tag away."""

    def orphan(self, run_id: str) -> None:
        """Close what is still open of a trial's record and of its individuals' below, as their process ended."""

    def write_curves(self, curves: Mapping[str, Mapping[int, float]]) -> None:
        """Keep metrics by trial number; what is there already with the same value is not written again."""

    def write_files(self, files: Mapping[str, bytes]) -> None:
        """Keep artifacts."""

    def close(self, status: str | None) -> None:
        """End the record: ``FINISHED``, ``FAILED`` or ``KILLED``; None leaves it to another process."""


class Tracker(Recorder):
    """An open place for records of jobs and of searches."""

    @abstractmethod
    def new_study(self, study: str) -> str:
        """A new study named after this one, which takes over nothing from others; returns its name."""

    @abstractmethod
    def note_asked(self, study: str, question: str, asks: list[Any] | None) -> None:
        """Keep what a study was made to answer; a later sweep of the same study has the last word.

        Args:
            study: its name.
            question: of the sweep file.
            asks: what its report asks, as plain values; None where the file says nothing of it.
        """

    @abstractmethod
    def read_multiverse(self, study: str) -> Mapping[str, Any]:
        """What was kept of a study's multiverse; empty where there is none."""

    @abstractmethod
    def note_multiverse(self, study: str, record: Mapping[str, Any]) -> None:
        """Keep what a study's multiverse is, as plain values, before its first point is computed."""

    @abstractmethod
    def begin_search(self, notes: SearchNotes, known: str | None) -> SearchRecord:
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
