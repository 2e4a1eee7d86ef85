"""In what share of the points of a multiverse each ordering of two arms holds, and what decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from depsim.outcomes import OUTCOMES, metric_of
from depsim.stages import TREATED
from depsim.statistics import exact, proportion, relevant_margin
from depsim.study.analyses.contrasts import RELAPSE_DROP
from depsim.study.estimate import Estimate, Value
from depsim.study.main_effects import MainEffects, main_effects
from depsim.study.multiverse import PAPERS, Multiverse
from depsim.study.naming import PLACEBO_PREFIX, UNTREATED
from depsim.study.reading import Study, StudyArm
from depsim.study.reference import references
from depsim.study.setting_range import COMMON_GROUPS
from depsim.study.stored import of_treatment, stored_ceilings, stored_relevant, stored_tests

Why = Literal["published", "treated", "most"]
"""Why A is expected to be better: it was published so, A has the ingredient, or it is so at most points."""


class ArmPair(NamedTuple):
    """Two arms of a multiverse, by name."""

    a: str
    b: str


class PointEffect(NamedTuple):
    """By how much A is better than B at a point.

    Args:
        point: its number.
        gains: of each individual, points; above 0 where A is better, (N,).
        margin: the smallest relevant difference there; None for what has none declared.
    """

    point: int
    gains: np.ndarray
    margin: float | None

    @property
    def mean(self) -> float:
        """Over individuals."""
        return float(self.gains.mean())


class EndThird(NamedTuple):
    """In how many of the sets in the lowest or the highest third of a setting's range an ordering does not hold.

    Args:
        setting: its place among the keys.
        bound: where the third ends, 0 to 1 of the range.
        fails: sets in it in which the ordering does not hold.
        sets: in it.
        others_fail, others: the same of all other sets.
    """

    setting: int
    bound: float
    fails: int
    sets: int
    others_fail: int
    others: int

    @classmethod
    def of(cls, setting: int, bound: float, inside: np.ndarray, fails: np.ndarray) -> EndThird:
        """Counted from what is inside and what fails, (P,) booleans both."""
        counts = (fails & inside, inside, fails & ~inside, ~inside)
        return cls(setting, bound, *(int(count.sum()) for count in counts))


@dataclass(frozen=True, eq=False)
class Ordering:
    """That A is better than B in an outcome, over all points.

    Args:
        a, b: the arms; A is the one that is expected to be better.
        outcome: its column.
        why: it is expected.
        effects: at each point, by its number.
        multiverse: of the study.
        keys: of the settings that either arm has, K of them.
    """

    a: str
    b: str
    outcome: str
    why: Why
    effects: tuple[PointEffect, ...]
    multiverse: Multiverse
    keys: tuple[str, ...]

    @cached_property
    def means(self) -> np.ndarray:
        """The effect at each point, (P,)."""
        return np.array([effect.mean for effect in self.effects])

    @property
    def holds(self) -> np.ndarray:
        """Whether A is better at each point, (P,)."""
        return exact(self.means) > 0

    @property
    def relevant(self) -> np.ndarray:
        """Whether A is better by more than the smallest relevant difference, (P,); NaN where none is declared."""
        return np.array([np.nan if e.margin is None else float(exact(e.mean) > e.margin) for e in self.effects])

    @cached_property
    def places(self) -> np.ndarray:
        """Where the points lie on the scale of each setting, 0 to 1 within its range, (P, K)."""
        settings, space = self.multiverse.settings, self.multiverse.space
        rows = [[space[key].place(settings[effect.point][key]) for key in self.keys] for effect in self.effects]
        return np.array(rows).reshape(len(self.effects), len(self.keys))

    @property
    def where_not(self) -> EndThird | None:
        """The end of the range of the setting that stands out where it holds least often; None where none does."""
        if self.decided is None or self.decided.deciding is None or self.holds.all():
            return None
        setting = self.decided.deciding
        drawn = np.isfinite(self.places).all(axis=1)
        column, fails = self.places[drawn, setting], ~self.holds[drawn]
        ends = (
            EndThird.of(setting, 1 / 3, column <= 1 / 3, fails),
            EndThird.of(setting, 2 / 3, column >= 2 / 3, fails),
        )
        return max((end for end in ends if end.sets), key=lambda end: end.fails / end.sets, default=None)

    @cached_property
    def decided(self) -> MainEffects | None:
        """What share of the variance over points each setting accounts for; None below 60 points."""
        drawn = np.isfinite(self.places).all(axis=1)
        return main_effects(self.places[drawn], self.means[drawn])

    def row(self) -> Estimate:
        """The share of points in which it holds, per cent, with Wilson's interval; points are the n."""
        share, far = proportion(self.holds), proportion(self.relevant)
        value, low, high = share.per_cent
        paper = next((effect.mean for effect in self.effects if effect.point == PAPERS), None)
        more: dict[str, Value] = {
            "count": int(share.count),
            "why": self.why,
            "median": float(np.median(self.means)),
            "lowest": float(self.means.min()),
            "highest": float(self.means.max()),
            "paper": paper,
        }
        if far.n:
            more |= {"relevant": far.per_cent[0], "relevant_low": far.per_cent[1], "relevant_high": far.per_cent[2]}
        return Estimate({"a": self.a, "b": self.b, "outcome": self.outcome}, share.n, value, low, high, more=more)


