"""A worker process: ``python -m depsim.execution.worker FD`` does units of work that arrive on that connection."""

from __future__ import annotations

import gc
import signal
import sys
import traceback
from multiprocessing.connection import Connection

from depsim.execution.arithmetic import reproducible_arithmetic
from depsim.execution.memory import EXIT_CODE, memory_shortage
from depsim.execution.sources import SourcesChangedError
from depsim.execution.work import Refused, WorkUnit, perform

_NEW_OBJECTS = 100_000
"""So many before Python looks for cycles among them; while modules are imported that is a sixth of the time."""


def serve(connection: Connection) -> None:
    """Do units until there are no more: what happens with each, then None."""
    with reproducible_arithmetic():
        while True:
            try:
                given: tuple[WorkUnit, bool] = connection.recv()
            except EOFError:  # the driver is gone
                return
            unit, fork = given
            try:
                perform(unit, connection.send, fork=fork)
            except SourcesChangedError as error:
                connection.send(Refused(str(error)))
                return
            connection.send(None)


def work(connection: Connection) -> int:
    """What a worker process does from its start to its end; its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they reach the whole group; the driver decides
    try:
        serve(connection)
    except ConnectionError:  # the driver has ended meanwhile
        return 1
    except Exception:
        if memory_shortage(traceback.format_exc()) is None:
            raise
        return EXIT_CODE
    return 0


if __name__ == "__main__":
    gc.set_threshold(_NEW_OBJECTS)
    sys.exit(work(Connection(int(sys.argv[1]))))
