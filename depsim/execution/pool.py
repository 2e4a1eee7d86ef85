"""The pool: tasks shared among worker processes, with a dead worker replaced.

Workers are plain child processes on a socket pair, not ``multiprocessing`` ones: those import the caller's main
module again, which a notebook or a script without a guard does not survive.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.tasks import Failed, Finished, Message, Remark, Task, perform

_ATTEMPTS = 3
"""How many workers a piece of work may cost before it is halved or given up."""


def run_tasks(tasks: Sequence[Task], workers: int) -> Iterator[Message]:
    """Do all tasks; messages come as they happen.

    Args:
        tasks: what to do, in this order.
        workers: how many processes; 1 does the work in this one, unless that is a GPU's.
    """
    with Pool(workers) as pool:
        yield from pool.run(tasks)


@dataclass
class _Worker:
    """One worker process and what it has in hand."""

    process: subprocess.Popen[bytes]
    connection: Connection
    task: Task | None = None
    done: set[tuple[int, int]] = field(default_factory=set)
    """(job, seed) pairs of the task that have been answered."""


class Pool:
    """Worker processes that stay for several rounds of work; a context manager that ends them.

    Args:
        workers: how many processes at most; 1 does the work in this one. A GPU's work has a process of its own, so that
            the GPU goes on while results are kept, and its memory is free when the work is done.
    """

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._workers: list[_Worker] = []
        self._waiting: deque[Task] = deque()
        self._losses: dict[tuple[int, tuple[int, ...]], int] = {}

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.connection.close()
            worker.process.kill()
            worker.process.wait()
        self._workers = []

    def run(self, tasks: Sequence[Task]) -> Iterator[Message]:
        """Do all tasks, in this order; messages come as they happen. A round that is left early ends the workers."""
        if not tasks:
            return
        wanted = min(self._count, len(tasks))
        alone = self._count <= 1 or (wanted <= 1 and not self._workers)
        if alone and all(task.device == "cpu" for task in tasks):
            with reproducible_arithmetic():
                for task in tasks:
                    yield from perform(task)
            return
        self._waiting, self._losses = deque(tasks), {}
        finished = False
        try:
            self._workers += [_start() for _ in range(wanted - len(self._workers))]
            for worker in self._workers:
                self._occupy(worker)
            yield from self._answers()
            finished = True
        finally:
            if not finished:
                self.__exit__()

    def _answers(self) -> Iterator[Message]:
        while busy := {worker.connection: worker for worker in self._workers if worker.task is not None}:
            for ready in wait(list(busy)):
                worker = busy[ready]  # type: ignore[index]
                try:
                    message: Message | None = worker.connection.recv()
                except (EOFError, OSError):
                    self._workers.remove(worker)
                    yield from self._lost(worker)
                    if self._waiting:
                        self._workers.append(_start())
                        self._occupy(self._workers[-1])
                    continue
                if message is None:
                    worker.task = None
                    self._occupy(worker)
                else:
                    worker.done |= _answered(message)
                    yield message

    def _occupy(self, worker: _Worker) -> None:
        if not self._waiting:
            return
        worker.task = self._waiting.popleft()
        worker.done = set()
        with suppress(OSError):  # if it died, reading from it says so
            worker.connection.send(worker.task)

    def _lost(self, worker: _Worker) -> Iterator[Message]:
        """Queue what a dead worker left; what has cost too many workers is halved, and given up when alone."""
        status = _how_it_ended(worker.process.wait())
        left = _left(worker)
        if not left:
            return
        culprit = left[0].conditions[0][0], left[0].seeds
        losses = self._losses[culprit] = self._losses.get(culprit, 0) + 1
        if losses < _ATTEMPTS:
            yield Remark(f"a worker ended ({status}); its work is taken up again")
            self._waiting.extendleft(reversed(left))
            return
        first, seeds = left[0], left[0].seeds
        rest = [replace(first, conditions=first.conditions[1:])] if len(first.conditions) > 1 else []
        if len(seeds) == 1:
            reason = f"{_ATTEMPTS} workers in turn ended while computing this ({status})"
            yield Failed(culprit[0], seeds[0], reason)
            halves = []
        else:
            middle = len(seeds) // 2
            halves = [
                replace(first, seeds=s, conditions=first.conditions[:1]) for s in (seeds[:middle], seeds[middle:])
            ]
        self._waiting.extendleft(reversed([*halves, *rest, *left[1:]]))


def _answered(message: Message) -> set[tuple[int, int]]:
    """The (job, seed) pairs that a message settles."""
    if isinstance(message, Finished):
        return {(message.job, outcome.seed) for outcome in message.outcomes}
    return {(message.job, message.seed)} if isinstance(message, Failed) else set()


def _left(worker: _Worker) -> list[Task]:
    """What a worker was given and has not answered; conditions that miss the same individuals stay together."""
    tasks: list[Task] = []
    if worker.task is None:
        return tasks
    for condition in worker.task.conditions:
        seeds = tuple(seed for seed in worker.task.seeds if (condition[0], seed) not in worker.done)
        if tasks and tasks[-1].seeds == seeds:
            tasks[-1] = replace(tasks[-1], conditions=(*tasks[-1].conditions, condition))
        elif seeds:
            tasks.append(replace(worker.task, seeds=seeds, conditions=(condition,)))
    return tasks


def _start() -> _Worker:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "depsim.execution.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        )
    return _Worker(process, Connection(ours.detach()))


def _how_it_ended(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
