"""Computing the trials of a batch on the cohort, and stopping those that a test says are worse than the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from optuna.trial import Trial

from depsim.execution.job import Job
from depsim.execution.recorder import JobRecord
from depsim.execution.runner import Runner, open_records
from depsim.search.settings import SearchSettings
from depsim.search.trials import Verdict
from depsim.study.objective import NoValueError
from depsim.study.searches import People
from depsim.tracking import Tracker


@dataclass(frozen=True)
class Judged:
    """A condition with its verdict.

    Args:
        verdict: what became of it.
        run_id: its record, if any.
        people: what was measured of each individual.
    """

    verdict: Verdict
    run_id: str | None = None
    people: People = field(default_factory=dict)


@dataclass(frozen=True)
class TrialRunner:
    """Computes trials; in its progress every individual weighs 1.

    Args:
        tracker: who keeps the results.
        runner: computes individuals.
        settings: of the search.
    """

    tracker: Tracker
    runner: Runner
    settings: SearchSettings

    def run(self, jobs: Sequence[Job], trials: Sequence[Trial] = ()) -> list[Judged]:
        """Compute conditions together, as far as their individuals are not there.

        Individuals come in portions, so which ones a stopped trial has does not depend on the number of workers.

        Args:
            jobs: with the same individuals.
            trials: theirs, as Optuna knows them; without them none is stopped.

        Raises:
            KeyboardInterrupt: after everything that was finished has been kept.
        """
        seeds, stops = jobs[0].seeds, bool(trials) and self.settings.pruner.stops
        portion = self.settings.portion if stops else len(seeds)
        verdicts: dict[int, Verdict] = {}
        with open_records(jobs, self.tracker, self.runner.progress) as records:
            for first in range(0, len(seeds), portion):
                seen = seeds[: first + portion]
                running = [number for number in range(len(jobs)) if number not in verdicts]
                self._compute([records[number] for number in running], seen[first:])
                for number in running:
                    verdict = _failure(records[number])
                    if verdict is None and stops:
                        verdict = self._stopped(trials[number], records[number], first, seen)
                    if verdict is not None or len(seen) == len(seeds):
                        verdicts[number] = verdict or self._judge(records[number], seeds)
                        records[number].close(stopped=len(seen) < len(seeds))
                        self._skip(records[number], len(seeds) - len(seen))
        return [Judged(verdicts[number], record.run_id, record.metrics()) for number, record in enumerate(records)]

    def _compute(self, records: Sequence[JobRecord], seeds: Sequence[int]) -> None:
        """Those of these individuals that are missing."""
        wanted = {record: [seed for seed in seeds if seed in record.missing] for record in records}
        self.runner.run(wanted, lambda _record: 1.0)
        for record, computed in wanted.items():
            self._skip(record, len(seeds) - len(computed))

    def _skip(self, record: JobRecord, individuals: int) -> None:
        """Individuals that need not be computed, as they were finished before or are not asked for any more."""
        if individuals:
            self.runner.progress.advance(individuals, record.job.title)

    def _stopped(self, trial: Trial, record: JobRecord, first: int, seen: Sequence[int]) -> Verdict | None:
        """The verdict on a trial that need not go on, after the individuals seen so far."""
        (objective,) = self.settings.objectives
        measured = record.metrics()
        try:
            for step in range(first, len(seen)):
                trial.report(objective.value([measured[seen[step]]]), step)
        except NoValueError as error:
            return Verdict("FAIL", individuals=len(seen), reason=str(error))
        if len(seen) == len(record.job.seeds) or not trial.should_prune():
            return None
        partial = self._judge(record, seen)
        if partial.state == "FAIL":
            return partial
        value = f"{objective.statistic} {partial.values[0]:.4g} of {len(seen)} individuals"
        return Verdict("PRUNED", (), partial.violations, len(seen), f"{value}, worse than the best trial's")

    def _judge(self, record: JobRecord, seeds: Sequence[int]) -> Verdict:
        """The verdict on a trial whose individuals are all there."""
        measured = record.metrics()
        individuals = [measured[seed] for seed in seeds if seed in measured]
        try:
            values = tuple(objective.value(individuals) for objective in self.settings.objectives)
            violations = tuple(constraint.violation(individuals) for constraint in self.settings.constraints)
        except NoValueError as error:
            return Verdict("FAIL", individuals=len(individuals), reason=str(error))
        return Verdict("COMPLETE", values, violations, len(individuals))


def _failure(record: JobRecord) -> Verdict | None:
    """The verdict on a trial that lacks an individual: a statistic over the others would be another one."""
    if not record.failures:
        return None
    seed = min(record.failures)
    return Verdict("FAIL", individuals=len(record.metrics()), reason=f"individual {seed}: {record.reason(seed)}")
