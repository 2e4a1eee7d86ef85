"""Units of work, each done by one worker by itself, and doing them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from depsim.execution.course import (
    BaselineSource,
    Broken,
    Ended,
    Fork,
    Outcome,
    first_path,
    outcomes_of,
    train_baseline,
    walk,
    with_tensors,
    without_tensors,
)
from depsim.execution.healthy_store import HealthyStore, StoreSettings
from depsim.execution.sources import NO_VERSIONS, SourcesChangedError, Versions, require_unchanged
from depsim.kernels.uncached import take_note
from depsim.lazy_torch import torch
from depsim.protocol import Baseline
from depsim.steps import Path, Step


@dataclass(frozen=True)
class WorkUnit:
    """Some individuals and the arms that they go through.

    Args:
        seeds: the individuals, computed together.
        baseline: where they come from.
        arms: (job number, steps that are left) pairs, in order.
        device: where to compute.
        store: of healthy networks, or None to train them each time.
        start: the path that the arms have behind them, without tensors, or None for the healthy networks.
        seconds: what each arm has taken so far.
        versions: that the results are filed under, and have to come from.
    """

    seeds: tuple[int, ...]
    baseline: Baseline
    arms: tuple[tuple[int, tuple[Step, ...]], ...]
    device: str
    store: StoreSettings | None
    start: Any = None
    seconds: float = 0.0
    versions: Versions = NO_VERSIONS

    @property
    def pairs(self) -> set[tuple[int, int]]:
        """The (job, seed) pairs that it is to settle."""
        return {(job, seed) for job, _ in self.arms for seed in self.seeds}

    def halves(self) -> tuple[WorkUnit, ...]:
        """The unit in two, each with half of the individuals; none where there is only one."""
        middle = len(self.seeds) // 2
        parts = (self.seeds[:middle], self.seeds[middle:]) if middle else ()
        return tuple(replace(self, seeds=seeds) for seeds in parts)


@dataclass(frozen=True)
class Finished:
    """The outcomes of a unit's individuals for one job."""

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
class Forked:
    """Part of a unit that another worker can take over."""

    unit: WorkUnit


@dataclass(frozen=True)
class Refused:
    """A worker has other sources or packages than the unit's results are filed under."""

    reason: str


@dataclass(frozen=True)
class Message:
    """Something the user should know."""

    text: str


Event = Finished | Failed | Forked | Refused | Message
Receive = Callable[[Event], None]


def perform(unit: WorkUnit, receive: Receive, *, fork: bool = False) -> None:
    """Do a unit of work; each job's outcomes are passed on as soon as they are there.

    A chunk that fails is halved until the individual that cannot be computed stands alone; the others finish.

    Args:
        unit: what to do.
        receive: called with each event.
        fork: give out arms where they part, for idle workers.

    Raises:
        SourcesChangedError: if sources or packages are not those that the results are filed under; nothing that was
            computed since is handed on.
    """
    require_unchanged(unit.versions)
    alone, failures = len(unit.seeds) == 1, list[Broken]()
    try:
        path, seconds = _begin(unit, receive)
    except SourcesChangedError:
        raise
    except Exception:
        failures.append(Broken(tuple(job for job, _ in unit.arms), traceback.format_exc()))
    else:
        for event in walk(path, dict(unit.arms), seconds, fork=fork and alone):
            if isinstance(event, Ended):
                finished = Finished(event.job, tuple(outcomes_of(event.path)), event.seconds)
                require_unchanged(unit.versions)
                receive(finished)
            elif isinstance(event, Fork):
                left = {"arms": tuple(event.arms.items()), "start": without_tensors(event.path)}
                receive(Forked(replace(unit, **left, seconds=event.seconds)))
            elif alone:
                _report(event, unit, receive)
            else:
                failures.append(event)
        del path, event  # a GPU needs the room
    if (note := take_note()) is not None:
        receive(Message(note))
    for broken in failures:
        if alone:
            _report(broken, unit, receive)
        else:
            for half in replace(unit, arms=tuple(arm for arm in unit.arms if arm[0] in broken.jobs)).halves():
                perform(half, receive)


def _report(broken: Broken, unit: WorkUnit, receive: Receive) -> None:
    """Say at once what failed for one individual: what its worker does next may end the worker."""
    require_unchanged(unit.versions)
    for job in broken.jobs:
        receive(Failed(job, unit.seeds[0], broken.traceback))


def _begin(unit: WorkUnit, receive: Receive) -> tuple[Path, float]:
    """The path that a unit's arms have in common, and the seconds that each has taken."""
    device = torch.device(unit.device)
    if device.index is not None:
        torch.cuda.set_device(device)  # steps are recorded on the current one
    if unit.start is not None:
        return with_tensors(unit.start), unit.seconds
    source: BaselineSource = train_baseline
    if unit.store is not None:
        source = HealthyStore(unit.store, lambda text: receive(Message(text)), unit.versions)
    began = time.monotonic()
    path = first_path(unit.baseline, unit.seeds, device, source)
    return path, (time.monotonic() - began) / len(unit.arms)
