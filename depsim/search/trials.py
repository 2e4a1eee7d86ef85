"""The trials of a search as Optuna keeps them: which count, which a dead process left, which comes next."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.storages import BaseStorage
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from optuna.trial import Trial as OptunaTrial

from depsim.config import ConfigError
from depsim.execution.recorder import ABANDONED
from depsim.search.plan import Point, SearchPlan, differences
from depsim.search.samplers import make_pruner, make_sampler, plain_parameters
from depsim.search.space import bare
from depsim.study.searches import Trial

FEWEST_FOR_IMPORTANCE = 60
"""Complete trials below which no importance is given."""
_FINGERPRINT, _SETTINGS, _RUN = "depsim.fingerprint", "depsim.settings", "depsim.run"
_REPLACES, _POINT, _REASON, _INDIVIDUALS = "replaces", "point", "reason", "individuals"
_FORMER_NAMES = {
    "tpe": "TPESampler",
    "random": "RandomSampler",
    "grid": "GridSampler",
    "gp": "GPSampler",
    "nsgaii": "NSGAIISampler",
    "none": "NopPruner",
    "wilcoxon": "WilcoxonPruner",
}
"""Samplers and pruners as the fingerprints of searches by version 0.3 name them."""


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
    """The trials of one search, which one process at a time may change.

    Args:
        study: as Optuna knows it.
        plan: of the search.
    """

    def __init__(self, study: Study, plan: SearchPlan) -> None:
        self.study, self._plan = study, plan
        self._space = {dimension.key: dimension.distribution() for dimension in plan.space}

    @property
    def run_id(self) -> str | None:
        """The tracker's record of the search."""
        run_id = self.study.user_attrs.get(_RUN)
        return None if run_id is None else str(run_id)

    @run_id.setter
    def run_id(self, run_id: str | None) -> None:
        self.study.set_user_attr(_RUN, run_id)

    def all(self) -> tuple[Trial, ...]:
        """Every trial, by number."""
        return tuple(map(self._read, self._stored()))

    def counted(self) -> tuple[Trial, ...]:
        """The trials that count: all but those whose place another one has taken."""
        return tuple(map(self._read, self._counted()))

    def ask(self, *, only_waiting: bool = False) -> OptunaTrial | None:
        """The next trial, or None if there are as many as there shall be.

        Args:
            only_waiting: take up only what waits to be tried again.
        """
        counted = self._counted()
        waiting = sum(trial.state == TrialState.WAITING for trial in counted)
        asked = len(counted) - waiting
        if not waiting and (only_waiting or asked >= self._plan.n_trials):
            return None
        self.study.sampler = make_sampler(self._plan.settings.sampler, asked, self._plan.space)
        return self.study.ask(self._space)

    def tell(self, trial: OptunaTrial, verdict: Verdict) -> None:
        """Keep what became of a trial."""
        trial.set_user_attr(_INDIVIDUALS, verdict.individuals)
        if verdict.reason is not None:
            trial.set_user_attr(_REASON, verdict.reason)
        for constraint, violation in zip(self._plan.settings.constraints, verdict.violations, strict=False):
            trial.set_constraint(constraint.text, violation)
        state = TrialState[verdict.state]
        self.study.tell(trial, list(verdict.values) if state == TrialState.COMPLETE else None, state)

    def close_running(self) -> list[int]:
        """Give up the trials of a process that is gone or leaves, and let others take their place; their numbers."""
        running = [trial for trial in self._stored() if trial.state == TrialState.RUNNING]
        for trial in running:
            self._replace(trial)
            self.study.tell(trial.number, state=TrialState.FAIL)
        return [trial.number for trial in running]

    def retry_failed(self) -> None:
        """Put the failed trials in line again."""
        for trial in self._counted():
            if trial.state == TrialState.FAIL:
                self._replace(trial)

    def finished(self) -> int:
        """How many of the counted trials have a verdict."""
        return sum(trial.is_finished for trial in self.counted())

    def is_complete(self) -> bool:
        """Whether there are as many trials as there shall be, with a verdict each."""
        count = len(self._counted())
        return count >= self._plan.n_trials and self.finished() == count

    def point(self, trial: OptunaTrial | Trial) -> Point:
        """Where a trial is."""
        point = trial.point if isinstance(trial, Trial) else {bare(key): value for key, value in trial.params.items()}
        return {key: point[bare(key)] for key in self._space}

    def importance(self) -> tuple[tuple[str, str, float], ...]:
        """What moves each objective: each setting, the metric, and the setting's share by PED-ANOVA, the largest first.

        Empty below 60 complete trials (of fewer, the best quarter is too small), for a single setting and where all
        values are equal.

        References: Watanabe et al. (2023), "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary
        subspaces".
        """
        complete = [trial.values for trial in self._stored() if trial.state == TrialState.COMPLETE]
        if len(complete) < FEWEST_FOR_IMPORTANCE or len(self._space) < 2:
            return ()
        evaluator = PedAnovaImportanceEvaluator(target_quantile=0.25, region_quantile=1.0, evaluate_on_local=True)
        found = []
        for place, objective in enumerate(self._plan.settings.objectives):
            if len({values[place] for values in complete}) < 2:
                continue
            loss = partial(_loss, place=place, sign=objective.sign)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # Optuna reminds that less has to be better, which it is
                shares = get_param_importances(self.study, evaluator=evaluator, target=loss)
            found += [(bare(key), objective.metric, float(share)) for key, share in shares.items()]
        return tuple(found)

    def _stored(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    def _counted(self) -> list[FrozenTrial]:
        trials = self._stored()
        replaced = {trial.user_attrs.get(_REPLACES) for trial in trials}
        return [trial for trial in trials if trial.number not in replaced]

    def _read(self, trial: FrozenTrial) -> Trial:
        complete = trial.state == TrialState.COMPLETE
        return Trial(
            number=trial.number,
            state=trial.state.name,
            reason=str(trial.user_attrs.get(_REASON, ABANDONED if trial.state == TrialState.FAIL else "")),
            individuals=int(trial.user_attrs.get(_INDIVIDUALS, 0)),
            values=tuple(trial.values) if complete else (),
            feasible=complete and all(violation <= 0 for violation in trial.constraints.values()),
            point={bare(key): trial.params[key] for key in self._space if key in trial.params},
        )

    def _replace(self, trial: FrozenTrial) -> None:
        """Put a trial at the same point in line, unless that has been done."""
        if any(other.user_attrs.get(_REPLACES) == trial.number for other in self._stored()):
            return
        point = self._drawn(trial)
        self.study.enqueue_trial(point, user_attrs={_REPLACES: trial.number, _POINT: point})

    def _drawn(self, trial: FrozenTrial) -> dict[str, Any]:
        """Where a trial is, or nowhere if its process ended before all of that was drawn."""
        whole = set(trial.params) == set(self._space)
        return dict(trial.params if whole else trial.user_attrs.get(_POINT, {}))  # it may replace another one


def _loss(trial: FrozenTrial, place: int, sign: int) -> float:
    """A value of a trial, turned so that less is better."""
    return -sign * float(trial.values[place])


def open_trials(plan: SearchPlan, storage: BaseStorage) -> Trials:
    """The trials of a search, begun if there are none yet.

    A search of which no trial has come to anything (its metric was mistyped, say) is no search yet: another one may
    take its name. What MLflow has of it stays.

    Raises:
        ConfigError: if there are some of another search under this name; shows the difference.
    """
    if (known := find_trials(plan, storage)) is not None:
        known.study.pruner = make_pruner(plan.settings.pruner)
        return known
    if _load(plan, storage) is not None:
        optuna.delete_study(study_name=plan.title, storage=storage)
    signs = [objective.sign for objective in plan.settings.objectives]
    study = optuna.create_study(
        study_name=plan.title,
        storage=storage,
        directions=[StudyDirection.MAXIMIZE if sign > 0 else StudyDirection.MINIMIZE for sign in signs],
        pruner=make_pruner(plan.settings.pruner),
    )
    study.set_user_attr(_SETTINGS, json.dumps(plan.settings_text))
    study.set_user_attr(_FINGERPRINT, json.dumps(plan.fingerprint))
    return Trials(study, plan)


def find_trials(plan: SearchPlan, storage: BaseStorage) -> Trials | None:
    """The trials of a search if any has come to anything or is at work; nothing is written.

    Raises:
        ConfigError: if they are of another search; shows the difference.
    """
    study = _load(plan, storage)
    if study is None or _FINGERPRINT not in study.user_attrs:  # its process was killed as it began
        return None
    before = _as_now(json.loads(study.user_attrs[_FINGERPRINT]), plan)
    settings = json.loads(study.user_attrs.get(_SETTINGS, "{}"))
    if changed := differences(before, plan.fingerprint, (settings, plan.settings_text)):
        if all(trial.state in (TrialState.FAIL, TrialState.WAITING) for trial in study.get_trials(deepcopy=False)):
            return None
        lines = [f"search {plan.title}: was begun as another one; its trials cannot be compared with new ones"]
        lines += [f"  {line}" for line in changed]
        raise ConfigError("\n".join([*lines, "  study=NAME or --fresh begins another search; nothing is deleted"]))
    return Trials(study, plan)


def _load(plan: SearchPlan, storage: BaseStorage) -> Study | None:
    """The study of that name, if there is one."""
    try:
        return optuna.load_study(study_name=plan.title, storage=storage)
    except KeyError:
        return None


def _as_now(before: Mapping[str, str], plan: SearchPlan) -> dict[str, str]:
    """A stored fingerprint in today's names.

    An argument of a sampler or pruner that it lacks came later, with Optuna or with depsim: it had its default.
    """
    settings, today = plan.settings, dict(before)
    for part, chosen in (("sampler", settings.sampler), ("pruner", settings.pruner)):
        name = before.get(f"{part}.name", "")
        today[f"{part}.name"] = _FORMER_NAMES.get(name, name)
        if today[f"{part}.name"] == chosen.name:
            defaults = {key: str(parameter.default) for key, parameter in plain_parameters(chosen).items()}
            today = {f"{part}.{key}": text for key, text in defaults.items()} | today
    return today
