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
    """

    trial: Trial
    verdict: Verdict
    run_id: str | None


@dataclass(frozen=True)
class Workshop:
    """What trials are computed with."""

    tracker: Tracker
    pool: Pool
    resources: Resources
    progress: Progress


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
            present = seeds[first : first + portion]
            running = [number for number in range(len(logs)) if number not in verdicts]
            wanted = [[seed for seed in present if seed in logs[number].missing] for number in running]
            compute([logs[n] for n in running], wanted, shop.pool.run, shop.resources, shop.progress, lambda _log: None)
            for number in running:
                seen = seeds[: first + portion]
                verdict = _look(trials[number], logs[number], settings, first, seen)
                if verdict is not None or len(seen) == len(seeds):
                    verdicts[number] = verdict or judge(logs[number], settings, seeds)
                    logs[number].close(stopped=len(seen) < len(seeds))
    return [Settled(trials[number], verdicts[number], log.run_id) for number, log in enumerate(logs)]


def _look(trial: Trial, log: JobLog, settings: SearchSettings, first: int, seen: Sequence[int]) -> Verdict | None:
    """The verdict on a trial that need not go on, after the individuals seen so far."""
    if log.failures:
        seed = min(log.failures)
        return Verdict("FAIL", individuals=len(log.metrics()), reason=f"individual {seed}: {log.reason(seed)}")
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
