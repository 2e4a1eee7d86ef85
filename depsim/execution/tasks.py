"""Tasks: pieces of work that one worker does by itself, and doing them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from depsim.execution.healthy_store import HealthyStore
from depsim.protocol import Condition, Course, HealthySource, Outcome, raise_healthy


@dataclass(frozen=True)
class StoreSettings:
    """Where healthy networks are kept and how much room they may take."""

    folder: Path
    limit_bytes: int


@dataclass(frozen=True)
class Task:
    """Some individuals under some conditions.

    Args:
        seeds: the individuals, computed together.
        conditions: (job number, condition) pairs, computed one after the other.
        device: where.
        store: of healthy networks, or None to train them anew.
    """

    seeds: tuple[int, ...]
    conditions: tuple[tuple[int, Condition], ...]
    device: str
    store: StoreSettings | None


@dataclass(frozen=True)
class Finished:
    """The outcomes of a task's individuals for one job."""

    job: int
    outcomes: tuple[Outcome, ...]
    seconds: float


@dataclass(frozen=True)
class Failed:
    """An individual that has no outcome for one job."""

    job: int
    seed: int
    traceback: str


@dataclass(frozen=True)
class Remark:
    """Something a person should hear of."""

    text: str


Message = Finished | Failed | Remark


def perform(task: Task) -> Iterator[Message]:
    """Do a task, telling each job's outcomes as soon as they are there.

    A chunk that raises is halved until the individual that cannot be computed stands alone; the others finish.
    """
    device, remarks = torch.device(task.device), list[str]()
    if device.index is not None:
        torch.cuda.set_device(device)  # steps are recorded on the current one
    course = Course(task.seeds, device, _source(task.store, remarks))
    for job, condition in task.conditions:
        began, failed = time.monotonic(), ""
        try:
            outcomes = tuple(course.outcomes(condition))
        except Exception:
            failed = traceback.format_exc()
        # Only here, as an exception that is being handled keeps all that its frames held on the device.
        yield from map(Remark, _drain(remarks))
        if not failed:
            yield Finished(job, outcomes, time.monotonic() - began)
        elif len(task.seeds) == 1:
            yield Failed(job, task.seeds[0], failed)
        else:
            middle = len(task.seeds) // 2
            for half in (task.seeds[:middle], task.seeds[middle:]):
                yield from perform(Task(half, ((job, condition),), task.device, task.store))


def _source(settings: StoreSettings | None, remarks: list[str]) -> HealthySource:
    if settings is None:
        return raise_healthy
    return HealthyStore(settings.folder, settings.limit_bytes, remarks.append)


def _drain(remarks: list[str]) -> list[str]:
    drained, remarks[:] = list(remarks), []
    return drained
