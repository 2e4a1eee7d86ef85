"""What a search leaves: its history, the importance of its dimensions, its trade-off and its winner, as files."""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from depsim.population import spell_seeds
from depsim.search import figures
from depsim.search.plan import SearchPlan
from depsim.search.space import bare
from depsim.search.trials import Trials, individuals_of, is_feasible, reason_of

if TYPE_CHECKING:
    from depsim.search.engine import Winner


def value_names(plan: SearchPlan, what: str = "value") -> list[str]:
    """``value``, or ``value_0``, ``value_1``, ... of several objectives."""
    count = len(plan.settings.objectives)
    return [what] if count == 1 else [f"{what}_{number}" for number in range(count)]


def curves(plan: SearchPlan, counted: Sequence[FrozenTrial]) -> dict[str, dict[int, float]]:
    """Metrics by trial number: the values, and the best so far."""
    complete = [trial for trial in counted if trial.state == TrialState.COMPLETE]
    found = {
        f"search/{name}": {trial.number: trial.values[place] for trial in complete}
        for place, name in enumerate(value_names(plan))
    }
    return found | ({"search/best": best_so_far(plan, counted)} if len(plan.settings.objectives) == 1 else {})


def best_so_far(plan: SearchPlan, counted: Sequence[FrozenTrial]) -> dict[int, float]:
    """The best value up to each trial that keeps the constraints; empty for several objectives."""
    if len(plan.settings.objectives) > 1:
        return {}
    sign, best = plan.settings.objectives[0].sign, None
    found: dict[int, float] = {}
    for trial in counted:
        if trial.state == TrialState.COMPLETE and is_feasible(trial):
            value = trial.values[0]
            best = value if best is None else sign * max(sign * best, sign * value)
            found[trial.number] = best
    return found


def closing_curves(plan: SearchPlan, trials: Trials, winners: Sequence[Winner]) -> dict[str, dict[int, float]]:
    """The winner's own and fresh value and the optimism.

    The step is the number of trials that led to it; of a trade-off, each trial's number.
    """
    signs = [objective.sign for objective in plan.settings.objectives]
    found: dict[str, dict[int, float]] = {}
    for winner in winners:
        step = len(trials.counted()) if len(signs) == 1 else winner.trial.number
        found_here = dict(zip(value_names(plan, "best_value"), winner.trial.values, strict=True))
        optimism = winner.optimism(signs)
        if optimism is not None:
            found_here |= dict(zip(value_names(plan, "fresh_value"), winner.fresh.values, strict=True))
            found_here |= dict(zip(value_names(plan, "optimism"), optimism, strict=True))
        for name, value in found_here.items():
            found.setdefault(f"search/{name}", {})[step] = value
    return found


def files(plan: SearchPlan, trials: Trials, winners: Sequence[Winner]) -> dict[str, bytes]:
    """All files of a search that is through."""
    counted = trials.counted()
    weights = importance(plan, trials)
    several = len(plan.settings.objectives) > 1
    result = {
        "history.csv": history(plan, trials.all()),
        "history.png": figures.history(plan, counted, best_so_far(plan, counted)),
        "importance.csv": _csv([["key", "objective", "importance"], *([k, m, v] for k, m, v in weights)]),
        "winner.json": json.dumps(describe(plan, winners), indent=2, ensure_ascii=False, allow_nan=False).encode(),
    }
    if weights:
        result["importance.png"] = figures.importance(weights)
    if several:
        result["pareto.csv"] = _csv(_pareto(plan, winners))
        result["pareto.png"] = figures.pareto(plan, counted, winners)
    return result


def history(plan: SearchPlan, trials: Sequence[FrozenTrial]) -> bytes:
    """Every trial, also those whose place another one took, as CSV."""
    keys = [dimension.key for dimension in plan.space]
    rows: list[list[object]] = [["number", "state", "reason", "individuals", *value_names(plan), "feasible",
                                 *map(bare, keys)]]  # fmt: skip
    for trial in trials:
        complete = trial.state == TrialState.COMPLETE
        values = trial.values if complete else [""] * len(plan.settings.objectives)
        keeps = str(is_feasible(trial)).lower() if complete else ""
        rows.append([trial.number, trial.state.name, reason_of(trial), individuals_of(trial), *values, keeps,
                     *(trial.params.get(key, "") for key in keys)])  # fmt: skip
    return _csv(rows)


def importance(plan: SearchPlan, trials: Trials) -> list[tuple[str, str, float]]:
    """Key, metric and share of each dimension in what moves that objective, by PED-ANOVA; empty where that is unknown.

    References: Watanabe et al. (2023), "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary
    subspaces".
    """
    complete = [trial for trial in trials.counted() if trial.state == TrialState.COMPLETE]
    if len(complete) < 4 or len(plan.space) < 2:
        return []
    evaluator = PedAnovaImportanceEvaluator(target_quantile=0.25, region_quantile=1.0, evaluate_on_local=True)
    found = []
    for place, objective in enumerate(plan.settings.objectives):
        if len({trial.values[place] for trial in complete}) < 2:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # Optuna reminds that less has to be better, which it is
            weights = get_param_importances(trials.study, evaluator=evaluator, target=_loss(place, objective.sign))
        found += [(bare(key), objective.metric, float(weight)) for key, weight in weights.items()]
    return found


def _loss(place: int, sign: int) -> Callable[[FrozenTrial], float]:
    """What is the less the better a trial does in one objective."""
    return lambda trial: -sign * trial.values[place]


def describe(plan: SearchPlan, winners: Sequence[Winner]) -> dict[str, Any]:
    """The winner, or the trade-off, as plain values."""
    signs = [objective.sign for objective in plan.settings.objectives]
    entries = []
    for winner in winners:
        optimism = winner.optimism(signs)
        entries.append(
            {
                "trial": winner.trial.number,
                "point": {bare(key): value for key, value in winner.trial.params.items()},
                "values": list(winner.trial.values),
                "fresh_values": list(winner.fresh.values) or None,
                "optimism": None if optimism is None else list(optimism),
                "fresh_failure": winner.fresh.reason,
                "fresh_breaks": list(winner.broken(plan.settings.constraints)),
                "fresh_run": winner.run_id,
                "command": plan.order(winner.trial.params).job.command,
            }
        )
    return {
        "search": plan.name,
        "study": plan.study,
        "objectives": [objective.model_dump() for objective in plan.settings.objectives],
        "constraints": [constraint.text for constraint in plan.settings.constraints],
        "cohort": spell_seeds(plan.seeds),
        "fresh_cohort": spell_seeds(plan.settings.fresh.seeds),
        "winners": entries,
    }


def _pareto(plan: SearchPlan, winners: Sequence[Winner]) -> list[list[object]]:
    signs = [objective.sign for objective in plan.settings.objectives]
    keys = [dimension.key for dimension in plan.space]
    head = ["number", *value_names(plan), *value_names(plan, "fresh_value"), *value_names(plan, "optimism")]
    rows: list[list[object]] = [[*head, *map(bare, keys)]]
    for winner in winners:
        nothing = [""] * len(signs)
        rows.append([winner.trial.number, *winner.trial.values, *(winner.fresh.values or nothing),
                     *(winner.optimism(signs) or nothing), *(winner.trial.params[key] for key in keys)])  # fmt: skip
    return rows


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()
