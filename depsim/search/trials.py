"""The trials of a search as Optuna keeps them: which count, which a dead process left, which comes next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState

from depsim.config import ConfigError
from depsim.execution.recorder import ABANDONED
from depsim.search.plan import Point, SearchPlan, differences
from depsim.search.samplers import make_pruner, make_sampler
from depsim.search.storage import Storage
from depsim.statistics.trade_off import non_dominated

_FINGERPRINT, _SETTINGS, _RUN = "depsim.fingerprint", "depsim.settings", "depsim.run"
_DRIVER, _REPLACES, _POINT, _REASON, _INDIVIDUALS = "driver", "replaces", "point", "reason", "individuals"


@dataclass(frozen=True)
class Verdict:
    """What became of a trial.

    Args:
        state: ``COMPLETE``, ``PRUNED`` or ``FAIL``.
        values: one per objective, where it is complete.
        violations: of the constraints, 0 or less where kept.
        individuals: how many were computed.
        reason: why it has no value, or was stopped.
    """

    state: str
    values: tuple[float, ...] = ()
    violations: tuple[float, ...] = ()
    individuals: int = 0
    reason: str | None = None


class Trials:
    """The trials of one search.

    Args:
        study: as Optuna knows it.
        plan: of the search.
        storage: that it lies in.
    """

    def __init__(self, study: Study, plan: SearchPlan, storage: Storage) -> None:
        self.study, self._plan, self._storage = study, plan, storage
        self._space = {dimension.key: dimension.distribution() for dimension in plan.space}

    @property
    def run_id(self) -> str | None:
        """The tracker's record of the search."""
        found = self.study.user_attrs.get(_RUN)
        return None if found is None else str(found)

    @run_id.setter
    def run_id(self, run_id: str | None) -> None:
        self.study.set_user_attr(_RUN, run_id)

    def all(self) -> list[FrozenTrial]:
        """Every trial, by number."""
        return self.study.get_trials(deepcopy=False)

    def counted(self) -> list[FrozenTrial]:
        """The trials that count: all but those whose place another one has taken."""
        trials = self.all()
        replaced = {trial.user_attrs.get(_REPLACES) for trial in trials}
        return [trial for trial in trials if trial.number not in replaced]

    def ask(self, *, only_waiting: bool = False) -> Trial | None:
        """The next trial, or None if there are as many as there shall be.

        Args:
            only_waiting: take up only what waits to be tried again.
        """
        with self._storage.exclusive(self._plan.title):
            begun = [trial for trial in self.counted() if trial.state != TrialState.WAITING]
            waiting = any(trial.state == TrialState.WAITING for trial in self.counted())
            if not waiting and (only_waiting or len(begun) >= self._plan.n_trials):
                return None
            self.study.sampler = make_sampler(self._plan.settings.sampler, len(begun), self._plan.space)
            trial = self.study.ask(self._space)
            trial.set_user_attr(_DRIVER, self._storage.driver)
            return trial

    def tell(self, trial: Trial, verdict: Verdict) -> None:
        """Keep what became of a trial."""
        kept = next(kept for kept in self.all() if kept.number == trial.number)
        if kept.state.is_finished():  # another driver had to believe that this one was gone
            return
        trial.set_user_attr(_INDIVIDUALS, verdict.individuals)
        if verdict.reason is not None:
            trial.set_user_attr(_REASON, verdict.reason)
        for constraint, violation in zip(self._plan.settings.constraints, verdict.violations, strict=False):
            trial.set_constraint(constraint.text, violation)
        state = TrialState[verdict.state]
        self.study.tell(trial, list(verdict.values) if state == TrialState.COMPLETE else None, state)

    def close_orphans(self, *, and_own: bool = False) -> list[int]:
        """Give up the running trials of processes that are gone and let others take their place; returns their numbers.

        Args:
            and_own: this process's as well, as it leaves.
        """
        with self._storage.exclusive(self._plan.title):
            left = {self._storage.driver} if and_own else set()
            running = [trial for trial in self.all() if trial.state == TrialState.RUNNING]
            drivers = [trial.user_attrs.get(_DRIVER) for trial in running]
            orphans = [trial for trial, driver in zip(running, drivers, strict=True)
                       if driver in left or self._storage.is_gone(driver)]  # fmt: skip
            for trial in orphans:
                self._replace(trial)
                self.study.tell(trial.number, state=TrialState.FAIL)
            return [trial.number for trial in orphans]

    def running_elsewhere(self) -> list[int]:
        """The numbers of the trials that other processes are at."""
        with self._storage.exclusive(self._plan.title):
            running = [trial for trial in self.all() if trial.state == TrialState.RUNNING]
            others = [trial for trial in running if trial.user_attrs.get(_DRIVER) != self._storage.driver]
            return [trial.number for trial in others if not self._storage.is_gone(trial.user_attrs.get(_DRIVER))]

    def retry_failed(self) -> int:
        """Put the failed trials in line again; returns how many."""
        with self._storage.exclusive(self._plan.title):
            failed = [trial for trial in self.counted() if trial.state == TrialState.FAIL]
            for trial in failed:
                self._replace(trial)
            return len(failed)

    def finished(self) -> int:
        """How many of the counted trials have a verdict."""
        return sum(trial.state.is_finished() for trial in self.counted())

    def is_complete(self) -> bool:
        """Whether there are as many trials as there shall be, with a verdict each."""
        counted = len(self.counted())
        return counted >= self._plan.n_trials and self.finished() == counted

    def point(self, trial: Trial | FrozenTrial) -> Point:
        """Where a trial is."""
        return {key: trial.params[key] for key in self._space}

    def winners(self) -> list[FrozenTrial]:
        """The best trial that keeps all constraints, or those of the trade-off; none if there is none."""
        objectives = self._plan.settings.objectives
        eligible = [trial for trial in self.counted() if trial.state == TrialState.COMPLETE and is_feasible(trial)]
        signed = {t.number: [o.sign * value for o, value in zip(objectives, t.values, strict=True)] for t in eligible}
        if len(objectives) == 1:
            best = max(eligible, key=lambda trial: (signed[trial.number], -trial.number), default=None)
            return [] if best is None else [best]
        kept = non_dominated([signed[trial.number] for trial in eligible])
        first: dict[tuple[float, ...], FrozenTrial] = {}
        for trial, keep in zip(eligible, kept, strict=True):
            if keep:
                first.setdefault(tuple(signed[trial.number]), trial)
        return [first[gains] for gains in sorted(first, reverse=True)]

    def _replace(self, trial: FrozenTrial) -> None:
        """Put a trial at the same point in line, unless that has been done."""
        if any(other.user_attrs.get(_REPLACES) == trial.number for other in self.all()):
            return
        point = self._drawn(trial)
        self.study.enqueue_trial(point, user_attrs={_REPLACES: trial.number, _POINT: point})

    def _drawn(self, trial: FrozenTrial) -> dict[str, Any]:
        """Where a trial is, or nowhere if its process ended before all of that was drawn."""
        whole = set(trial.params) == set(self._space)
        return dict(trial.params if whole else trial.user_attrs.get(_POINT, {}))  # it may replace another one


