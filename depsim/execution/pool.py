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
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait

from depsim.execution.device import reproducible_arithmetic
from depsim.execution.tasks import Failed, Finished, Message, Remark, Task, perform

_ATTEMPTS = 3
"""How often a task may lose its worker before its next individual is given up."""


def run_tasks(tasks: Sequence[Task], workers: int) -> Iterator[Message]:
    """Do all tasks; messages come as they happen.

    Args:
        tasks: what to do, in this order.
        workers: how many processes; 1 does the work in this one.
    """
    workers = min(workers, len(tasks))
    if workers <= 1:
        with reproducible_arithmetic():
            for task in tasks:
                yield from perform(task)
        return
    yield from _Pool(tasks, workers).run()


@dataclass
class _Worker:
    """One worker process and what it has in hand."""

    process: subprocess.Popen[bytes]
    connection: Connection
    task: Task | None = None


class _Pool:
    def __init__(self, tasks: Sequence[Task], workers: int) -> None:
        self._waiting = deque(tasks)
        self._count = workers
        self._losses: dict[tuple[int, ...], int] = {}

    def run(self) -> Iterator[Message]:
        workers = [_start() for _ in range(self._count)]
        try:
            for worker in workers:
                self._occupy(worker)
            while busy := {worker.connection: worker for worker in workers if worker.task is not None}:
                for ready in wait(list(busy)):
                    worker = busy[ready]  # type: ignore[index]
                    try:
                        message: Message | None = worker.connection.recv()
                    except (EOFError, OSError):
                        workers.remove(worker)
                        yield from self._lost(worker)
                        workers.append(_start())
                        self._occupy(workers[-1])
                        continue
                    if message is None:
                        worker.task = None
                        self._occupy(worker)
                    else:
                        self._note_progress(worker, message)
                        yield message
        finally:
            for worker in workers:
                worker.connection.close()
                worker.process.kill()
                worker.process.wait()

    def _occupy(self, worker: _Worker) -> None:
        if not self._waiting:
            return
        worker.task = self._waiting.popleft()
        with suppress(OSError):  # if it died, reading from it says so
            worker.connection.send(worker.task)

    @staticmethod
    def _note_progress(worker: _Worker, message: Message) -> None:
        """Strike a finished job off the worker's task, so that a loss repeats only what is missing."""
        task = worker.task
        assert task is not None
        done = isinstance(message, Finished) and {o.seed for o in message.outcomes} == set(task.seeds)
        if done or (isinstance(message, Failed) and len(task.seeds) == 1):
            assert not isinstance(message, Remark)
            worker.task = replace(task, conditions=tuple(c for c in task.conditions if c[0] != message.job))

    def _lost(self, worker: _Worker) -> Iterator[Message]:
        """Queue a dead worker's task again, or give its next job up if it has cost too many workers."""
        status = _how_it_ended(worker.process.wait())
        task = worker.task
        assert task is not None
        if not task.conditions:
            return
        losses = self._losses[task.seeds] = self._losses.get(task.seeds, 0) + 1
        if losses < _ATTEMPTS:
            yield Remark(f"a worker ended ({status}); its work is taken up again")
            self._waiting.appendleft(task)
            return
        self._losses[task.seeds] = 0
        job, rest = task.conditions[0][0], task.conditions[1:]
        for seed in task.seeds:
            yield Failed(job, seed, f"{_ATTEMPTS} workers in turn ended while computing this ({status})")
        if rest:
            self._waiting.appendleft(replace(task, conditions=rest))


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
