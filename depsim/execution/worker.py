"""A worker process: ``python -m depsim.execution.worker FD`` does tasks that arrive on an inherited connection."""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.tasks import Task, perform


def serve(connection: Connection) -> None:
    """Do tasks until there are no more: each one's messages, then None."""
    with reproducible_arithmetic():
        while True:
            try:
                task: Task | None = connection.recv()
            except EOFError:  # the driver is gone
                return
            if task is None:
                return
            for message in perform(task):
                connection.send(message)
            connection.send(None)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the driver decides
    try:
        serve(Connection(int(sys.argv[1])))
    except BrokenPipeError:  # the driver was killed meanwhile
        sys.exit(1)
