"""Blocks of work for processes elsewhere: a block takes minutes, and what it found comes back when it ends."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Annotated, Protocol

from pydantic import Field

from depsim.component import Label
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.executor import ATTEMPTS, Executor, WorkerPool
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.plan import unit_seconds
from depsim.execution.sources import SourcesChangedError
from depsim.execution.work import Event, Failed, Finished, Message, Receive, Refused, WorkUnit, perform

Units = tuple[WorkUnit, ...]
Minutes = Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False), Label("a task's time", "min")]
_FIRST_UNITS = 8
_ONE_AT_A_TIME = Lock()
"""A process computes one block at a time, whatever threads its engine gives it: arithmetic is a process's."""


class TaskLostError(Exception):
    """A task ended without an answer; the message says why."""


class Backend(Protocol):
    """An engine, as the driver of blocks needs it. A ticket stands for a task that was submitted."""

    def submit(self, blocks: Sequence[Units]) -> Sequence[Hashable]:
        """Submit tasks; a ticket for each."""

    def capacity(self) -> int:
        """How many tasks it can have at a time, waiting ones included."""

    def wait(self, tickets: Sequence[Hashable], seconds: float) -> Iterable[Hashable]:
        """Those that have ended; waits for one, but no longer than so many seconds.

        Raises:
            ExecutorError: if the engine is gone.
        """

    def answer(self, ticket: Hashable) -> Sequence[Event]:
        """What a task found.

        Raises:
            TaskLostError: if it ended without an answer.
        """

    def close(self) -> None:
        """Take back what has not ended, and leave."""


class RemoteExecutor(Executor):
    """An executor to whose processes blocks are sent.

    Args:
        task_minutes: about how long a task shall take, which is one block.
    """

    task_minutes: Minutes

    @abstractmethod
    def backend(self) -> Backend:
        """The engine.

        Raises:
            ExecutorError: if it cannot be reached.
        """

    def open(self, processes: int) -> WorkerPool:
        """The processes of the backend."""
        return RemotePool(self.backend(), self.task_minutes * 60)


def perform_block(units: Units, cache: StoreSettings | None) -> list[Event]:
    """Do units one after the other: what a task is.

    Args:
        units: what to do.
        cache: where this process keeps healthy networks.
    """
    events: list[Event] = []
    with _ONE_AT_A_TIME, reproducible_arithmetic():
        for unit in units:
            try:
                perform(replace(unit, store=cache if unit.store is not None else None), events.append)
            except SourcesChangedError as error:
                return [*events, Refused(str(error))]
    return events


def take_block(units: deque[WorkUnit], seconds: float, most: int) -> Units:
    """Take the next units, about so many seconds of work; one at least, and no more than ``most``."""
    block, left = [units.popleft()], seconds
    left -= unit_seconds(block[0])
    while units and left >= unit_seconds(units[0]) / 2 and len(block) < most:
        block.append(units.popleft())
        left -= unit_seconds(block[-1])
    return tuple(block)


@dataclass(frozen=True)
class _Block:
    """Units, and how often they were lost."""

    units: Units
    losses: int = 0

    def halves(self) -> list[_Block]:
        """Both halves; none where there is one individual only."""
        if len(self.units) == 1:
            return [_Block((half,)) for half in self.units[0].halves()]
        middle = len(self.units) // 2
        return [_Block(self.units[:middle]), _Block(self.units[middle:])]


class RemotePool(WorkerPool):
    """Sends blocks to a backend, and again where they are lost.

    What is expected of a unit comes from one machine's rates, and very small ones take many times as long. So the first
    blocks have few units, and later ones are measured by those before, with no more than twice as many units.

    Args:
        backend: where they are done.
        seconds: about how long a block shall take.
    """

    def __init__(self, backend: Backend, seconds: float) -> None:
        self._backend, self._seconds = backend, seconds
        self._said: set[str] = set()
        self._took = self._expected = 0.0
        self._most = _FIRST_UNITS

    def __exit__(self, *_: object) -> None:
        self._backend.close()

    def run(self, units: Sequence[WorkUnit], receive: Receive) -> None:
        """Do all units, in blocks."""
        left, lost = deque(units), deque[_Block]()
        running: dict[Hashable, _Block] = {}
        try:
            while left or lost or running:
                self._submit(left, lost, running)
                for ticket in self._backend.wait(list(running), 1.0):
                    block = running.pop(ticket)
                    try:
                        answer = self._backend.answer(ticket)
                    except TaskLostError as error:
                        answer = self._again(block, str(error), lost)
                    else:
                        self._measure(block, answer)
                    self._submit(left, lost, running)  # recording takes time
                    self._hand_on(answer, receive)
        except (KeyboardInterrupt, SourcesChangedError):
            with suppress(Exception):  # what is finished is kept
                for ticket in self._backend.wait(list(running), 0.0):
                    self._hand_on(self._backend.answer(ticket), receive)
            raise

    def _submit(self, left: deque[WorkUnit], lost: deque[_Block], running: dict[Hashable, _Block]) -> None:
        """Submit as many blocks as there is capacity for."""
        blocks: list[_Block] = []
        free = self._backend.capacity() - len(running) if left or lost else 0
        while len(blocks) < free and (left or lost):
            blocks.append(lost.popleft() if lost else self._next(left))
        if blocks:
            running.update(zip(self._backend.submit([block.units for block in blocks]), blocks, strict=True))

    def _next(self, left: deque[WorkUnit]) -> _Block:
        seconds = self._seconds * self._expected / self._took if self._took else self._seconds
        return _Block(take_block(left, seconds, self._most))

    def _measure(self, block: _Block, answer: Sequence[Event]) -> None:
        """Note how long what is finished of a block took, and was expected to take; the next may have twice as many."""
        results = [event for event in answer if isinstance(event, Finished)]
        finished = {(event.job, outcome.seed) for event in results for outcome in event.outcomes}
        units = [unit for unit in block.units if unit.pairs <= finished]
        settled = {pair for unit in units for pair in unit.pairs}
        self._expected += sum(map(unit_seconds, units))
        self._took += sum(event.seconds for event in results if (event.job, event.outcomes[0].seed) in settled)
        self._most = max(self._most, 2 * len(units))

    def _hand_on(self, events: Sequence[Event], receive: Receive) -> None:
        for event in events:
            if isinstance(event, Refused):
                raise SourcesChangedError(event.reason)
            if isinstance(event, Message):
                if event.text in self._said:
                    continue
                self._said.add(event.text)
            receive(event)

    def _again(self, block: _Block, why: str, lost: deque[_Block]) -> list[Event]:
        """Queue a lost block; what was lost too often is halved, and given up when alone."""
        losses = block.losses + 1
        if losses < ATTEMPTS:
            lost.appendleft(replace(block, losses=losses))
            return [Message(f"a task was lost ({why}); its work is taken up again")]
        if halves := block.halves():
            lost.extendleft(reversed(halves))
            return [Message(f"a task was lost {ATTEMPTS} times ({why}); its work is halved")]
        (unit,) = block.units
        given_up = f"{ATTEMPTS} tasks in turn were lost while computing this ({why})"
        return [Failed(job, unit.seeds[0], given_up) for job, _ in unit.arms]
