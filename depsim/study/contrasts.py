"""Condition against condition on the primary outcomes, paired on the individual."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from depsim.outcomes import PRIMARY, Outcome
from depsim.statistics import (
    FEWEST_FOR_INFERENCE,
    LEVEL,
    Contrast,
    Equivalence,
    contrast,
    equivalence,
    family,
    fewest_to_judge,
    holm,
    relevant_margin,
)
from depsim.study.kept import kept
from depsim.study.panels import UNTREATED, Condition, Panel, align
from depsim.study.published import values
from depsim.study.reading import StudyArm
from depsim.study.stored import stored_ceilings, stored_relevant

AsGood = Literal["equivalent", "different", "undecided"]


@dataclass(frozen=True, eq=False)
class Pair:
    """Condition A against condition B on one outcome.

    Args:
        outcome: which.
        a, b: names of the conditions.
        values: (N, 2), those who have both.
        seeds: who they are.
        left_out: individuals that have only one of the two.
        contrast: of A - B, one of the family.
        equivalence: of A and B, with the smallest relevant difference as the margin; None beside untreated
            individuals, where nobody asks.
        as_good: what follows from it once adjusted by Holm over all such pairs: ``equivalent``; ``different``: by more
            than the margin; else ``undecided``. None below ten individuals.
    """

    outcome: Outcome
    a: str
    b: str
    values: np.ndarray
    seeds: tuple[int, ...]
    left_out: int
    contrast: Contrast
    equivalence: Equivalence | None
    as_good: AsGood | None

    @property
    def differences(self) -> np.ndarray:
        """A - B of each individual, (N,)."""
        return np.asarray(self.values[:, 0] - self.values[:, 1])


@dataclass(frozen=True)
class Ordering:
    """Which of two conditions the paper has higher, and whether our individuals agree.

    Args:
        pair: ours.
        published: difference of the published values, A - B.
        answer: ``holds`` and ``reversed``: a significant difference in the same or the other direction;
            ``undecided``: no significant one; ``too few``: with so few individuals none could have been.
    """

    pair: Pair
    published: float
    answer: str


@kept
def contrasts(panel: Panel) -> tuple[Pair, ...]:
    """All pairs of conditions on each primary outcome; one family for Holm's adjustment.

    Untreated individuals come last in every pair, so that a difference says what a treatment did; in the relapse drop
    they have no part, as who is at the floor cannot fall. An arm with several names is not compared with itself.
    """
    ordered = sorted(panel.conditions, key=lambda condition: condition.name == UNTREATED)
    tests, pairs = len(PRIMARY) * math.comb(len(ordered), 2), []
    for outcome in PRIMARY:
        for a, b in combinations(ordered, 2):
            is_one = (a.arm.arm_key, a.stage) == (b.arm.arm_key, b.stage)
            is_floor = outcome.column == "relapse_drop" and UNTREATED in (a.name, b.name)
            pair = None if is_one or is_floor else _pair(outcome, a, b, tests)
            if pair is not None:
                pairs.append(pair)
    return _adjusted(pairs)


def orderings(pairs: Sequence[Pair]) -> tuple[Ordering, ...]:
    """The order of the paper's conditions on the primary outcomes, as far as its Table 1 gives one."""
    fewest = fewest_to_judge(sum(pair.contrast.p is not None for pair in pairs))
    theirs = {(value.row, value.column): value.mean for value in values("table_1")}
    found = []
    for pair in pairs:
        a, b = theirs.get((pair.a, pair.outcome.column)), theirs.get((pair.b, pair.outcome.column))
        if a is None or b is None or a == b:
            continue
        answer, p = "too few" if pair.contrast.n < fewest else "undecided", pair.contrast.p_holm
        if p is not None and p <= LEVEL and answer != "too few":
            answer = "holds" if (pair.contrast.difference.mean > 0) == (a > b) else "reversed"
        found.append(Ordering(pair, a - b, answer))
    return tuple(found)


def _pair(outcome: Outcome, a: Condition, b: Condition, tests: int) -> Pair | None:
    columns = [a.values(outcome.column), b.values(outcome.column)]
    seeds, both = align(columns)
    if not seeds:
        return None
    return Pair(
        outcome=outcome,
        a=a.name,
        b=b.name,
        values=both,
        seeds=seeds,
        left_out=len(set(columns[0]) ^ set(columns[1])),
        contrast=contrast(both[:, 0], both[:, 1], tests),
        equivalence=None if b.name == UNTREATED else equivalence(both[:, 0], both[:, 1], margin(outcome, a.arm, both)),
        as_good=None,
    )


def margin(outcome: Outcome, arm: StudyArm, both: np.ndarray) -> float:
    """The smallest relevant difference of two conditions, in points.

    Args:
        outcome: which.
        arm: one of the two, whose assessment declares it.
        both: the values, (N, 2).
    """
    ceiling = stored_ceilings(arm.settings).get(outcome.column, 100.0) if outcome.higher_is_better else None
    return relevant_margin(stored_relevant(arm.settings)[outcome.column], ceiling, float(both.mean(axis=0).max()))


def _adjusted(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    found = family([pair.contrast for pair in pairs])
    answers = as_good([pair.equivalence for pair in pairs])
    return tuple(
        replace(pair, contrast=own, as_good=answer if own.n >= FEWEST_FOR_INFERENCE else None)
        for pair, own, answer in zip(pairs, found, answers, strict=True)
    )


def as_good(asked: Sequence[Equivalence | None]) -> list[AsGood | None]:
    """What follows from each of these once adjusted by Holm over all of them; None stays None, and does not count."""
    within = holm([None if each is None else each.within for each in asked])
    beyond = holm([None if each is None else each.beyond for each in asked])
    found: list[AsGood | None] = []
    for each, near, far in zip(asked, within, beyond, strict=True):
        answer: AsGood = "undecided"
        if near is not None and near <= LEVEL:
            answer = "equivalent"
        elif far is not None and far <= LEVEL:
            answer = "different"
        found.append(None if each is None else answer)
    return found
