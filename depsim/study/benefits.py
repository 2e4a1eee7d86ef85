"""Who benefits from what: effects of treatments on individuals that differ, along their traits and in a map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from depsim.outcomes import PRIMARY, Outcome
from depsim.stages import TREATED
from depsim.statistics import (
    Contrast,
    Reliability,
    Slope,
    contrast,
    family,
    from_best,
    reliability,
    resampled_share,
    slopes,
)
from depsim.study.components import without_crossed
from depsim.study.kept import kept
from depsim.study.naming import distinct
from depsim.study.reading import Group, Study, StudyArm, paired
from depsim.study.reliability import replicates_of
from depsim.traits import STRESS_SENSITIVITY, STRUCTURAL_LOSS, TRAITS

OUTCOMES = tuple(outcome for outcome in PRIMARY if outcome.column in ("combined", "resilience_auc"))
"""What effects are measured on; rules and maps go by the last one."""
CONTROL = "none"
_SKEWED = 1.0
"""Skewness from which an interval for normal values is not given."""
_CELL, _MOST_CELLS = 40, 4
"""Individuals a cell of the map should have on average, and cells a side at most."""
FEWEST_IN_A_CELL = 30


@dataclass(frozen=True)
class Effect:
    """What a treatment does to individuals, beside no treatment.

    Args:
        arm: the treatment.
        outcome: on which.
        contrast: treated less untreated.
        reliability: of an individual's effect, from those with every replicate; its interval by the bootstrap where
            effects are skewed. None without replicates.
        resampled: whether it is.
    """

    arm: StudyArm
    outcome: Outcome
    contrast: Contrast
    reliability: Reliability | None
    resampled: bool = False


@dataclass(frozen=True)
class TraitSlope:
    """How the effect of a treatment goes with a trait, the others held.

    Args:
        arm, outcome, trait: of what.
        slope: in points per standard deviation of the trait on the scale that it is drawn on; None where it can't be
            told. Its family is all of the study's slopes.
    """

    arm: StudyArm
    outcome: Outcome
    trait: str
    slope: Slope | None


@dataclass(frozen=True)
class Cell:
    """Individuals of like traits.

    Args:
        row, column: its place.
        n: individuals.
        best: the treatment with the highest mean; None without an individual.
        may_be_best: all that may be, surely (:func:`depsim.statistics.from_best`); empty below the fewest in a cell.
    """

    row: int
    column: int
    n: int
    best: StudyArm | None
    may_be_best: tuple[StudyArm, ...]


@dataclass(frozen=True)
class BenefitMap:
    """The best treatment by structural loss (columns) and stress sensitivity (rows).

    Args:
        n: individuals.
        arms: the treatments.
        rows, columns: the ends of the cells, K + 1 each, with equal numbers of individuals between them.
        cells: K * K, row by row.
    """

    n: int
    arms: tuple[StudyArm, ...]
    rows: tuple[float, ...]
    columns: tuple[float, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Benefits:
    """Treatments of individuals that are paired.

    Args:
        data: ``shared`` or ``individual``.
        effects: by treatment and outcome.
        slopes: by treatment, outcome and trait; empty where nobody differs in a trait.
        map: None without both traits, or without enough individuals.
    """

    data: str
    effects: tuple[Effect, ...]
    slopes: tuple[TraitSlope, ...]
    map: BenefitMap | None


@kept
def benefits(study: Study) -> tuple[Benefits, ...]:
    """What treatments do to individuals that differ in traits, or that have replicates; empty without either.

    References: STATISTICS 10, 11.
    """
    found = [_benefits(group) for group in without_crossed(study).groups() if _is_asked(group)]
    tested = iter(family([one.slope for own in found for one in own.slopes]))
    return tuple(replace(own, slopes=tuple(replace(one, slope=next(tested)) for one in own.slopes)) for own in found)


def differing(arm: StudyArm) -> tuple[str, ...]:
    """The traits in which an arm's individuals differ."""
    return tuple(trait for trait in TRAITS if arm.has(f"trait/{trait}") and np.ptp(_finite(arm, trait)) > 0)


def treated_arms(group: Group) -> list[StudyArm]:
    """Each treatment of a group once, but for none."""
    return [arm for arm in distinct(group.arms) if arm.treatment != CONTROL]


