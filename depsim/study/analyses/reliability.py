"""How much of a difference between individuals would be there again: replicates of the same individuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from depsim.outcomes import metric_of
from depsim.stages import TREATED
from depsim.statistics import Reliability, reliability, resampled_share
from depsim.statistics.families import Verdict
from depsim.statistics.reliability import LOWEST
from depsim.study.analyses.contrasts import COLUMNS, RELAPSE_DROP
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, Group
from depsim.study.reading import StudyArm
from depsim.study.searches import People

_SKEWED = 1.0
"""Skewness of individuals' means from which an interval for normal values is not given."""


def reliabilities(group: Group) -> tuple[Estimate, ...]:
    """The reliability of each primary outcome, and of its difference between two drugs, where there are replicates.

    What a drug does beside no treatment is not asked: where the untreated floor moves, it is reliable for that alone.

    Args:
        group: whose arms may have replicates; those without are left out.
    """
    measured = [condition for condition in group.conditions if condition.arm.replicates]
    people = {condition.arm.arm_key: replicates_of(condition.arm) for condition in measured}
    rows = []
    for condition in measured:
        condition_rows = reliability_rows(people[condition.arm.arm_key], condition.name, condition.stage, group.key)
        rows += [row for row in condition_rows if not (condition.is_control and row.of("outcome") == RELAPSE_DROP)]
    drugs = [condition for condition in measured if not condition.is_control and condition.stage == TREATED]
    for a, b in combinations(drugs, 2):
        for column in COLUMNS:
            tables = [_table(people[condition.arm.arm_key], condition, column) for condition in (a, b)]
            values = _differences(*tables)
            if len(values):
                rows.append(_row({**group.key, "condition": f"{a.name} − {b.name}", "outcome": column}, values))
    return tuple(rows)


def reliability_rows(
    people: Sequence[People], name: str, stage: str = TREATED, apart: Mapping[str, str | float] = {}
) -> list[Estimate]:
    """The reliability of each primary outcome that was measured in one condition.

    Args:
        people: the replicates of the same individuals, two or more.
        name: of the condition.
        stage: at which they were examined.
        apart: what every key begins with.
    """
    rows = []
    for column in COLUMNS:
        metric = metric_of(stage, column)
        values = _complete(
            [{seed: metrics.get(metric or "", np.nan) for seed, metrics in replicate.items()} for replicate in people]
        )
        if metric is not None and any(metric in metrics for replicate in people for metrics in replicate.values()):
            rows.append(_row({**apart, "condition": name, "outcome": column}, values))
    return rows


def replicates_of(arm: StudyArm) -> list[People]:
    """The replicates of an arm's individuals from 0 on, by the same sources; without those that nobody has."""
    sources = {person.seed: person.sources for person in arm.individuals}
    columns = [arm.individuals, *(again.individuals for again in arm.replicates)]
    people = [{p.seed: p.metrics for p in column if p.sources == sources.get(p.seed)} for column in columns]
    return [column for place, column in enumerate(people) if column or not place]


def may_say(estimate: Reliability | None) -> Verdict:
    """Whether a statement about single individuals is possible: yes, no, undecided, or too few.

    Below one half more of the variance lies between replicates of one individual than between individuals.
    """
    if estimate is None:
        return "too few"
    if estimate.share is None or estimate.share < LOWEST:  # all alike, or too unlike themselves
        return "no"
    return "yes" if estimate.low is not None and estimate.low >= LOWEST else "undecided"


def _row(key: Mapping[str, str | float], values: np.ndarray) -> Estimate:
    estimate = reliability(values)
    if estimate is None:
        return Estimate(key, len(values), None, verdict="too few")
    if _is_skewed(values.mean(axis=1)):
        low, high = resampled_share(values) or (None, None)
        estimate = replace(estimate, low=low, high=high)
    more = {"within": estimate.within, "between": estimate.between, "replicates": estimate.replicates}
    return Estimate(key, estimate.n, estimate.share, estimate.low, estimate.high, verdict=may_say(estimate), more=more)


def _is_skewed(values: np.ndarray) -> bool:
    from scipy.stats import skew  # slow to import

    return bool(np.ptp(values) > 0 and abs(skew(values)) > _SKEWED)


def _table(people: Sequence[People], condition: Condition, column: str) -> list[dict[int, float]]:
    metric = condition.metric(column) or ""
    return [{seed: metrics.get(metric, np.nan) for seed, metrics in replicate.items()} for replicate in people]


def _differences(a: Sequence[Mapping[int, float]], b: Sequence[Mapping[int, float]]) -> np.ndarray:
    """The difference within each individual in each replicate that both conditions have, (n, R)."""
    pairs = zip(a, b, strict=False)
    return _complete([{seed: one[seed] - other[seed] for seed in one.keys() & other.keys()} for one, other in pairs])


def _complete(replicates: Sequence[Mapping[int, float]]) -> np.ndarray:
    """The individuals with a finite value in every replicate, (n, R) float64."""
    everyone = sorted(set.intersection(*(set(values) for values in replicates)))
    table = np.array([[values[seed] for values in replicates] for seed in everyone], dtype=np.float64)
    table = table.reshape(len(everyone), len(replicates))
    return np.asarray(table[np.isfinite(table).all(axis=1)])