def arm_pairs(multiverse: Multiverse) -> list[ArmPair]:
    """The pairs whose order is asked: drug and drug, drug and its placebo; without placebos drug and no treatment."""
    drugs = [arm for arm in multiverse.arms if arm != UNTREATED and not arm.startswith(PLACEBO_PREFIX)]
    pairs = [ArmPair(a, b) for a, b in combinations(drugs, 2)]
    placebos = [
        ArmPair(drug, f"{PLACEBO_PREFIX}{drug}") for drug in drugs if f"{PLACEBO_PREFIX}{drug}" in multiverse.arms
    ]
    without = [ArmPair(drug, UNTREATED) for drug in drugs] if UNTREATED in multiverse.arms else []
    return pairs + (placebos or without)


def orderings(study: Study) -> tuple[Ordering, ...]:
    """Each pair of arms in each primary outcome, over the points that have both; the pair that was first, first.

    References: Steegen et al. (2016), "Increasing transparency through a multiverse analysis".
    """
    multiverse = study.multiverse
    if multiverse is None:
        return ()
    arms = {arm.arm_key: arm for arm in study.arms if arm.individuals}
    made = [_ordering(multiverse, arms, pair, column) for pair in arm_pairs(multiverse) for column in OUTCOMES]
    return tuple(ordering for ordering in made if ordering is not None)


def _ordering(multiverse: Multiverse, arms: Mapping[str, StudyArm], pair: ArmPair, column: str) -> Ordering | None:
    """One pair in one outcome; None where no point has both."""
    if column == RELAPSE_DROP and UNTREATED in pair:
        return None
    better = 1.0 if OUTCOMES[column].higher_is_better else -1.0
    there = [multiverse.at(arm) for arm in pair]
    measured: list[tuple[int, np.ndarray, StudyArm, StudyArm]] = []
    for point in sorted(set(there[0]) & set(there[1])):
        a, b = (arms.get(conditions[point].arm_key) for conditions in there)
        if a is None or b is None:
            continue
        both = _paired(a, b, there[0][point].seeds, column)
        if both.size:
            measured.append((point, both, a, b))
    if not measured:
        return None
    gains = [better * (both[:, 0] - both[:, 1]) for _, both, _, _ in measured]
    why, sign = _expected(measured[0][2], measured[0][3], pair, column, gains)
    effects = tuple(
        PointEffect(point, sign * gain, _margin(a, both, column))
        for (point, both, a, _), gain in zip(measured, gains, strict=True)
    )
    names = pair if sign > 0 else pair[::-1]
    keys = _keys(multiverse, measured[0][2], measured[0][3])
    return Ordering(names[0], names[1], column, why, effects, multiverse, keys)


def _paired(a: StudyArm, b: StudyArm, seeds: tuple[int, ...], column: str) -> np.ndarray:
    """The values of the individuals of a point who have both, (N, 2)."""
    metric = metric_of(TREATED, column)
    assert metric is not None
    columns = [{one.seed: one.metrics.get(metric, np.nan) for one in arm.individuals} for arm in (a, b)]
    rows = [[of_seed.get(seed, np.nan) for of_seed in columns] for seed in seeds]
    both = np.array(rows, dtype=np.float64).reshape(len(seeds), 2)
    return both[np.isfinite(both).all(axis=1)]


def _expected(a: StudyArm, b: StudyArm, pair: ArmPair, column: str, gains: list[np.ndarray]) -> tuple[Why, float]:
    """Why which of two arms is expected to be better, and 1 if it is the first."""
    if told := next((told for reference in references() if (told := reference.better(a, b, column))), 0):
        return "published", float(told)
    if pair.b == UNTREATED or pair.b.startswith(PLACEBO_PREFIX):
        return "treated", 1.0
    return "most", 1.0 if np.median([gain.mean() for gain in gains]) >= 0 else -1.0


def _margin(a: StudyArm, both: np.ndarray, column: str) -> float | None:
    """The smallest relevant difference at a point, less near a ceiling."""
    declared = stored_relevant(a.settings).get(column)
    if declared is None or column == RELAPSE_DROP:
        return declared
    ceiling, better = stored_ceilings(a.settings).get(column, 100.0), float(both.mean(axis=0).max())
    return relevant_margin(declared, ceiling, better, stored_tests(a.settings))


def _keys(multiverse: Multiverse, a: StudyArm, b: StudyArm) -> tuple[str, ...]:
    """The settings of the space that either arm has: those of every arm, and of the treatments in it."""
    treatments = {value for arm in (a, b) for key, value in arm.settings.items() if of_treatment(key)}
    return tuple(key for key in multiverse.space if key.partition(".")[0] in {*COMMON_GROUPS, *treatments})
