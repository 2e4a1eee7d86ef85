"""Blocks of work for processes elsewhere: a block takes minutes, and what it found comes back when it ends."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Annotated, Protocol

from pydantic import Field

from depsim.component import Label
from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.executor import ATTEMPTS, Executor, Workplace
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.plan import unit_seconds
from depsim.execution.sources import SourcesChangedError, require_loaded
from depsim.execution.work import Event, Failed, Message, Receive, Refused, WorkUnit, perform
from depsim.registry import packages

Units = tuple[WorkUnit, ...]
Minutes = Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False), Label("a task's time", "min")]
_ONE_AT_A_TIME = Lock()
"""A process computes one block at a time, whatever threads its engine gives it: arithmetic is a process's."""


class TaskLostError(Exception):
    """A task ended without an answer; the message says why."""


class Site(Protocol):
    """An engine, as the driver of blocks needs it. A ticket stands for a task that was handed in."""

    def submit(self, blocks: Sequence[Units]) -> Sequence[Hashable]:
        """Hand tasks in; a ticket for each."""

    def room(self) -> int:
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
    def site(self) -> Site:
        """The engine.

        Raises:
            ExecutorError: if it cannot be reached.
        """

    def open(self, processes: int) -> Workplace:
        """A place to work."""
        return BlockWork(self.site(), self.task_minutes * 60)


def perform_block(units: Units, cache: StoreSettings | None) -> list[Event]:
    """Do units one after the other: what a task is.

    Args:
        units: what to do.
        cache: where this process keeps healthy networks.
    """
    events: list[Event] = []
    packages()  # whose modules are to be remembered as they are loaded
    with _ONE_AT_A_TIME, reproducible_arithmetic():
        for unit in units:
            try:
                require_loaded(unit.versions)
            except SourcesChangedError as error:
                return [*events, Refused(str(error))]
            perform(replace(unit, store=cache if unit.store is not None else None), events.append)
    return events


def blocks_of(units: Iterable[WorkUnit], seconds: float) -> Iterator[Units]:
    """Units in blocks of about so many seconds; one at least."""
    block, left = list[WorkUnit](), seconds
    for unit in units:
        own = unit_seconds(unit)
        if block and left < own / 2:
            yield tuple(block)
            block, left = [], seconds
        block.append(unit)
        left -= own
    if block:
        yield tuple(block)


@dataclass(frozen=True)
class _Block:
    """Units, and how often they were lost."""

    units: Units
    losses: int = 0

    def halves(self) -> tuple[_Block, _Block] | None:
        """Both halves, or None where there is one individual only."""
        middle = len(self.units) // 2
        if middle:
            return _Block(self.units[:middle]), _Block(self.units[middle:])
        (unit,) = self.units
        middle = len(unit.seeds) // 2
        if not middle:
            return None
        first, second = (replace(unit, seeds=seeds) for seeds in (unit.seeds[:middle], unit.seeds[middle:]))
        return _Block((first,)), _Block((second,))


class BlockWork(Workplace):
    """Sends blocks to a site, and again where they are lost.

    Args:
        site: where they are done.
        seconds: about how long a block shall take.
    """

    def __init__(self, site: Site, seconds: float) -> None:
        self._site, self._seconds = site, seconds
        self._said: set[str] = set()

    def __exit__(self, *_: object) -> None:
        self._site.close()

    def run(self, units: Sequence[WorkUnit], receive: Receive) -> None:
        """Do all units, in blocks."""
        waiting = deque(_Block(own) for own in blocks_of(units, self._seconds))
        running: dict[Hashable, _Block] = {}
        try:
            while waiting or running:
                self._hand_in(waiting, running)
                for ticket in self._site.wait(list(running), 1.0):
                    block = running.pop(ticket)
                    try:
                        answer = self._site.answer(ticket)
                    except TaskLostError as lost:
                        answer = self._again(block, str(lost), waiting)
                    self._hand_in(waiting, running)  # recording takes time
                    self._hand_on(answer, receive)
        except (KeyboardInterrupt, SourcesChangedError):
            with suppress(Exception):  # what is finished is kept
                for ticket in self._site.wait(list(running), 0.0):
                    self._hand_on(self._site.answer(ticket), receive)
            raise

    def _hand_in(self, waiting: deque[_Block], running: dict[Hashable, _Block]) -> None:
        """Fill the room that there is."""
        count = min(self._site.room() - len(running), len(waiting)) if waiting else 0
        if count > 0:
            blocks = [waiting.popleft() for _ in range(count)]
            running.update(zip(self._site.submit([block.units for block in blocks]), blocks, strict=True))

    def _hand_on(self, events: Sequence[Event], receive: Receive) -> None:
        for event in events:
            if isinstance(event, Refused):
                raise SourcesChangedError(event.reason)
            if isinstance(event, Message):
                if event.text in self._said:
                    continue
                self._said.add(event.text)
            receive(event)

    def _again(self, block: _Block, why: str, waiting: deque[_Block]) -> list[Event]:
        """Queue a lost block; what was lost too often is halved, and given up when alone."""
        losses = block.losses + 1
        if losses < ATTEMPTS:
            waiting.appendleft(replace(block, losses=losses))
            return [Message(f"a task was lost ({why}); its work is taken up again")]
        if (halves := block.halves()) is not None:
            waiting.extendleft(reversed(halves))
            return [Message(f"a task was lost {ATTEMPTS} times ({why}); its work is halved")]
        (unit,) = block.units
        given_up = f"{ATTEMPTS} tasks in turn were lost while computing this ({why})"
        return [Failed(job, unit.seeds[0], given_up) for job, _ in unit.arms]
