"""What a search stores: its trials, and its winners beside the paper's settings on fresh individuals."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from depsim.population import format_seeds
from depsim.search.batch import Scored
from depsim.search.plan import SearchPlan
from depsim.search.space import bare
from depsim.search.trials import individuals_of, is_feasible, reason_of
from depsim.study.analyses.search import gain_rows
from depsim.study.estimate import Estimate
from depsim.tracking.artifacts import csv_bytes


@dataclass(frozen=True)
class Winner:
    """A winning trial and how it did on fresh individuals, beside the paper's settings of its treatment.

    Args:
        trial: the best one, or one of the trade-off.
        fresh: its condition on the fresh individuals.
        reference: the paper's settings on the same individuals.
    """

    trial: FrozenTrial
    fresh: Scored
    reference: Scored

    def broken(self, plan: SearchPlan) -> tuple[str, ...]:
        """The constraints, in words, that it does not keep on the fresh individuals."""
        kept = zip(plan.settings.constraints, self.fresh.verdict.violations, strict=False)
        return tuple(constraint.text for constraint, violation in kept if violation > 0)

    def optimism(self, plan: SearchPlan) -> tuple[float, ...] | None:
        """By how much the search's own values were better than those on fresh individuals; None without the latter."""
        if self.fresh.verdict.state != "COMPLETE":
            return None
        parts = zip(plan.settings.objectives, self.trial.values, self.fresh.verdict.values, strict=True)
        return tuple(objective.sign * (own - fresh) for objective, own, fresh in parts)


def gains(plan: SearchPlan, winners: Sequence[Winner]) -> list[list[Estimate]]:
    """What each winner gains over the paper's settings within fresh individuals, objective by objective."""
    objectives = plan.settings.objectives
    signs = [(objective.metric, objective.sign) for objective in objectives]
    rows = gain_rows(signs, [(w.trial.number, w.fresh.people, w.reference.people) for w in winners])
    return [list(rows[place : place + len(objectives)]) for place in range(0, len(rows), len(objectives))]


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


def points(plan: SearchPlan, number: int, values: Sequence[float]) -> dict[str, dict[int, float]]:
    """The values of one trial, none where it has none, under the names of :func:`curves`."""
    return {f"search/{name}": {number: value} for name, value in zip(value_names(plan), values, strict=False)}


def best_so_far(plan: SearchPlan, counted: Sequence[FrozenTrial]) -> dict[int, float]:
    """The best value up to each trial that keeps the constraints; empty for several objectives."""
    if len(plan.settings.objectives) > 1:
        return {}
    sign = plan.settings.objectives[0].sign
    able = [trial for trial in counted if trial.state == TrialState.COMPLETE and is_feasible(trial)]
    best = itertools.accumulate((sign * trial.values[0] for trial in able), max)
    return {trial.number: sign * gain for trial, gain in zip(able, best, strict=True)}


def closing_curves(plan: SearchPlan, count: int, winners: Sequence[Winner]) -> dict[str, dict[int, float]]:
    """The winner's own and fresh value, that of the paper's settings, the gain and the optimism.

    The step is the number of trials that led to it; of a trade-off, each trial's number.
    """
    found: dict[str, dict[int, float]] = {}
    for winner, gained in zip(winners, gains(plan, winners), strict=True):
        step = count if len(plan.settings.objectives) == 1 else winner.trial.number
        values = {
            "best_value": winner.trial.values,
            "fresh_value": winner.fresh.verdict.values,
            "reference_value": winner.reference.verdict.values,
            "gain": [row.value for row in gained],
            "optimism": winner.optimism(plan),
        }
        for what, each in values.items():
            for name, value in zip(value_names(plan, what), each or (), strict=False):
                if value is not None:
                    found.setdefault(f"search/{name}", {})[step] = value
    return found


def history(plan: SearchPlan, trials: Sequence[FrozenTrial]) -> bytes:
    """Every trial, also those whose place another one took, as CSV."""
    keys = [dimension.key for dimension in plan.space]
    head = ["number", "state", "reason", "individuals", *value_names(plan), "feasible", *map(bare, keys)]
    rows: list[Sequence[object]] = [head]
    for trial in trials:
        complete = trial.state == TrialState.COMPLETE
        values = trial.values if complete else [""] * len(plan.settings.objectives)
        feasible = str(is_feasible(trial)).lower() if complete else ""
        rows.append([trial.number, trial.state.name, reason_of(trial), individuals_of(trial), *values, feasible,
                     *(trial.params.get(key, "") for key in keys)])  # fmt: skip
    return csv_bytes(rows)


def described(plan: SearchPlan, winners: Sequence[Winner]) -> bytes:
    """The winner, or the trade-off, each beside the paper's settings, as JSON."""
    entries: list[dict[str, Any]] = []
    for winner, gained in zip(winners, gains(plan, winners), strict=True):
        optimism = winner.optimism(plan)
        entries.append(
            {
                "trial": winner.trial.number,
                "point": {bare(key): value for key, value in winner.trial.params.items()},
                "values": list(winner.trial.values),
                "fresh_values": list(winner.fresh.verdict.values) or None,
                "optimism": None if optimism is None else list(optimism),
                "fresh_failure": winner.fresh.verdict.reason,
                "fresh_breaks": list(winner.broken(plan)),
                "fresh_run": winner.fresh.run_id,
                "reference_values": list(winner.reference.verdict.values) or None,
                "reference_failure": winner.reference.verdict.reason,
                "reference_run": winner.reference.run_id,
                "gain": [{"n": row.n, "value": row.value, "low": row.low, "high": row.high} for row in gained],
                "command": plan.spec(winner.trial.params).job.command,
                "reference_command": winner.reference.job.command,
            }
        )
    found = {
        "search": plan.name,
        "study": plan.study,
        "objectives": [objective.model_dump() for objective in plan.settings.objectives],
        "constraints": [constraint.text for constraint in plan.settings.constraints],
        "cohort": format_seeds(plan.seeds),
        "fresh_cohort": format_seeds(plan.settings.fresh.seeds),
        "winners": entries,
    }
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False).encode()
