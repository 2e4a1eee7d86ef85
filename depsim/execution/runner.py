"""Running jobs: what is missing is planned, computed and kept, the moment it is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from depsim.execution.job import Job
from depsim.execution.plan import Resources, plan_work, seconds_each
from depsim.execution.pool import Pool
from depsim.execution.progress import Progress
from depsim.execution.recorder import JobRecord, Recorder
from depsim.execution.work import Event, Failed, Finished, Message

Wanted = Mapping[JobRecord, Sequence[int]]
"""The seeds to compute for each open record."""


def run_jobs(
    jobs: Sequence[Job],
    recorder: Recorder,
    resources: Resources,
    progress: Progress,
    only: Mapping[tuple[str, str], Collection[int]] | None = None,
) -> list[JobRecord]:
    """Run jobs; individuals that the recorder already has are not computed again.

    Args:
        jobs: what to run; a job that stands there twice runs once.
        recorder: who keeps the results.
        resources: what the work may use.
        progress: where to tell how far it is.
        only: the individuals to compute, by :attr:`Job.identity`; None computes whoever is missing.

    Shape: one closed record per job, in their order.

    Raises:
        depsim.execution.files.LockedError: if another process is at one of the jobs.
        KeyboardInterrupt: after everything that was finished has been kept.
    """
    with open_records(jobs, recorder, progress) as records:
        wanted = {
            record: [seed for seed in record.missing if only is None or seed in only.get(record.job.identity, ())]
            for record in records
        }
        seconds = dict(zip(wanted, seconds_each([record.job.arm for record in wanted]), strict=True))
        owned, _ = _share(wanted)
        total = sum(seconds[record] * len(seeds) for record, seeds in owned.items())
        with progress.work(total), Pool(resources.processes) as pool:
            Runner(pool, resources, progress).run(wanted, seconds.__getitem__, lambda record: record.close())
    return records


@contextmanager
def open_records(jobs: Sequence[Job], recorder: Recorder, progress: Progress) -> Iterator[list[JobRecord]]:
    """The records of jobs, one for those that are the same; after trouble they are closed as interrupted."""
    records: dict[tuple[str, str], JobRecord] = {}
    try:
        for job in jobs:
            if job.identity not in records:
                records[job.identity] = recorder.begin(job, progress.message)
        yield [records[job.identity] for job in jobs]
    except BaseException:
        for record in records.values():
            if record.is_open:
                with suppress(Exception):  # a full disk, say; the next process closes what this one cannot
                    record.close(interrupted=True)
        raise


@dataclass(frozen=True)
class Runner:
    """Computes individuals and keeps them.

    Args:
        pool: does the work.
        resources: what it may use.
        progress: where to tell how far it is.
    """

    pool: Pool
    resources: Resources
    progress: Progress

    def run(
        self, wanted: Wanted, weight: Callable[[JobRecord], float], settled: Callable[[JobRecord], None] | None = None
    ) -> None:
        """Compute what is wanted.

        Args:
            wanted: the records, each once, and the individuals to compute for each.
            weight: what one individual of a record weighs in the progress.
            settled: called with a record as soon as all that was wanted of it is settled.
        """
        records, (owned, followers) = list(wanted), _share(wanted)
        left = {record: set(seeds) for record, seeds in wanted.items()}

        def settle(touched: Sequence[JobRecord]) -> None:
            for record in touched:
                if record.is_open and left[record]:
                    left[record] &= set(record.missing) - set(record.failures)
                    if settled is not None and not left[record]:
                        settled(record)

        def receive(event: Event) -> None:
            if isinstance(event, Message):
                self.progress.message(event.text)
            elif isinstance(event, Finished):
                record = records[event.job]
                for outcome in event.outcomes:
                    seconds, others = event.seconds / len(event.outcomes), followers.get((record, outcome.seed), [])
                    record.finish(outcome, seconds)
                    for other in others:
                        other.adopt(outcome, seconds, record)
                    self.progress.advance(weight(record), f"{record.job.title}, individual {outcome.seed}")
                    settle([record, *others])
            elif isinstance(event, Failed):
                record = records[event.job]
                affected = [record, *followers.get((record, event.seed), [])]
                for each in affected:
                    each.fail(event.seed, event.traceback)
                title = f"{record.job.title}, individual {event.seed}"
                self.progress.message(f"{title} failed: {record.reason(event.seed)}")
                self.progress.advance(weight(record), title)
                settle(affected)

        for record in records:
            if settled is not None and not left[record]:
                settled(record)
        arms = [(record.job.arm, owned[record]) for record in records]
        self.pool.run(plan_work(arms, self.resources), receive)


def _share(wanted: Wanted) -> tuple[dict[JobRecord, list[int]], dict[tuple[JobRecord, int], list[JobRecord]]]:
    """Which record computes what, so that an individual that several jobs miss is computed once.

    Shape: per record the seeds that it computes; and (computing record, seed) to the records that wait for it. A
    cohort of one computes for itself: its run is the individual's.
    """
    owned: dict[JobRecord, list[int]] = {record: [] for record in wanted}
    followers: dict[tuple[JobRecord, int], list[JobRecord]] = {}
    owner: dict[str, JobRecord] = {}
    for record in sorted(wanted, key=lambda record: len(record.job.seeds) > 1):
        for seed in wanted[record]:
            first = owner.setdefault(record.job.run_key(seed), record)
            if first is record:
                owned[record].append(seed)
            else:
                followers.setdefault((first, seed), []).append(record)
    return owned, followers
