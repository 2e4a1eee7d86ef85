"""Work on a Dask cluster: an address is all it takes, whoever has started scheduler and workers."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator

from depsim.execution.blocks import Backend, RemoteExecutor, TaskLostError, Units, perform_block
from depsim.execution.executor import ExecutorError
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.waiting import note_if_slow
from depsim.execution.work import Event

if TYPE_CHECKING:
    from distributed import Client

_ADDRESS = re.compile(r"(tcp|tls)://[\w.\-\[\]:]+:\d+")
_TASKS_A_THREAD = 2
"""Tasks that are submitted for each thread of the cluster, so that none waits for the driver."""
_CACHE_BYTES = 2 * 2**30
_SECONDS_TO_CONNECT, _SECONDS_TO_LEAVE = 30.0, 10.0


def _address(value: str) -> str:
    """A scheduler's address."""
    if not _ADDRESS.fullmatch(value):
        raise ValueError("must be the address of a scheduler, such as tcp://127.0.0.1:8786")
    return value


class DaskExecutor(RemoteExecutor):
    """The workers of a Dask cluster; they need depsim, and neither a database nor a disk of ours.

    Args:
        address: where the scheduler is, such as ``tcp://127.0.0.1:8786``; ``tls://`` takes keys from Dask's
            configuration. None for the one that Dask's configuration names (``DASK_SCHEDULER_ADDRESS``).
    """

    address: Annotated[str, AfterValidator(_address)] | None

    def backend(self) -> Backend:
        """The cluster."""
        try:
            import dask
            import distributed  # noqa: F401 -- that it is there is what is asked
        except ImportError:
            raise ExecutorError("executor=dask: needs the package distributed: pip install 'depsim[dask]'") from None
        address = self.address or dask.config.get("scheduler-address", None)
        if not address:
            raise ExecutorError(
                "executor.address=null: must be the address of a Dask scheduler, such as tcp://127.0.0.1:8786; or set "
                "DASK_SCHEDULER_ADDRESS"
            )
        return _DaskBackend(address)


class _DaskBackend:
    """A cluster, while a driver is connected."""

    def __init__(self, address: str) -> None:
        from distributed import Client

        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said in our words
        self._address = address
        try:
            with note_if_slow(f"connecting to the Dask scheduler at {address}"):
                self._client: Client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False, name="depsim")
        except (OSError, TimeoutError, TypeError) as error:  # the last where keys for TLS are missing
            raise ExecutorError(f"executor.address={address}: no Dask scheduler answers there ({error})") from None
        self._threads, self._asked = 0, 0.0
        self._ended = threading.Event()

    def submit(self, blocks: Sequence[Units]) -> Sequence[Hashable]:
        """Submit tasks."""
        with self._in_words():
            futures = self._client.map(perform_on_worker, blocks, pure=False)
        for future in futures:
            future.add_done_callback(lambda _: self._ended.set())
        return futures

    def capacity(self) -> int:
        """By the threads that the cluster has now; workers come and go."""
        if time.monotonic() - self._asked > 1:
            with self._in_words():
                self._threads = sum(self._client.nthreads().values())
            self._asked = time.monotonic()
        return max(1, _TASKS_A_THREAD * self._threads)

    def wait(self, tickets: Sequence[Hashable], seconds: float) -> Iterable[Hashable]:
        """Those that have ended."""
        futures: Any = tickets
        if seconds:
            self._ended.wait(seconds)
            self._ended.clear()
        if self._client.status != "running":
            raise ExecutorError(self._gone)
        return [future for future in futures if future.done()]

    def answer(self, ticket: Hashable) -> Sequence[Event]:
        """What a task found; a worker that is gone meanwhile is no loss yet, as Dask does its task again."""
        future: Any = ticket
        try:
            events: list[Event] = future.result()
        except Exception as error:
            if self._client.status != "running":
                raise ExecutorError(self._gone) from None
            raise TaskLostError(f"{type(error).__name__}: {error}") from None
        future.release()
        return events

    def close(self) -> None:
        """Take back what has not ended, and leave."""
        with suppress(Exception):  # a scheduler that is gone has nothing of ours
            self._client.close(timeout=_SECONDS_TO_LEAVE)

    @property
    def _gone(self) -> str:
        return f"the Dask scheduler at {self._address} is gone; everything finished is kept"

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (OSError, TimeoutError):
            raise ExecutorError(self._gone) from None


def perform_on_worker(units: Units) -> list[Event]:
    """Do a block; healthy networks are kept in the worker's own folder, for as long as that is there."""
    from distributed import get_worker

    folder = Path(get_worker().local_directory) / "depsim-healthy"
    return perform_block(units, StoreSettings(folder, _CACHE_BYTES))
