"""Computing the trials of a batch on the cohort, and stopping those that a test says are worse than the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optuna.trial import Trial

from depsim.execution.job import Job
from depsim.execution.plan import Resources
from depsim.execution.pool import Pool
from depsim.progress import Progress
from depsim.runner import compute, open_logs
from depsim.search.objective import UnansweredError
from depsim.search.settings import SearchSettings, Wilcoxon
from depsim.search.trials import Verdict
from depsim.tracking import JobLog, Tracker


@dataclass(frozen=True)
class Settled:
    """A trial with its verdict.

    Args:
        trial: as Optuna knows it.
        verdict: what became of it.
        run_id: its record, if any.
        measured: names of the metrics that its individuals have.
    """

    trial: Trial
    verdict: Verdict
    run_id: str | None
    measured: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Workshop:
    """What trials are computed with.

    Args:
        tracker: who keeps the results.
        pool: the worker processes.
        resources: what the work may use.
        progress: where to tell how far it is; every individual weighs 1.
    """

    tracker: Tracker
    pool: Pool
    resources: Resources
    progress: Progress

    def compute(self, logs: Sequence[JobLog], seeds: Sequence[int]) -> None:
        """Those of these individuals that are missing."""
        wanted = [[seed for seed in seeds if seed in log.missing] for log in logs]
        compute(logs, wanted, [1.0] * len(logs), self.pool.run, self.resources, self.progress, lambda _log: None)
        for log, computed in zip(logs, wanted, strict=True):
            self.skip(log.job, len(seeds) - len(computed))

    def skip(self, job: Job, individuals: int) -> None:
        """Individuals that need not be computed, as they were finished before or are not asked for any more."""
        if individuals:
            self.progress.advance(individuals, job.title)


def run_batch(
    trials: Mapping[int, Trial], jobs: Sequence[Job], settings: SearchSettings, shop: Workshop
) -> list[Settled]:
    """Compute trials together.

    Individuals come in portions, so which ones a stopped trial has does not depend on the number of workers.

    Args:
        trials: as Optuna knows them, by their place among the jobs.
        jobs: one per trial, with the same individuals.
        settings: of the search.
        shop: what to compute with.

    Raises:
        KeyboardInterrupt: after everything that was finished has been kept.
    """
    seeds = jobs[0].seeds
    pruner = settings.pruner
    portion = pruner.portion if isinstance(pruner, Wilcoxon) else len(seeds)
    verdicts: dict[int, Verdict] = {}
    with open_logs(jobs, shop.tracker) as logs:
        for first in range(0, len(seeds), portion):
            seen = seeds[: first + portion]
            running = [number for number in range(len(logs)) if number not in verdicts]
            shop.compute([logs[number] for number in running], seen[first:])
            for number in running:
                verdict = _look(trials[number], logs[number], settings, first, seen)
                if verdict is not None or len(seen) == len(seeds):
                    verdicts[number] = verdict or judge(logs[number], settings, seeds)
                    logs[number].close(stopped=len(seen) < len(seeds))
                    shop.skip(logs[number].job, len(seeds) - len(seen))
    return [
        Settled(trials[number], verdicts[number], log.run_id, frozenset().union(*log.metrics().values()))
        for number, log in enumerate(logs)
    ]


def run_winner(job: Job, settings: SearchSettings, shop: Workshop) -> tuple[Verdict, str | None]:
    """The verdict on a winner's fresh individuals, and their record.

    Raises:
        KeyboardInterrupt: after everything that was finished has been kept.
    """
    with open_logs([job], shop.tracker) as (log,):
        shop.compute([log], job.seeds)
        verdict = _failure(log) or judge(log, settings, job.seeds)
        log.close()
    return verdict, log.run_id


def _look(trial: Trial, log: JobLog, settings: SearchSettings, first: int, seen: Sequence[int]) -> Verdict | None:
    """The verdict on a trial that need not go on, after the individuals seen so far."""
    if failure := _failure(log):
        return failure
    if not isinstance(settings.pruner, Wilcoxon):
        return None
    (objective,) = settings.objectives
    people = log.metrics()
    try:
        for step in range(first, len(seen)):
            trial.report(objective.value([people[seen[step]]]), step)
    except UnansweredError as error:
        return Verdict("FAIL", individuals=len(seen), reason=str(error))
    if len(seen) < len(log.job.seeds) and trial.should_prune():
        partial = judge(log, settings, seen)
        if partial.state == "FAIL":
            return partial
        said = f"{objective.statistic} {partial.values[0]:.4g} of {len(seen)} individuals, worse than the best trial's"
        return Verdict("PRUNED", (), partial.violations, len(seen), said)
    return None


def _failure(log: JobLog) -> Verdict | None:
    """The verdict on a trial that lacks an individual: a statistic over the others would be another one."""
    if not log.failures:
        return None
    seed = min(log.failures)
    return Verdict("FAIL", individuals=len(log.metrics()), reason=f"individual {seed}: {log.reason(seed)}")


def judge(log: JobLog, settings: SearchSettings, seeds: Sequence[int]) -> Verdict:
    """The verdict on a trial whose individuals are all there."""
    measured = log.metrics()
    people = [measured[seed] for seed in seeds if seed in measured]
    try:
        values = tuple(objective.value(people) for objective in settings.objectives)
        violations = tuple(constraint.violation(people) for constraint in settings.constraints)
    except UnansweredError as error:
        return Verdict("FAIL", individuals=len(people), reason=str(error))
    return Verdict("COMPLETE", values, violations, len(people))
