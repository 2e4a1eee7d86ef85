"""Running jobs: what is missing is planned, computed and kept, the moment it is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress

from depsim.execution.cost import condition_seconds, healthy_seconds
from depsim.execution.job import Job
from depsim.execution.plan import Resources, plan
from depsim.execution.pool import run_tasks
from depsim.execution.tasks import Failed, Finished, Message, Remark, Task
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
    with open_logs(jobs, tracker) as logs:
        several = list(dict.fromkeys(logs))
        wanted = [
            [seed for seed in log.missing if only is None or seed in only.get(log.job.identity, ())] for log in several
        ]
        owned, _ = _share(several, wanted)
        weights = job_seconds([log.job for log in several]) if any(owned) else [0.0] * len(several)
        total = sum(len(seeds) * weight for seeds, weight in zip(owned, weights, strict=True))
        with display(total) as progress:
            compute(
                several,
                wanted,
                weights,
                lambda tasks: run_tasks(tasks, resources.processes),
                resources,
                progress,
                lambda log: log.close(),
            )
    return logs


@contextmanager
def open_logs(jobs: Sequence[Job], tracker: Tracker) -> Iterator[list[JobLog]]:
    """The records of jobs, one for those that are the same; after trouble they are closed as interrupted."""
    logs: dict[tuple[str, str], JobLog] = {}
    try:
        for job in jobs:
            if job.identity not in logs:
                logs[job.identity] = tracker.begin(job)
        yield [logs[job.identity] for job in jobs]
    except BaseException:
        for log in logs.values():
            if log.is_open:
                with suppress(Exception):  # a full disk, say; the next process closes what this one cannot
                    log.close(interrupted=True)
        raise


def compute(
    logs: Sequence[JobLog],
    wanted: Sequence[Sequence[int]],
    weights: Sequence[float],
    work: Callable[[Sequence[Task]], Iterator[Message]],
    resources: Resources,
    progress: Progress,
    settled: Callable[[JobLog], None],
) -> None:
    """Compute individuals and keep them.

    Args:
        logs: the open records of jobs, each once.
        wanted: the seeds to compute for each.
        weights: what one individual of each weighs in the progress.
        work: does tasks, telling as it happens.
        resources: what the work may use.
        progress: where to tell how far it is.
        settled: called with a record as soon as all that was wanted of it is settled.
    """
    owned, followers = _share(logs, wanted)
    open_seeds = {id(log): set(seeds) for log, seeds in zip(logs, wanted, strict=True)}
    for log in logs:
        if not open_seeds[id(log)]:
            settled(log)
        _tell(log, progress)
    tasks = plan([(log.job.condition, seeds) for log, seeds in zip(logs, owned, strict=True)], resources)
    for message in work(tasks):
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
            if candidate.is_open and open_seeds[id(candidate)]:
                open_seeds[id(candidate)] &= set(candidate.missing) - set(candidate.failures)
                if not open_seeds[id(candidate)]:
                    settled(candidate)
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
