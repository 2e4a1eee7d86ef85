"""The search itself: ask, compute, tell, until there are as many trials as there shall be; then the winner again."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from optuna.trial import Trial as OptunaTrial

from depsim.config import ConfigError
from depsim.execution.interruptions import defer_interrupts
from depsim.execution.job import Job, TrialRef
from depsim.execution.progress import Progress
from depsim.execution.recorder import ABANDONED
from depsim.execution.runner import Runner
from depsim.population import format_seeds
from depsim.search.batch import Judged, TrialRunner
from depsim.search.curves import search_curves, trial_curves
from depsim.search.plan import REFERENCE, WINNER, SearchPlan
from depsim.search.space import bare
from depsim.search.storage import driving, in_words, open_storage
from depsim.search.trials import Trials, Verdict, open_trials
from depsim.study.analyses.search import search_rows
from depsim.study.search_files import history_csv, winner_json
from depsim.study.searches import Score, Search, Trial, Winner
from depsim.tracking import SearchNotes, SearchRecord, Tracker

_FORMER = "former"


def search(plan: SearchPlan, progress: Progress, *, retry_failed: bool = False) -> Search:
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
    keeps, resources = plan.tracking.keeps_files, plan.base.resources
    with in_words(plan.title, "kept"), driving(plan.title, keeps):
        trials = open_trials(plan, open_storage(keeps))
        tracker = plan.tracking.open()
        orphans = trials.close_running()
        session = None
        try:
            with defer_interrupts():
                session = _begin(plan, trials, tracker)
            session.align_records()
            if retry_failed:
                trials.retry_failed()
            with progress.work(_individuals_left(plan, trials)), resources.executor.open(resources.processes) as pool:
                if orphans:
                    progress.message(f"trials {', '.join(map(str, orphans))}: {ABANDONED}")
                runner = TrialRunner(tracker, Runner(pool, resources, progress), plan.settings)
                session.run(runner, only_waiting=retry_failed)
                result = session.result(runner)
        except BaseException:
            with suppress(Exception):  # a full disk, say; the next process closes what this one cannot
                trials.close_running()
                if session is not None:
                    session.align_records()
                    session.close("KILLED")
            raise
        session.close("FINISHED" if result.finished else "KILLED")
        return result


def _begin(plan: SearchPlan, trials: Trials, tracker: Tracker) -> _Session:
    """The search with its record, which its trials know as soon as it is there."""
    notes = SearchNotes(plan.key, plan.name, plan.study, plan.params(), plan.command)
    record = tracker.begin_search(notes, trials.run_id)
    if record.run_id != trials.run_id:
        trials.run_id = record.run_id
    return _Session(plan, trials, record)


def _individuals_left(plan: SearchPlan, trials: Trials) -> int:
    """How many individuals are still to come, those of one winner and one reference included."""
    return max(plan.n_trials - trials.finished(), 0) * len(plan.seeds) + 2 * plan.settings.fresh.size


@dataclass(frozen=True)
class _Session:
    """One process at work on a search."""

    plan: SearchPlan
    trials: Trials
    record: SearchRecord

    def run(self, runner: TrialRunner, *, only_waiting: bool) -> None:
        """Trials until there are enough."""
        ask = partial(self.trials.ask, only_waiting=only_waiting)
        while batch := list(islice(iter(ask, None), self.plan.settings.batch)):
            self._run(runner, batch)

    def result(self, runner: TrialRunner) -> Search:
        """What there is; winners and the paper's settings are scored on fresh individuals once all trials are there."""
        state = self._state()
        if not self.trials.is_complete():
            self.record.write_curves(search_curves(state))
            return state
        winners = tuple(self._score_again(runner, state.front()))
        result = replace(state, winners=winners, importance=self.trials.importance(), finished=True)
        self._retire_others(result.winners)
        rows = search_rows(result)
        about = {
            "study": self.plan.study,
            "constraints": [constraint.text for constraint in self.plan.settings.constraints],
            "cohort": format_seeds(self.plan.seeds),
            "fresh_cohort": format_seeds(self.plan.settings.fresh.seeds),
        }
        self.record.write_files({"winner.json": winner_json(result, rows, about)})
        self.record.write_curves(search_curves(result, rows))
        return result

    def close(self, status: str) -> None:
        """Keep the history as it is now, and end the record."""
        keys = [bare(dimension.key) for dimension in self.plan.space]
        history = history_csv(self.trials.all(), keys, len(self.plan.settings.objectives))
        self.record.write_files({"history.csv": history})
        self.record.close(status)

    def align_records(self) -> None:
        """Bring the records of trials in line with Optuna, which may know more after a kill."""
        by_number = {str(trial.number): trial for trial in self.trials.all()}
        for run in self.record.trial_runs():
            trial = by_number.get(run.trial)
            if trial is None or not trial.is_finished:
                continue
            if run.is_open:
                self.record.orphan(run.run_id)
            if run.state != trial.state:
                self._settle(run.run_id, trial)

    def _state(self) -> Search:
        plan, trials = self.plan, self.trials.counted()
        objectives, run_id = plan.settings.objectives, self.record.run_id
        return Search(plan.name, objectives, plan.params(), trials, (), (), False, plan.command, run_id)

    def _run(self, runner: TrialRunner, batch: Sequence[OptunaTrial]) -> None:
        jobs: list[Job] = []
        able: list[OptunaTrial] = []
        for trial in batch:
            try:
                ref = TrialRef(self.record.run_id or "", str(trial.number))
                jobs.append(self.plan.trial(self.trials.point(trial), ref))
                able.append(trial)
            except ConfigError as error:  # corners were fine, this point is not
                self._tell(runner, trial, Judged(Verdict("FAIL", reason=str(error))))
        for trial, judged in zip(able, runner.run(jobs, able) if jobs else (), strict=True):
            self._tell(runner, trial, judged)

    def _tell(self, runner: TrialRunner, trial: OptunaTrial, judged: Judged) -> None:
        verdict = judged.verdict
        self.trials.tell(trial, verdict)
        state = self._state()
        self._settle(judged.run_id, next(tried for tried in state.trials if tried.number == trial.number))
        self.record.write_curves(search_curves(state))
        value = ", ".join(f"{value:.4g}" for value in verdict.values) or f"{verdict.state}: {verdict.reason}"
        best = list(state.best_so_far().values())
        top = f" (best {best[-1]:.4g})" if best else ""
        runner.runner.progress.message(f"trial {trial.number}: {value}{top}")
        if judged.people and not any(tried.values for tried in state.trials):
            self._require_metrics({name for metrics in judged.people.values() for name in metrics})

    def _settle(self, run_id: str | None, trial: Trial) -> None:
        values = trial_curves([trial], len(self.plan.settings.objectives))
        self.record.settle(run_id, trial.state, trial.reason or None, values)

    def _require_metrics(self, measured: set[str]) -> None:
        """Give up at the first trial if what it shall be judged by is never measured."""
        settings = self.plan.settings
        for metric in [o.metric for o in settings.objectives] + [c.metric for c in settings.constraints]:
            if metric not in measured:
                names = sorted(measured)
                close = ", ".join(difflib.get_close_matches(metric, names, n=3) or names)
                raise ConfigError(f"metric={metric}: not measured in this condition; there are {close}")

    def _score_again(self, runner: TrialRunner, trials: Sequence[Trial]) -> list[Winner]:
        """Winners on fresh individuals, each beside the paper's settings of its treatment, which are computed once."""
        search_id, references = self.record.run_id or "", dict[tuple[str, str], Score]()
        winners = []
        for trial in trials:
            point = self.trials.point(trial)
            fresh, verdict = self._score(runner, self.plan.fresh_trial(point, search_id), WINNER)
            self.record.tag(fresh.run_id, {"depsim.winner_of": str(trial.number)})
            job = self.plan.reference_trial(point, search_id)
            if job.identity not in references:
                references[job.identity] = self._score(runner, job, REFERENCE)[0]
            kept = zip(self.plan.settings.constraints, verdict.violations, strict=False)
            breaks = tuple(constraint.text for constraint, violation in kept if violation > 0)
            winners.append(Winner(trial.number, trial.point, trial.values, fresh, references[job.identity], breaks))
        return winners

    def _score(self, runner: TrialRunner, job: Job, name: str) -> tuple[Score, Verdict]:
        (judged,) = runner.run([job])
        verdict = judged.verdict
        self.record.settle(judged.run_id, verdict.state, verdict.reason)
        self.record.tag(judged.run_id, {"depsim.trial": name})
        return Score(verdict.values or None, verdict.reason, judged.people, judged.run_id, job.command), verdict

    def _retire_others(self, winners: Sequence[Winner]) -> None:
        """Winners of a time when the search had fewer trials are winners no more, nor are their references."""
        present = {score.run_id for winner in winners for score in (winner.fresh, winner.reference)}
        for run in self.record.trial_runs():
            if run.trial in (WINNER, REFERENCE) and run.run_id not in present:
                self.record.tag(run.run_id, {"depsim.trial": f"{_FORMER} {run.trial}"})
