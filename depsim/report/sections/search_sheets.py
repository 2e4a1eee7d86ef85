"""The tables of a search: its winners and its trials."""

from __future__ import annotations

from typing import Any

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Column, Sheet, Value
from depsim.statistics import MEAN_INTERVAL
from depsim.study.searches import Cohort, Search, Winner

_MOST_UNFOLDED = 20


def winners_sheet(search: Search, stem: str) -> Sheet:
    """Each winner in each objective: in the search, and on fresh individuals."""
    keys = list(search.winners[0].point)
    columns = columns_of(
        "trial",
        *(Column(key, key, ".4g") for key in keys),
        "objective",
        Column("value", "in the search", ".2f"),
        Column("fresh_value", "on fresh individuals", ".2f"),
        Column("optimism", "optimism", "+.2f"),
        *_cohort_columns("own", "search"),
        *_cohort_columns("fresh", "fresh"),
    )
    rows = tuple(
        (winner.trial, *(plain_value(winner.point[key]) for key in keys), *cells)
        for winner in search.winners
        for cells in _objective_rows(search, winner)
    )
    note = (
        "Optimism is by how much the search's value is better than the fresh one. Means are over the individuals of "
        f"the search and over fresh ones, n of each, with the {MEAN_INTERVAL}; those of the search do not know "
        "that the trial was chosen."
    )
    return Sheet(f"winners_{stem}", "Winners", columns, rows, note, folded=len(rows) > _MOST_UNFOLDED)


def _cohort_columns(key: str, heading: str) -> tuple[Column, ...]:
    return columns_of(
        Column(f"{key}_n", f"n, {heading}"),
        *with_interval(f"{key}_mean", "mean", ".2f", f"{key}_"),
    )


def _objective_rows(search: Search, winner: Winner) -> list[tuple[Value, ...]]:
    optimism = winner.optimism(search.objectives)
    rows: list[tuple[Value, ...]] = []
    for place, objective in enumerate(search.objectives):
        fresh = None if winner.fresh_values is None else winner.fresh_values[place]
        head = (objective.title, winner.values[place], fresh, None if optimism is None else optimism[place])
        rows.append((*head, *_cohort_cells(winner.own[place]), *_cohort_cells(winner.fresh[place])))
    return rows


def _cohort_cells(cohort: Cohort | None) -> tuple[Value, ...]:
    if cohort is None:
        return None, None, None, None
    return cohort.n, cohort.mean, *(cohort.interval or (None, None))


def trials_sheet(search: Search, name: str) -> Sheet:
    """Every trial: what became of it, its values and its point."""
    keys = list(search.trials[0].point)
    best = dict(search.best_so_far())
    on_front = {trial.number for trial in search.front()}
    columns = columns_of(
        "trial",
        Column("fate", "what became of it"),
        *(Column(f"value_{place}", each.title, ".2f") for place, each in enumerate(search.objectives)),
        *([Column("best", "best so far", ".2f")] if len(search.objectives) == 1 else []),
        *([Column("front", "on the front")] if len(search.objectives) > 1 else []),
        Column("feasible", "keeps constraints"),
        "n",
        *(Column(f"at_{key}", key, ".4g") for key in keys),
        "reason",
    )
    rows: list[tuple[Value, ...]] = []
    for trial in search.trials:
        values: tuple[Value, ...] = trial.values or (None,) * len(search.objectives)
        place = best.get(trial.number) if len(search.objectives) == 1 else trial.number in on_front
        feasible = trial.feasible if trial.values else None
        point = (plain_value(trial.point.get(key)) for key in keys)
        rows.append(
            (trial.number, trial.fate, *values, place, feasible, trial.individuals, *point, trial.reason or None)
        )
    return Sheet(name, "All trials", columns, tuple(rows), folded=True)


def plain_value(value: Any) -> Value:
    """A searched setting's value, as a number where it is one."""
    if isinstance(value, str):
        try:
            return int(value) if value.lstrip("-").isdigit() else float(value)
        except ValueError:
            return value or None
    return value if isinstance(value, int | float | bool | None) else str(value)
