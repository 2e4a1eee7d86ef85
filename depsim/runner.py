"""Running jobs: what is missing is planned, computed and kept, the moment it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from depsim.execution.job import Job
from depsim.execution.plan import Resources, plan
from depsim.execution.pool import run_tasks
from depsim.execution.tasks import Failed, Finished, Remark
from depsim.progress import Progress
from depsim.tracking import JobLog, Tracker

Display = Callable[[float], AbstractContextManager[Progress]]


def run_jobs(jobs: Sequence[Job], tracker: Tracker, resources: Resources, display: Display) -> list[JobLog]:
    """Run jobs; individuals that the tracker already has are not computed again.

    Args:
        jobs: what to run; a job that stands there twice runs once.
        tracker: who keeps the results.
        resources: what the work may use.
        display: opens a progress display for work of a given weight.

    Shape: one closed record per job, in their order.

    Raises:
        depsim.execution.files.LockedError: if another process is at one of the jobs.
        KeyboardInterrupt: after everything that was finished has been kept.
    """
    logs: dict[str, JobLog] = {}
    try:
        for job in jobs:
            if job.job_key not in logs:
                logs[job.job_key] = tracker.begin(job)
        _compute(list(logs.values()), resources, display)
    except BaseException:
        for log in logs.values():
            if log.is_open:
                log.close(interrupted=True)
        raise
    return [logs[job.job_key] for job in jobs]


def _compute(logs: Sequence[JobLog], resources: Resources, display: Display) -> None:
    missing = [log.missing for log in logs]
    weights = [_weight(log.job) for log in logs]
    total = sum(len(seeds) * weight for seeds, weight in zip(missing, weights, strict=True))
    with display(total) as progress:
        for log, seeds in zip(logs, missing, strict=True):
            if not seeds:
                log.close()
        tasks = plan([(log.job.condition, seeds) for log, seeds in zip(logs, missing, strict=True)], resources)
        for message in run_tasks(tasks, resources.processes):
            if isinstance(message, Remark):
                progress.remark(message.text)
                continue
            log, weight = logs[message.job], weights[message.job]
            if isinstance(message, Finished):
                for outcome in message.outcomes:
                    log.finish(outcome, message.seconds / len(message.outcomes))
                    progress.advance(weight, f"{log.job.title}, individual {outcome.seed}")
            elif isinstance(message, Failed):
                log.fail(message.seed, message.traceback)
                progress.remark(f"{log.job.title}: individual {message.seed} failed: {_last_line(message.traceback)}")
                progress.advance(weight, f"{log.job.title}, individual {message.seed}")
            if set(log.missing) <= set(log.failures):
                log.close()


def _weight(job: Job) -> float:
    """Roughly what an individual costs, to guess the time left."""
    return 2.0 + float(getattr(job.condition.treatment, "epochs", 0))


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1]
