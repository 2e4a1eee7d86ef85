"""What a search won: the gain of its winners over the paper's settings within the same fresh individuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depsim.statistics import contrast, verdict
from depsim.study.estimate import Estimate, Value, family, of_contrast
from depsim.study.groups import align
from depsim.study.objective import Objective
from depsim.study.searches import People, Search, Winner

_FEWEST = 3
"""Individuals below which no interval is given."""


def gain_rows(objectives: Sequence[Objective], winners: Sequence[Winner]) -> tuple[Estimate, ...]:
    """The mean gain of each winner over the paper's settings in each objective; all of them are one family.

    Winners were chosen on other individuals, so nothing here was picked by its own result.

    Args:
        objectives: of the search.
        winners: with what was measured of their fresh individuals.

    Shape: keys trial and metric, winner by winner; the value is in points better. A verdict of no is a loss.
    """
    tests = len(objectives) * len(winners)
    rows = [_gain(winner, objective, tests) for winner in winners for objective in objectives]
    return tuple(
        row._replace(verdict=verdict(row.p_holm, row.n, tests, (row.value or 0.0) > 0)) for row in family(rows, tests)
    )


def _gain(winner: Winner, objective: Objective, tests: int) -> Estimate:
    key: dict[str, str | float] = {"trial": winner.trial, "metric": objective.metric}
    _, both = align([_finite(score.people, objective.metric) for score in (winner.fresh, winner.reference)])
    if not len(both):
        return Estimate(key, 0, None)
    return of_contrast(key, contrast(objective.sign * both[:, 0], objective.sign * both[:, 1], tests))


def _finite(people: People, metric: str) -> dict[int, float]:
    return {seed: measured[metric] for seed, measured in people.items() if np.isfinite(measured.get(metric, np.nan))}


def gain_word(row: Estimate) -> str:
    """What a winner's row says: a gain, no gain where the interval holds 0, or a loss; of one or two just a difference.

    >>> [gain_word(Estimate({}, 20, value, value - 1, value + 1)) for value in (2.0, 0.5, -3.0)]
    ['gain', 'no gain', 'loss']
    """
    if row.n < _FEWEST:
        return "difference"
    if row.value is None or (row.interval is not None and row.interval[0] <= 0 <= row.interval[1]):
        return "no gain"
    return "gain" if row.value > 0 else "loss" if row.value < 0 else "no gain"


def search_rows(search: Search) -> tuple[Estimate, ...]:
    """The winners of a search with all that is known of them: settings, values in the search and afterwards, gains.

    Args:
        search: finished or not; without winners there are no rows.

    Shape: keys search, trial and objective; in ``more`` the objective's value in the search, on fresh individuals and
    of the paper's settings there, the optimism, and the settings.
    """
    rows = iter(gain_rows(search.objectives, search.winners))
    complete = []
    for winner in search.winners:
        optimism = winner.optimism(search.objectives)
        for place, objective in enumerate(search.objectives):
            more: dict[str, Value] = {
                "in_search": winner.values[place],
                "fresh": None if winner.fresh.values is None else winner.fresh.values[place],
                "reference": None if winner.reference.values is None else winner.reference.values[place],
                "optimism": None if optimism is None else optimism[place],
                **winner.point,
            }
            key: dict[str, str | float] = {"search": search.name, "trial": winner.trial, "objective": objective.title}
            complete.append(next(rows)._replace(key=key, more=more))
    return tuple(complete)