def together(arms: Sequence[StudyArm], columns: Sequence[str], metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Measures of individuals from before their treatment, (N, P), and an outcome of theirs under each arm, (N, A).

    Those who have all of it, by seed.

    Args:
        arms: A of them.
        columns: metrics that are the same in all arms.
        metric: of the outcome.
    """
    seeds, outcomes = paired(arms, metric)
    places = [arms[0].seeds.index(seed) for seed in seeds]
    measures = np.array([arms[0].values(each)[places] for each in columns]).T
    complete = np.isfinite(measures).all(axis=1)
    return measures[complete], outcomes[complete]


def _is_asked(group: Group) -> bool:
    control = _control(group)
    return control is not None and bool(treated_arms(group)) and bool(differing(control) or control.replicates)


def _control(group: Group) -> StudyArm | None:
    return next((arm for arm in group.arms if arm.treatment == CONTROL and arm.individuals), None)


def _benefits(group: Group) -> Benefits:
    control, arms = _control(group), treated_arms(group)
    assert control is not None
    traits = differing(control)
    effects = tuple(_effect(arm, control, outcome) for arm, outcome in product(arms, OUTCOMES))
    found = tuple(
        one for arm, outcome in product(arms, OUTCOMES) for one in _trait_slopes(arm, control, outcome, traits)
    )
    return Benefits(
        group.data, effects, found, _map(arms) if {STRUCTURAL_LOSS, STRESS_SENSITIVITY} <= {*traits} else None
    )


def _effect(arm: StudyArm, control: StudyArm, outcome: Outcome) -> Effect:
    metric = f"{TREATED}/{outcome.column}"
    _, values = paired([arm, control], metric)
    again = _over_replicates(arm, control, metric)
    found = reliability(again)
    resampled = found is not None and _is_skewed(again.mean(axis=1))
    if found is not None and resampled:
        low, high = resampled_share(again) or (None, None)
        found = replace(found, low=low, high=high)
    return Effect(arm, outcome, contrast(values[:, 0], values[:, 1]), found, resampled)


def _is_skewed(values: np.ndarray) -> bool:
    from scipy.stats import skew  # slow to import

    return bool(np.ptp(values) > 0 and abs(skew(values)) > _SKEWED)


def _over_replicates(arm: StudyArm, control: StudyArm, metric: str) -> np.ndarray:
    """The effect on each individual in each replicate that both conditions have, (N, R)."""
    pairs = list(zip(replicates_of(arm), replicates_of(control), strict=False))
    common = sorted(set.intersection(*(set(people) for pair in pairs for people in pair)))
    rows = [[one[s].get(metric, np.nan) - other[s].get(metric, np.nan) for one, other in pairs] for s in common]
    table = np.array(rows, dtype=np.float64).reshape(len(common), len(pairs))
    return np.asarray(table[np.isfinite(table).all(axis=1)])


def _trait_slopes(arm: StudyArm, control: StudyArm, outcome: Outcome, traits: Sequence[str]) -> Iterator[TraitSlope]:
    if not traits:
        return
    names = [f"trait/{trait}" for trait in traits]
    measured, values = together([arm, control], names, f"{TREATED}/{outcome.column}")
    scaled = [_as_drawn(trait, own) for trait, own in zip(traits, measured.T, strict=True)]
    found = slopes(np.array(scaled).T, values[:, 0] - values[:, 1])
    for trait, slope in zip(traits, found, strict=True):
        yield TraitSlope(arm, outcome, trait, slope)


def _as_drawn(trait: str, values: np.ndarray) -> np.ndarray:
    """A trait on the scale on which it is normal: the logit of a share, else the logarithm."""
    return np.asarray(np.log(values / (1 - values) if trait == STRUCTURAL_LOSS else values))


def _map(arms: Sequence[StudyArm]) -> BenefitMap | None:
    names = [f"trait/{trait}" for trait in (STRESS_SENSITIVITY, STRUCTURAL_LOSS)]
    measured, values = together(arms, names, f"{TREATED}/{OUTCOMES[-1].column}")
    side = min(int((len(values) / _CELL) ** 0.5), _MOST_CELLS)
    if side < 2 or len(arms) < 2:
        return None
    ends = [np.quantile(own, np.linspace(0, 1, side + 1)) for own in measured.T]
    places = [np.searchsorted(end[1:-1], own, side="right") for end, own in zip(ends, measured.T, strict=True)]
    cells = tuple(
        _cell(row, column, values[(places[0] == row) & (places[1] == column)], arms, side**2)
        for row, column in product(range(side), repeat=2)
    )
    rows, columns = (tuple(end.tolist()) for end in ends)
    return BenefitMap(len(values), tuple(arms), rows, columns, cells)


def _cell(row: int, column: int, values: np.ndarray, arms: Sequence[StudyArm], cells: int) -> Cell:
    best = arms[int(values.mean(axis=0).argmax())] if len(values) else None
    may: tuple[StudyArm, ...] = ()
    if len(values) >= FEWEST_IN_A_CELL:
        may = tuple(arm for arm, own in zip(arms, from_best(values, cells), strict=True) if own.may_be_best)
    return Cell(row, column, len(values), best, may)


def _finite(arm: StudyArm, trait: str) -> np.ndarray:
    own = arm.values(f"trait/{trait}")
    return np.asarray(own[np.isfinite(own)])
