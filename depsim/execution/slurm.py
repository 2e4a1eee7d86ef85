"""Work as jobs of SLURM, through submitit: it needs a folder that all nodes see, and no scheduler of our own."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from depsim.component import Count, Label
from depsim.execution.blocks import Backend, RemoteExecutor, TaskLostError, Units, perform_block
from depsim.execution.executor import ExecutorError
from depsim.execution.work import Event

_SECONDS_BETWEEN_LOOKS = 0.2
_FOLDER = Path("mlruns/submitit")


class SubmititExecutor(RemoteExecutor):
    """Jobs of a queue, one core each; a job's results are there when it ends.

    Args:
        cluster: ``slurm``, or ``local`` for processes of this machine.
        partition: the partition of SLURM; None for its default.
        jobs: how many are in the queue at once, at most.
        gigabytes: memory of a job.
        time_limit: how long a job may take; it has to be well above ``task_minutes``.
    """

    cluster: Literal["slurm", "local"]
    partition: str | None
    jobs: Count
    gigabytes: Annotated[float, Field(gt=0, allow_inf_nan=False), Label("memory of a job", "GiB")]
    time_limit: Annotated[Count, Label("time limit of a job", "min")]

    def backend(self) -> Backend:
        """The queue."""
        return _SubmititBackend(self)


class _SubmititBackend:
    """A queue, while a driver submits jobs."""

    def __init__(self, settings: SubmititExecutor) -> None:
        try:
            from submitit import AutoExecutor
        except ImportError:
            raise ExecutorError("executor=submitit: needs the package submitit: pip install 'depsim[slurm]'") from None
        folder = _FOLDER.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # jobs are handed over in pickled files, which nobody else may write
        try:
            self._queue = AutoExecutor(folder=folder, cluster=settings.cluster)
        except RuntimeError as error:
            raise ExecutorError(f"executor.cluster={settings.cluster}: {error}") from None
        of_slurm = {"slurm_partition": settings.partition} if settings.cluster == "slurm" and settings.partition else {}
        self._queue.update_parameters(
            name="depsim", cpus_per_task=1, mem_gb=settings.gigabytes, timeout_min=settings.time_limit, **of_slurm
        )
        self._jobs, self._open = settings.jobs, dict[Hashable, Any]()

    def submit(self, blocks: Sequence[Units]) -> Sequence[Hashable]:
        """Submit jobs, as one array."""
        stores = [next((unit.store for unit in block if unit.store is not None), None) for block in blocks]
        jobs = self._queue.map_array(perform_block, blocks, stores)
        self._open.update((job.job_id, job) for job in jobs)
        return [job.job_id for job in jobs]

    def capacity(self) -> int:
        """As many as may be in the queue."""
        return self._jobs

    def wait(self, tickets: Sequence[Hashable], seconds: float) -> Iterable[Hashable]:
        """Those that have ended."""
        until = time.monotonic() + seconds
        while True:
            ended = [ticket for ticket in tickets if self._open[ticket].done()]
            if ended or time.monotonic() >= until:
                return ended
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def answer(self, ticket: Hashable) -> Sequence[Event]:
        """What a job found; its files are removed."""
        job = self._open.pop(ticket)
        try:
            events: list[Event] = job.result()
        except Exception as error:
            raise TaskLostError(f"{type(error).__name__} in job {job.job_id}: see {job.paths.stderr}") from None
        for file in (job.paths.submitted_pickle, job.paths.result_pickle, job.paths.stdout, job.paths.stderr):
            file.unlink(missing_ok=True)
        return events

    def close(self) -> None:
        """Take back what has not ended."""
        for job in self._open.values():
            with suppress(Exception):
                job.cancel()