def open_trials(plan: SearchPlan, storage: Storage) -> Trials:
    """The trials of a search, begun if there are none yet.

    A search of which no trial has come to anything (its metric was mistyped, say) is no search yet: another one may
    take its name. What MLflow has of it stays.

    Raises:
        ConfigError: if there are some of another search under this name; shows the difference.
    """
    with storage.exclusive(plan.title):
        if (before := _load(plan, storage)) is not None and _is_void(before, plan):
            optuna.delete_study(study_name=plan.title, storage=storage.optuna)
        signs = [objective.sign for objective in plan.settings.objectives]
        study = optuna.create_study(
            study_name=plan.title,
            storage=storage.optuna,
            directions=[StudyDirection.MAXIMIZE if sign > 0 else StudyDirection.MINIMIZE for sign in signs],
            pruner=make_pruner(plan.settings.pruner),
            load_if_exists=True,
        )
        if _FINGERPRINT in study.user_attrs:
            _require_same(plan, study)
        else:
            study.set_user_attr(_SETTINGS, json.dumps(plan.settings_text))
            study.set_user_attr(_FINGERPRINT, json.dumps(plan.fingerprint))
    return Trials(study, plan, storage)


def find_trials(plan: SearchPlan, storage: Storage) -> Trials | None:
    """The trials of a search if it has been begun; nothing is written."""
    study = _load(plan, storage)
    if study is None or _is_void(study, plan):
        return None
    _require_same(plan, study)
    return Trials(study, plan, storage)


def _load(plan: SearchPlan, storage: Storage) -> Study | None:
    """The study of that name, if there is one."""
    try:
        return optuna.load_study(study_name=plan.title, storage=storage.optuna)
    except KeyError:
        return None


def _is_void(study: Study, plan: SearchPlan) -> bool:
    """Whether a study is of another search and has not come to anything: all of its trials failed or wait."""
    before = json.loads(study.user_attrs.get(_FINGERPRINT, "null"))
    idle = (TrialState.FAIL, TrialState.WAITING)
    return before not in (None, plan.fingerprint) and all(trial.state in idle for trial in study.get_trials())


def _require_same(plan: SearchPlan, study: Study) -> None:
    """Refuse to mix the trials of two searches.

    Raises:
        ConfigError: with each difference.
    """
    before, settings = (json.loads(study.user_attrs.get(key, "{}")) for key in (_FINGERPRINT, _SETTINGS))
    if changed := differences(before, plan.fingerprint, (settings, plan.settings_text)):
        lines = [f"search {plan.title}: was begun as another one; its trials cannot be compared with new ones"]
        lines += [f"  {line}" for line in changed]
        raise ConfigError("\n".join([*lines, "  study=NAME or --fresh begins another search; nothing is deleted"]))


def is_feasible(trial: FrozenTrial) -> bool:
    """Whether a trial keeps all constraints."""
    return all(violation <= 0 for violation in trial.constraints.values())


def individuals_of(trial: FrozenTrial) -> int:
    """How many individuals a trial had."""
    return int(trial.user_attrs.get(_INDIVIDUALS, 0))


def reason_of(trial: FrozenTrial) -> str:
    """Why a trial has no value, or was stopped."""
    return str(trial.user_attrs.get(_REASON, ABANDONED if trial.state == TrialState.FAIL else ""))
