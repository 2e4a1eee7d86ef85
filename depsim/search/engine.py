"""The search itself: ask, compute, tell, until there are as many trials as there shall be; then the winner again."""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from optuna.trial import FrozenTrial, Trial, TrialState

from depsim.config import ConfigError
from depsim.execution.interruptions import in_one_piece
from depsim.execution.job import Job, TrialRef
from depsim.execution.progress import Progress
from depsim.execution.recorder import ABANDONED
from depsim.execution.runner import Runner
from depsim.search import results
from depsim.search.batch import Scored, Settled, TrialRunner
from depsim.search.plan import REFERENCE, WINNER, SearchPlan
from depsim.search.results import Winner
from depsim.search.storage import Storage, in_words, open_storage
from depsim.search.trials import Trials, Verdict, open_trials, reason_of
from depsim.tracking import SearchNotes, SearchRecord

_FORMER = "former"
_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    Args:
        plan: what was asked.
        counted: the trials that count.
        winners: none while trials are missing, or where none keeps the constraints.
        is_complete: whether there are as many trials as there shall be.
        run_id: the record of the search, if any.
    """

    plan: SearchPlan
    counted: tuple[FrozenTrial, ...]
    winners: tuple[Winner, ...]
    is_complete: bool
    run_id: str | None


def search(plan: SearchPlan, progress: Progress, *, retry_failed: bool = False) -> SearchResult:
    """Run a search, or go on with it.

    Args:
        plan: checked.
        progress: shows how far it is.
        retry_failed: try those trials again that failed, and nothing else.

    Raises:
        ConfigError: if the name is taken by a search of another space, direction or setting.
        depsim.execution.files.LockedError: if another process drives the search.
        OSError: if trials cannot be kept.
        KeyboardInterrupt: after everything that was finished has been kept.
    """
    with in_words(plan.title, "kept"):
        return _search(plan, progress, retry_failed)


def _search(plan: SearchPlan, progress: Progress, retry_failed: bool) -> SearchResult:
    storage, resources = open_storage(plan.tracking.keeps_files), plan.base.resources
    with storage.driving(plan.title):
        trials = open_trials(plan, storage)
        tracker = plan.tracking.open()
        orphans = trials.close_orphans()
        record = None
        try:
            with storage.exclusive(plan.title), in_one_piece():
                record = tracker.begin_search(_notes(plan), trials.run_id)
                if record.run_id != trials.run_id:
                    trials.run_id = record.run_id
            _align_records(plan, trials, record)
            if retry_failed:
                trials.retry_failed()
            with (
                progress.work(_individuals_left(plan, trials)),
                resources.executor.open(resources.processes) as place,
            ):
                if orphans:
                    progress.message(f"trials {', '.join(map(str, orphans))}: {ABANDONED}")
                runner = TrialRunner(tracker, Runner(place, resources, progress), plan.settings)
                driver = _Driver(plan, trials, storage, record, runner)
                driver.run(only_waiting=retry_failed)
                result = driver.result()
        except BaseException:
            with suppress(Exception):  # a full disk, say; the next process closes what this one cannot
                trials.close_orphans(and_own=True)
                if record is not None:
                    _align_records(plan, trials, record)
                    _leave(plan, trials, record, "KILLED")
            raise
        _leave(plan, trials, record, "FINISHED" if result.is_complete else "KILLED")
        return result


def _leave(plan: SearchPlan, trials: Trials, record: SearchRecord, status: str) -> None:
    """Keep the history as it is now, and end the record, unless other drivers go on with it."""
    record.write_files({"history.csv": results.history(plan, trials.all())})
    record.close(None if trials.running_elsewhere() else status)


class _Driver:
    """One process at work on a search."""

    def __init__(
        self, plan: SearchPlan, trials: Trials, storage: Storage, record: SearchRecord, runner: TrialRunner
    ) -> None:
        self._plan, self._trials, self._storage, self._record, self._runner = plan, trials, storage, record, runner
        self._progress = runner.runner.progress
        self._finished = trials.finished()

    def run(self, *, only_waiting: bool) -> None:
        """Trials until there are enough; it waits for those that other processes compute, as one may end too early."""
        awaited: list[int] = []
        while True:
            batch = self._ask(only_waiting=only_waiting)
            if batch:
                self._run(batch)
            elif not self._trials.close_orphans():
                others = self._trials.running_elsewhere()
                if only_waiting or not others:
                    return
                if others != awaited:
                    self._progress.message(f"waiting for trials {', '.join(map(str, others))} of other processes")
                awaited = others
                time.sleep(_POLL_SECONDS)
                self._count_others()

    def _ask(self, *, only_waiting: bool) -> list[Trial]:
        """The next trials, fewer than a batch or none where there are no more."""
        batch: list[Trial] = []
        while len(batch) < self._plan.settings.batch:
            trial = self._trials.ask(only_waiting=only_waiting)
            if trial is None:
                break
            batch.append(trial)
        return batch

    def result(self) -> SearchResult:
        """What there is; winners and the paper's settings are scored on fresh individuals once all trials are there."""
        plan, trials = self._plan, self._trials
        winners: list[Winner] = []
        complete = trials.is_complete()
        self._record.write_curves(results.curves(plan, trials.counted()))
        if complete:
            with self._storage.exclusive(f"{plan.title} winner"):
                winners = self._score_again(trials.winners())
                self._retire_others(winners)
                files = {"history.csv": results.history(plan, trials.all())}
                self._record.write_files(files | {"winner.json": results.described(plan, winners)})
                self._record.write_curves(results.closing_curves(plan, len(trials.counted()), winners))
        return SearchResult(plan, tuple(trials.counted()), tuple(winners), complete, self._record.run_id)

    def _run(self, batch: Sequence[Trial]) -> None:
        jobs: dict[int, Job] = {}
        for place, trial in enumerate(batch):
            ref = TrialRef(self._record.run_id or "", str(trial.number))
            try:
                jobs[place] = self._plan.trial(self._trials.point(trial), ref)
            except ConfigError as error:  # corners were fine, this point is not
                self._settle(Settled(trial, Verdict("FAIL", reason=str(error)), None))
        if jobs:
            chosen = {number: batch[place] for number, place in enumerate(jobs)}
            for settled in self._runner.run_batch(chosen, list(jobs.values())):
                self._settle(settled)

    def _count_others(self, own: int = 0) -> None:
        """Tell what is finished besides one's own: it need not be computed here."""
        finished = self._trials.finished()
        if (others := finished - self._finished - own) > 0:
            self._progress.advance(others * len(self._plan.seeds), "trials of other processes")
        self._finished = finished

    def _settle(self, settled: Settled) -> None:
        verdict = settled.verdict
        self._trials.tell(settled.trial, verdict)
        self._count_others(own=1)
        values = results.points(self._plan, settled.trial.number, verdict.values)
        self._record.settle(settled.run_id, verdict.state, verdict.reason, values)
        self._record.write_curves(results.curves(self._plan, self._trials.counted()))
        value = ", ".join(f"{value:.4g}" for value in verdict.values) or f"{verdict.state}: {verdict.reason}"
        best = list(results.best_so_far(self._plan, self._trials.counted()).values())
        top = f" (best {best[-1]:.4g})" if best else ""
        self._progress.message(f"trial {settled.trial.number}: {value}{top}")
        if not best and settled.measured:
            self._require_metrics(settled.measured)

    def _require_metrics(self, measured: frozenset[str]) -> None:
        """Give up at the first trial if what it shall be judged by is never measured."""
        settings = self._plan.settings
        wanted = [o.metric for o in settings.objectives] + [c.metric for c in settings.constraints]
        for metric in wanted:
            if metric not in measured and all(t.state != TrialState.COMPLETE for t in self._trials.counted()):
                names = sorted(measured)
                close = ", ".join(difflib.get_close_matches(metric, names, n=3) or names)
                raise ConfigError(f"metric={metric}: not measured in this condition; there are {close}")

    def _score_again(self, trials: Sequence[FrozenTrial]) -> list[Winner]:
        """Winners on fresh individuals, each beside the paper's settings of its treatment, which are computed once."""
        search, references = self._record.run_id or "", dict[tuple[str, str], Scored]()
        winners = []
        for trial in trials:
            point = self._trials.point(trial)
            fresh = self._scored(self._plan.fresh_trial(point, search), WINNER)
            self._record.tag(fresh.run_id, {"depsim.winner_of": str(trial.number)})
            job = self._plan.reference_trial(point, search)
            if job.identity not in references:
                references[job.identity] = self._scored(job, REFERENCE)
            winners.append(Winner(trial, fresh, references[job.identity]))
        return winners

    def _scored(self, job: Job, name: str) -> Scored:
        scored = self._runner.run_fresh(job)
        self._record.settle(scored.run_id, scored.verdict.state, scored.verdict.reason)
        self._record.tag(scored.run_id, {"depsim.trial": name})
        return scored

    def _retire_others(self, winners: Sequence[Winner]) -> None:
        """Winners of a time when the search had fewer trials are winners no more, nor are their references."""
        present = {scored.run_id for winner in winners for scored in (winner.fresh, winner.reference)}
        for run in self._record.trial_runs():
            if run.trial in (WINNER, REFERENCE) and run.run_id not in present:
                self._record.tag(run.run_id, {"depsim.trial": f"{_FORMER} {run.trial}"})


def _notes(plan: SearchPlan) -> SearchNotes:
    return SearchNotes(plan.key, plan.name, plan.study, plan.params(), plan.command)


def _align_records(plan: SearchPlan, trials: Trials, record: SearchRecord) -> None:
    """Bring the records of trials in line with Optuna, which may know more after a kill."""
    by_number = {str(trial.number): trial for trial in trials.all()}
    for run in record.trial_runs():
        trial = by_number.get(run.trial)
        if trial is None or not trial.state.is_finished():
            continue
        if run.is_open:
            record.orphan(run.run_id)
        if run.state != trial.state.name:
            values = results.points(plan, trial.number, trial.values or ())
            record.settle(run.run_id, trial.state.name, reason_of(trial), values)


def _individuals_left(plan: SearchPlan, trials: Trials) -> int:
    """How many individuals are still to come, those of one winner and one reference included."""
    return max(plan.n_trials - trials.finished(), 0) * len(plan.seeds) + 2 * plan.settings.fresh.size
