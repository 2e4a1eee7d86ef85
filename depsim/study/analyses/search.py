"""What a search won: the gain of its winners over the paper's settings within the same fresh individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.statistics import contrast, verdict
from depsim.study.estimate import Estimate, Value, family, of_contrast
from depsim.study.groups import align
from depsim.study.searches import People, Search

_FEWEST = 3
"""Individuals below which no interval is given."""


def gain_rows(
    objectives: Sequence[tuple[str, int]], winners: Sequence[tuple[int, People, People]]
) -> tuple[Estimate, ...]:
    """The mean gain of each winner in each objective; all of them are one family.

    Winners were chosen on other individuals, so nothing here was picked by its own result.

    Args:
        objectives: metric, and 1 where more is better, else -1.
        winners: of each the number of its trial, and its fresh individuals under it and under the paper's settings.

    Shape: keys trial and metric, winner by winner; the value is in points better. A verdict of no is a loss.

    References: STATISTICS 9, T12.
    """
    tests = len(objectives) * len(winners)
    rows = [_gain({"trial": trial, "metric": metric}, metric, sign, fresh, reference, tests)
            for trial, fresh, reference in winners for metric, sign in objectives]  # fmt: skip
    return tuple(
        row._replace(verdict=verdict(row.p_holm, row.n, tests, (row.value or 0.0) > 0)) for row in family(rows, tests)
    )


def _gain(
    key: Mapping[str, str | float], metric: str, sign: int, fresh: People, reference: People, tests: int
) -> Estimate:
    _, both = align([_finite(fresh, metric), _finite(reference, metric)])
    if not len(both):
        return Estimate(key, 0, None)
    return of_contrast(key, contrast(sign * both[:, 0], sign * both[:, 1], tests))


def _finite(people: People, metric: str) -> dict[int, float]:
    return {seed: own[metric] for seed, own in people.items() if np.isfinite(own.get(metric, np.nan))}


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
    signs = [(objective.metric, objective.sign) for objective in search.objectives]
    winners = [(winner.trial, winner.people, winner.reference_people) for winner in search.winners]
    rows = iter(gain_rows(signs, winners))
    found = []
    for winner in search.winners:
        optimism = winner.optimism(search.objectives)
        for place, objective in enumerate(search.objectives):
            more: dict[str, Value] = {
                "in_search": winner.values[place],
                "fresh": None if winner.fresh_values is None else winner.fresh_values[place],
                "reference": None if winner.reference_values is None else winner.reference_values[place],
                "optimism": None if optimism is None else optimism[place],
                **winner.point,
            }
            key: dict[str, str | float] = {"search": search.name, "trial": winner.trial, "objective": objective.title}
            found.append(next(rows)._replace(key=key, more=more))
    return tuple(found)
