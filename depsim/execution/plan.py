"""Planning: jobs into tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from depsim.execution.device import chunk_size, cores, device_kind
from depsim.execution.tasks import StoreSettings, Task
from depsim.protocol import Condition, Origin


@dataclass(frozen=True)
class Resources:
    """What the work may use; none of it changes a result.

    Args:
        device: ``cpu``, ``cuda`` or ``cuda:K``.
        workers: processes on a CPU, or None for one per core; a GPU takes one.
        chunk: individuals held at once by a worker, or None to choose.
        store: of healthy networks, or None.
    """

    device: str
    workers: int | None
    chunk: int | None
    store: StoreSettings | None

    @property
    def processes(self) -> int:
        """How many worker processes."""
        if device_kind(self.device) == "cuda":
            return 1
        return self.workers or cores()


def plan(jobs: Sequence[tuple[Condition, Iterable[int]]], resources: Resources) -> list[Task]:
    """Tasks that compute every job's missing individuals.

    The arms of an individual go to one worker one after the other, so that what they share is done once; only
    where there are fewer individuals than workers are they spread, and meet at the store of healthy networks.

    Args:
        jobs: a condition and the seeds to compute, each; a job's number is its place.
        resources: what the work may use.
    """
    wanted: dict[Origin, dict[int, list[int]]] = {}
    for number, (condition, seeds) in enumerate(jobs):
        for seed in seeds:
            wanted.setdefault(condition.origin, {}).setdefault(seed, []).append(number)
    tasks = []
    for origin, people in wanted.items():
        size = chunk_size(resources.device, origin, resources.chunk)
        alike: dict[tuple[int, ...], list[int]] = {}
        for seed, numbers in people.items():
            alike.setdefault(tuple(numbers), []).append(seed)
        for numbers_alike, group in alike.items():
            conditions = tuple((number, jobs[number][0]) for number in numbers_alike)
            for first in range(0, len(group), size):
                tasks.append(Task(tuple(group[first : first + size]), conditions, resources.device, resources.store))
    if len(tasks) >= resources.processes or resources.store is None:
        return tasks
    spread = [Task(t.seeds, (c,), t.device, t.store) for t in tasks for c in t.conditions]
    return sorted(spread, key=lambda task: -getattr(task.conditions[0][1].treatment, "epochs", 0))
