"""Planning: jobs into units of work, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from depsim.execution.device import chunk_size, cores, device_kind
from depsim.execution.executor import Executor
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.keys import computing_modules
from depsim.execution.pool import LOCAL
from depsim.execution.sources import versions_of
from depsim.execution.work import WorkUnit
from depsim.protocol import Arm, Baseline
from depsim.steps import Step
from depsim.steps.base import seconds_of

_SECONDS_TO_START = 2.0
"""What a worker process needs until it has imported what it computes with."""
GIB_PER_WORKER = 0.4
"""Memory of a worker process with one individual in hand; the driver takes about as much."""


@dataclass(frozen=True)
class Resources:
    """What the work may use; none of it changes a result.

    Args:
        device: ``cpu``, ``cuda`` or ``cuda:K``.
        workers: processes on a CPU, or None for one per core; a GPU takes one.
        chunk: individuals held at once by a worker, or None to choose.
        store: of healthy networks, or None.
        executor: who does it.
    """

    device: str
    workers: int | None
    chunk: int | None
    store: StoreSettings | None
    executor: Executor = LOCAL

    @property
    def processes(self) -> int:
        """How many worker processes."""
        if device_kind(self.device) == "cuda":
            return 1
        return self.workers or cores()

    def processes_for(self, seconds: float) -> int:
        """How many for so many seconds of work: where no number is set, one for less than it takes to start.

        One is the process that asks, on a CPU.
        """
        return 1 if self.workers is None and seconds < _SECONDS_TO_START else self.processes


def baseline_seconds(baseline: Baseline) -> float:
    """About how long one core takes for one individual's healthy network, which is trained once."""
    return baseline.train.seconds(baseline.estimate)


def arm_seconds(arm: Arm) -> float:
    """About how long one core takes for one individual in an arm, without the healthy network."""
    return seconds_of(arm.steps, arm.baseline.estimate)


def seconds_each(arms: Sequence[Arm]) -> list[float]:
    """About how long one core takes for one individual in each arm, what arms share divided among them."""
    steps = [(arm.baseline.train, *arm.steps) for arm in arms]
    prefixes = [
        [(arm.baseline, course[:k]) for k in range(1, len(course) + 1)] for arm, course in zip(arms, steps, strict=True)
    ]
    sharing = Counter(prefix for course in prefixes for prefix in course)
    seconds = []
    for arm, course, shared in zip(arms, steps, prefixes, strict=True):
        total, network = 0.0, arm.baseline.estimate
        for step, prefix in zip(course, shared, strict=True):
            total += step.seconds(network) / sharing[prefix]
            network = step.expect(network)
        seconds.append(total)
    return seconds


def remarks_on(arms: Iterable[Arm]) -> list[str]:
    """What a user may not expect of the networks of some arms, each once."""
    baselines = dict.fromkeys(arm.baseline for arm in arms)
    return list(dict.fromkeys(remark for baseline in baselines if (remark := baseline.remark)))


def unit_seconds(unit: WorkUnit) -> float:
    """About how long one core takes for a unit of work."""
    return len(unit.seeds) * _seconds_of(unit.baseline, tuple(steps for _, steps in unit.arms))


@cache
def _seconds_of(baseline: Baseline, arms: tuple[tuple[Step, ...], ...]) -> float:
    return sum(seconds_each([Arm(baseline, steps) for steps in arms]))


def plan_work(jobs: Sequence[tuple[Arm, Iterable[int]]], resources: Resources) -> list[WorkUnit]:
    """Units of work that compute every job's missing individuals.

    The arms of an individual go to one worker, the longest first, so that what they share is done once; where there
    are more workers than units, a unit is forked where its arms part.

    Args:
        jobs: an arm and the seeds to compute, each; a job's number is its place.
        resources: what the work may use.
    """
    wanted: dict[Baseline, dict[int, list[int]]] = {}
    for number, (arm, seeds) in enumerate(jobs):
        for seed in seeds:
            wanted.setdefault(arm.baseline, {}).setdefault(seed, []).append(number)
    units = []
    for baseline, individuals in wanted.items():
        largest = chunk_size(resources.device, baseline, resources.chunk)
        alike: dict[tuple[int, ...], list[int]] = {}
        for seed, numbers in individuals.items():
            alike.setdefault(tuple(numbers), []).append(seed)
        for together, group in alike.items():
            size = 1 if any(step.decides for number in together for step in jobs[number][0].steps) else largest
            longest_first = sorted(together, key=lambda number: -arm_seconds(jobs[number][0]))
            arms = tuple((number, jobs[number][0].steps) for number in longest_first)
            chunks = [tuple(group[first : first + size]) for first in range(0, len(group), size)]
            versions = versions_of(frozenset().union(*(computing_modules(jobs[number][0]) for number in together)))
            units += [
                WorkUnit(chunk, baseline, arms, resources.device, resources.store, versions=versions)
                for chunk in chunks
            ]
    return units
