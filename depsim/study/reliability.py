"""The reliability of the primary outcomes: what replicates of the same individuals say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.outcomes import PRIMARY, Outcome, metric_of
from depsim.stages import RELAPSED, TREATED, WITHDRAWN
from depsim.statistics import Reliability, reliability
from depsim.study.reading import StudyArm

People = Mapping[int, Mapping[str, float]]
"""Seed to metric name to value."""


@dataclass(frozen=True)
class Replicated:
    """One primary outcome of individuals that have replicates.

    Args:
        outcome: what was measured.
        when: at which examination.
        complete: individuals that have it in every replicate.
        reliability: over these; None where they are fewer than three.
    """

    outcome: Outcome
    when: str
    complete: int
    reliability: Reliability | None


def replicated(replicates: Sequence[People]) -> list[Replicated]:
    """Every primary outcome that was measured.

    Args:
        replicates: of the same individuals, two or more.
    """
    found = []
    for outcome in PRIMARY:
        for when in (TREATED, WITHDRAWN):
            metric = metric_of(when, outcome.column)
            if metric is None or not any(metric in own for people in replicates for own in people.values()):
                continue
            values = _complete(replicates, metric)
            place = when if "/" in metric else RELAPSED
            found.append(Replicated(outcome, place, len(values), reliability(values)))
    return found


def replicates_of(arm: StudyArm) -> list[People]:
    """The replicates of an arm's individuals, from 0 on: by the same sources as theirs, without those that nobody "
    "has."""
    sources = {person.seed: person.sources for person in arm.individuals}
    columns = [arm.individuals, *(again.individuals for again in arm.replicates)]
    people = [{p.seed: p.metrics for p in column if p.sources == sources.get(p.seed)} for column in columns]
    return [column for place, column in enumerate(people) if column or not place]


def _complete(replicates: Sequence[People], metric: str) -> np.ndarray:
    """The individuals with a finite value in every replicate, (n, R) float64."""
    rows = [[people.get(seed, {}).get(metric, np.nan) for people in replicates] for seed in sorted(replicates[0])]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(replicates))
    return table[np.isfinite(table).all(axis=1)]
