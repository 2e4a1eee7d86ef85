"""Running jobs: what is missing is planned, computed, and recorded as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from depsim.execution.executor import WorkerPool
from depsim.execution.files import allow_open_files
from depsim.execution.interruptions import defer_interrupts
from depsim.execution.job import Job
from depsim.execution.plan import Resources, plan_work, remarks_on, seconds_each
from depsim.execution.progress import Progress
from depsim.execution.recorder import JobRecord, Recorder, RecorderSource
from depsim.execution.work import Event, Failed, Finished, Message

Wanted = Mapping[JobRecord, Sequence[int]]
"""The seeds to compute for each open record."""


def run_jobs(
    jobs: Sequence[Job],
    source: RecorderSource,
    resources: Resources,
    progress: Progress,
    only: Mapping[tuple[str, str], Collection[int]] | None = None,
    settled: Callable[[JobRecord], None] | None = None,
) -> list[JobRecord]:
    """Run jobs; individuals that the recorder already has are not computed again.

    Args:
        jobs: what to run; a job that stands there twice runs once.
        source: of who keeps the results.
        resources: what the work may use.
        progress: shows how far it is.
        only: the individuals to compute, by :attr:`Job.identity`; None computes all that are missing.
        settled: called with each record, in the order of the jobs, once it and those before it are closed.

    Shape: one closed record per job, in their order.

    Raises:
        depsim.execution.files.LockedError: if another process is at one of the jobs.
        KeyboardInterrupt: after everything that was finished has been kept.
    """
    different = list({job.identity: job for job in jobs}.values())
    arms = [job.arm for job in different]
    seconds = dict(zip(arms, seconds_each(arms), strict=True))
    for remark in remarks_on(arms):
        progress.message(remark)

    def cost(owned: Sequence[Sequence[int]]) -> float:
        return sum(seconds[arm] * len(seeds) for arm, seeds in zip(arms, owned, strict=True))

    all_seeds, _ = _share([(job, job.seeds) for job in different])
    processes = resources.processes_for(cost(all_seeds))
    with resources.executor.open(processes) as pool:
        recorder = source.peek()
        if recorder is None:  # no individual is finished, so that work can begin while the place for records is made
            pool.begin(plan_work(list(zip(arms, all_seeds, strict=True)), resources))
            recorder = source.open()
        with open_records(jobs, recorder, progress) as records:
            wanted = {
                record: [seed for seed in record.missing if only is None or seed in only.get(record.job.identity, ())]
                for record in records
            }
            missing, _ = _share([(record.job, seeds) for record, seeds in wanted.items()])
            waiting = list(wanted)

            def close(record: JobRecord) -> None:
                record.close()
                while settled is not None and waiting and not waiting[0].is_open:
                    settled(waiting.pop(0))

            with progress.work(cost(missing), None if resources.executor.is_elsewhere else processes):
                runner = Runner(pool, resources, progress)
                runner.run(wanted, lambda record: seconds[record.job.arm], close)
    return records


@contextmanager
def open_records(jobs: Sequence[Job], recorder: Recorder, progress: Progress) -> Iterator[list[JobRecord]]:
    """The records of jobs, one for those that are the same; after trouble they are closed as interrupted."""
    records: dict[tuple[str, str], JobRecord] = {}
    allow_open_files(len({job.identity for job in jobs}))  # each keeps its lock
    try:
        for job in jobs:
            if job.identity not in records:
                with defer_interrupts():  # or an interruption between the two leaves it open
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
    """Computes individuals and records them.

    Args:
        pool: does the work.
        resources: what it may use.
        progress: shows how far it is.
    """

    pool: WorkerPool
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
        records = list(wanted)
        owned, followers = _share([(record.job, seeds) for record, seeds in wanted.items()])
        left = {record: set(seeds) for record, seeds in wanted.items()}

        def adopting(computed: int, seed: int) -> list[JobRecord]:
            return [records[number] for number in followers.get((computed, seed), ())]

        def settle(touched: Sequence[JobRecord], seed: int) -> None:
            for record in touched:
                if record.is_open and seed in left[record]:
                    left[record].remove(seed)
                    if settled is not None and not left[record]:
                        settled(record)

        def receive(event: Event) -> None:
            if isinstance(event, Message):
                self.progress.message(event.text)
            elif isinstance(event, Finished):
                record, seconds = records[event.job], event.seconds / len(event.outcomes)
                for outcome in event.outcomes:
                    others = adopting(event.job, outcome.seed)
                    record.finish(outcome, seconds)
                    for other in others:
                        other.adopt(outcome, seconds, record)
                    self.progress.advance(weight(record), f"{record.job.title}, individual {outcome.seed}", seconds)
                    settle([record, *others], outcome.seed)
            elif isinstance(event, Failed):
                record = records[event.job]
                affected = [record, *adopting(event.job, event.seed)]
                for each in affected:
                    each.fail(event.seed, event.traceback)
                title = f"{record.job.title}, individual {event.seed}"
                self.progress.message(f"{title} failed: {record.reason(event.seed)}")
                self.progress.advance(weight(record), title)
                settle(affected, event.seed)

        for record in records:
            if settled is not None and not left[record]:
                settled(record)
        arms = [record.job.arm for record in records]
        self.pool.run(plan_work(list(zip(arms, owned, strict=True)), self.resources), receive)


def _share(wanted: Sequence[tuple[Job, Sequence[int]]]) -> tuple[list[list[int]], dict[tuple[int, int], list[int]]]:
    """Which job computes what, so that an individual that several jobs miss is computed once; jobs by their place.

    Shape: per job the seeds that it computes; and (computing job, seed) to the jobs that wait for it. A cohort of one
    computes for itself: its run is the individual's.
    """
    owned: list[list[int]] = [[] for _ in wanted]
    followers: dict[tuple[int, int], list[int]] = {}
    owner: dict[str, int] = {}
    for number in sorted(range(len(wanted)), key=lambda number: len(wanted[number][0].seeds) > 1):
        job, seeds = wanted[number]
        for seed in seeds:
            first = owner.setdefault(job.run_key(seed), number)
            if first == number:
                owned[number].append(seed)
            else:
                followers.setdefault((first, seed), []).append(number)
    return owned, followers
