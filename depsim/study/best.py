"""Which of several treatments may be the best, and how far the others are behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depsim.outcomes import PRIMARY, Outcome, metric_of
from depsim.stages import TREATED
from depsim.statistics import FromBest, from_best
from depsim.study.benefits import CONTROL
from depsim.study.naming import distinct
from depsim.study.reading import StudyArm, paired

_FEWEST_ARMS = 3
"""Of two, one contrast says all."""


@dataclass(frozen=True, eq=False)
class AgainstBest:
    """Treatments against the best of them on one outcome.

    Args:
        outcome: which.
        n: individuals that have all of the treatments.
        arms: A of them.
        found: each one's difference from the best, (A,); 0 is the best and less is worse, whatever the outcome.
    """

    outcome: Outcome
    n: int
    arms: tuple[StudyArm, ...]
    found: tuple[FromBest, ...]


def against_best(arms: Sequence[StudyArm]) -> list[AgainstBest]:
    """Each primary outcome of arms that differ in the treatment alone, untreated ones left out.

    References: STATISTICS 14.
    """
    told = []
    treated = [arm for arm in distinct(arms) if arm.treatment != CONTROL]
    for outcome in PRIMARY:
        metric = metric_of(TREATED, outcome.column)
        own = [arm for arm in treated if metric is not None and arm.has(metric)]
        if metric is None or len(own) < _FEWEST_ARMS:
            continue
        seeds, values = paired(own, metric)
        if seeds:
            found = from_best(values if outcome.higher_is_better else -values)
            told.append(AgainstBest(outcome, len(seeds), tuple(own), found))
    return told
