"""The pool: units of work shared among worker processes, with a dead worker replaced.

Workers are plain child processes on a socket pair, not ``multiprocessing`` ones: those import the caller's main
module again, which a notebook or a script without a guard does not survive.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from typing import ClassVar

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.executor import ATTEMPTS, Executor, WorkerPool
from depsim.execution.memory import EXIT_CODE, OUT_OF_MEMORY
from depsim.execution.sources import SourcesChangedError, require_unchanged
from depsim.execution.work import Event, Failed, Finished, Forked, Message, Receive, Refused, WorkUnit, perform


class LocalExecutor(Executor):
    """Processes of this machine, as many as ``workers`` says."""

    is_elsewhere: ClassVar[bool] = False

    def open(self, processes: int) -> Pool:
        """So many processes, started when there is work."""
        return Pool(processes)


LOCAL = LocalExecutor()


@dataclass
class _Worker:
    """One worker process and the unit it computes."""

    process: subprocess.Popen[bytes]
    connection: Connection
    unit: WorkUnit | None = None
    settled: set[tuple[int, int]] = field(default_factory=set)
    """(job, seed) pairs of the unit that are finished, have failed, or were forked."""


class Pool(WorkerPool):
    """Worker processes that stay for several rounds of work; a context manager that ends them.

    Args:
        workers: how many processes at most; 1 does the work in this one. A GPU's work has a process of its own, so that
            the GPU goes on while results are kept, and its memory is free when the work is done.
    """

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._workers: list[_Worker] = []
        self._begun: list[WorkUnit] = []
        self._waiting: deque[WorkUnit] = deque()
        self._losses: dict[tuple[int, tuple[int, ...]], int] = {}
        self._said: set[str] = set()

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.connection.close()
            worker.process.kill()
            worker.process.wait()
        self._workers, self._begun = [], []

    def begin(self, units: Sequence[WorkUnit]) -> None:
        """Give units to workers already, before anybody listens."""
        if units and not self._in_this_process(units):
            self._begun, self._waiting = list(units), deque(units)
            self._occupy()

    def run(self, units: Sequence[WorkUnit], receive: Receive) -> None:
        """Do all units, in this order."""
        if not units:
            return
        if self._begun and self._begun != list(units):
            self.__exit__()  # another process has done some of it meanwhile
        if self._in_this_process(units):
            with reproducible_arithmetic():
                for unit in units:
                    perform(unit, receive)
            return
        if not self._begun:
            self._waiting = deque(units)
        self._begun, self._losses = [], {}
        try:
            self._occupy()
            self._listen(receive)
        except BaseException:
            self.__exit__()
            raise

    def _most(self, units: Sequence[WorkUnit]) -> int:
        """How many workers can have something to do at once."""
        return min(self._count, sum(len(unit.arms) for unit in units))

    def _in_this_process(self, units: Sequence[WorkUnit]) -> bool:
        """Whether this process does the work itself."""
        few = self._count <= 1 or (self._most(units) <= 1 and not self._workers)
        return few and all(unit.device == "cpu" for unit in units)

    def _listen(self, receive: Receive) -> None:
        """Hear what workers say, and let them have new work, before any of it is handed on: recording takes time."""
        heard: deque[Event] = deque()
        try:
            while (busy := {worker.connection: worker for worker in self._workers if worker.unit is not None}) or heard:
                for ready in wait(list(busy), 0 if heard else None):
                    worker = busy[ready]  # type: ignore[index]
                    try:
                        event: Event | None = worker.connection.recv()
                    except (EOFError, OSError):
                        self._workers.remove(worker)
                        heard += self._requeue(worker)
                    else:
                        heard += self._take_in(worker, event)
                self._occupy()
                if heard:
                    receive(heard.popleft())
        except (KeyboardInterrupt, SourcesChangedError):
            while heard:  # what is finished is kept
                receive(heard.popleft())
            raise

    def _take_in(self, worker: _Worker, event: Event | None) -> list[Event]:
        """Note what a worker says, None being the end of its unit; what is to be handed on."""
        if event is None:
            worker.unit = None
            return []
        if isinstance(event, Refused):
            raise SourcesChangedError(event.reason)
        if isinstance(event, Forked):
            worker.settled |= event.unit.pairs
            self._waiting.append(event.unit)
            return []
        if isinstance(event, Finished):
            worker.settled |= {(event.job, outcome.seed) for outcome in event.outcomes}
        elif isinstance(event, Failed):
            worker.settled.add((event.job, event.seed))
        elif isinstance(event, Message):
            if event.text in self._said:  # by another worker
                return []
            self._said.add(event.text)
        return [event]

    def _occupy(self) -> None:
        """Give waiting units to idle workers, and to new ones as long as there may be something for them to do."""
        if len(self._workers) < self._count:
            left = [*self._waiting, *(unit for worker in self._workers for unit in _left(worker))]
            self._workers += [_start() for _ in range(self._most(left) - len(self._workers))]
        for worker in self._workers:
            if worker.unit is None and self._waiting:
                worker.unit, worker.settled = self._waiting.popleft(), set()
                with suppress(OSError):  # if it died, reading from it will show
                    # With little left to give out, the unit is forked where its arms part.
                    worker.connection.send((worker.unit, len(self._waiting) < self._count - 1))

    def _requeue(self, worker: _Worker) -> list[Event]:
        """Queue what a dead worker left; what has cost too many workers is halved, and given up when alone."""
        status = _exit_text(worker.process.wait())
        left = _left(worker)
        if not left:
            return []
        require_unchanged(left[0].versions)  # an edit may have ended it, and would end the next one
        (job, _), seeds = left[0].arms[0], left[0].seeds
        losses = self._losses[job, seeds] = self._losses.get((job, seeds), 0) + 1
        if losses < ATTEMPTS:
            self._waiting.extendleft(reversed(left))
            return [Message(f"a worker ended ({status}); its work is taken up again")]
        halves = replace(left[0], arms=left[0].arms[:1]).halves()
        rest = [replace(left[0], arms=left[0].arms[1:])] if len(left[0].arms) > 1 else []
        self._waiting.extendleft(reversed([*halves, *rest, *left[1:]]))
        given_up = f"{ATTEMPTS} workers in turn ended while computing this ({status})"
        return [] if halves else [Failed(job, seeds[0], given_up)]


def _left(worker: _Worker) -> list[WorkUnit]:
    """What a worker was given and has not settled; arms that miss the same individuals stay together."""
    units: list[WorkUnit] = []
    if worker.unit is None:
        return units
    for arm in worker.unit.arms:
        seeds = tuple(seed for seed in worker.unit.seeds if (arm[0], seed) not in worker.settled)
        if units and units[-1].seeds == seeds:
            units[-1] = replace(units[-1], arms=(*units[-1].arms, arm))
        elif seeds:
            units.append(replace(worker.unit, seeds=seeds, arms=(arm,)))
    return units


def _start() -> _Worker:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "depsim.execution.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        )
    return _Worker(process, Connection(ours.detach()))


def _exit_text(code: int) -> str:
    if code == EXIT_CODE:
        return OUT_OF_MEMORY
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
