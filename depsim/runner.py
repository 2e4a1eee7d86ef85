"""Running jobs: what is missing is planned, computed and kept, the moment it is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress

from depsim.execution.cost import condition_seconds, healthy_seconds
from depsim.execution.job import Job
from depsim.execution.plan import Resources, plan
from depsim.execution.pool import run_tasks
from depsim.execution.tasks import Failed, Finished, Remark
from depsim.progress import Progress
from depsim.tracking import JobLog, Tracker

Display = Callable[[float], AbstractContextManager[Progress]]


def run_jobs(
    jobs: Sequence[Job],
    tracker: Tracker,
    resources: Resources,
    display: Display,
    only: Mapping[tuple[str, str], Collection[int]] | None = None,
) -> list[JobLog]:
    """Run jobs; individuals that the tracker already has are not computed again.

    Args:
        jobs: what to run; a job that stands there twice runs once.
        tracker: who keeps the results.
        resources: what the work may use.
        display: opens a progress display for work of a given weight.
        only: the individuals to compute, by :attr:`Job.identity`; None computes whoever is missing.

    Shape: one closed record per job, in their order.

    Raises:
        depsim.execution.files.LockedError: if another process is at one of the jobs.
        KeyboardInterrupt: after everything that was finished has been kept.
    """
    logs: dict[tuple[str, str], JobLog] = {}
    try:
        for job in jobs:
            if job.identity not in logs:
                logs[job.identity] = tracker.begin(job)
        _compute(list(logs.values()), resources, display, only)
    except BaseException:
        for log in logs.values():
            if log.is_open:
                with suppress(Exception):  # a full disk, say; the next process closes what this one cannot
                    log.close(interrupted=True)
        raise
    return [logs[job.identity] for job in jobs]


def _compute(
    logs: Sequence[JobLog],
    resources: Resources,
    display: Display,
    only: Mapping[tuple[str, str], Collection[int]] | None,
) -> None:
    wanted = [[seed for seed in log.missing if only is None or seed in only.get(log.job.identity, ())] for log in logs]
    owned, followers = _share(logs, wanted)
    weights = job_seconds([log.job for log in logs]) if any(owned) else [0.0] * len(logs)
    total = sum(len(seeds) * weight for seeds, weight in zip(owned, weights, strict=True))
    with display(total) as progress:
        open_seeds = {id(log): set(seeds) for log, seeds in zip(logs, wanted, strict=True)}
        for log in logs:
            if not open_seeds[id(log)]:
                log.close()
            _tell(log, progress)
        tasks = plan([(log.job.condition, seeds) for log, seeds in zip(logs, owned, strict=True)], resources)
        for message in run_tasks(tasks, resources.processes):
            if isinstance(message, Remark):
                progress.remark(message.text)
                continue
            log, weight = logs[message.job], weights[message.job]
            touched = [log]
            if isinstance(message, Finished):
                for outcome in message.outcomes:
                    seconds = message.seconds / len(message.outcomes)
                    log.finish(outcome, seconds)
                    for follower in followers.get((message.job, outcome.seed), ()):
                        follower.adopt(outcome, seconds, log)
                        touched.append(follower)
                    progress.advance(weight, f"{log.job.title}, individual {outcome.seed}")
            elif isinstance(message, Failed):
                touched += followers.get((message.job, message.seed), ())
                for affected in touched:
                    affected.fail(message.seed, message.traceback)
                progress.remark(f"{log.job.title}: individual {message.seed} failed: {log.reason(message.seed)}")
                progress.advance(weight, f"{log.job.title}, individual {message.seed}")
            for candidate in touched:
                left = open_seeds[id(candidate)] & set(candidate.missing)
                if candidate.is_open and left <= set(candidate.failures):
                    candidate.close()
                    _tell(candidate, progress)


def _tell(log: JobLog, progress: Progress) -> None:
    """Pass on what a record has found that a person should hear of."""
    while log.remarks:
        progress.remark(log.remarks.pop(0))


def _share(
    logs: Sequence[JobLog], wanted: Sequence[Sequence[int]]
) -> tuple[list[list[int]], dict[tuple[int, int], list[JobLog]]]:
    """Who computes what of the wanted, so that an individual that several jobs miss is computed once.

    Shape: per log the seeds it computes; and (number of the computing log, seed) to the logs that wait for it. A
    cohort of one computes for itself: its run is the individual's.
    """
    owned: list[list[int]] = [[] for _ in logs]
    followers: dict[tuple[int, int], list[JobLog]] = {}
    owner: dict[str, int] = {}
    for number in sorted(range(len(logs)), key=lambda n: len(logs[n].job.seeds) > 1):
        log = logs[number]
        for seed in wanted[number]:
            first = owner.setdefault(log.job.run_key(seed), number)
            if first == number:
                owned[number].append(seed)
            else:
                followers.setdefault((first, seed), []).append(log)
    return owned, followers


def job_seconds(jobs: Sequence[Job]) -> list[float]:
    """About how many seconds of a core one individual of each job takes, healthy networks shared among jobs."""
    sharing = Counter(job.condition.origin for job in jobs)
    return [
        condition_seconds(job.condition) + healthy_seconds(job.condition.origin) / sharing[job.condition.origin]
        for job in jobs
    ]
