"""Treatments at equal dose: compared inside the range of doses that they have in common, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from depsim.outcomes import PRIMARY, Outcome
from depsim.stages import TREATED
from depsim.statistics import Contrast, DoseCurve, EqualDoses, at_equal_doses, contrast, dose_curve, family
from depsim.statistics.iso_dose import SHARES
from depsim.study.axes import varied
from depsim.study.components import without_crossed
from depsim.study.kept import kept
from depsim.study.naming import distinct
from depsim.study.reading import Group, Study, StudyArm
from depsim.study.stored import of_treatment
from depsim.study.table import number_or_text

DOSE = "dose/l1"
OUTCOMES: tuple[Outcome, ...] = tuple(o for o in PRIMARY if o.column in ("combined", "internal_noise_2.5"))
MIDDLE = SHARES.index(0.5)
_FEWEST_TREATMENTS, _FEWEST_DOSES = 2, 3
"""That a comparison needs, and each of its treatments: two conditions are no curve."""


@dataclass(frozen=True, eq=False)
class IsoDose:
    """Treatments with several doses each, given to the same individuals.

    Args:
        data: ``shared`` or ``individual``.
        conditions: how many each treatment has, by its name.
        curves: of each treatment, by seed; whoever has no outcome there is missing.
        found: by seed, the outcomes at equal doses of those in whom the treatments have a range of doses in common.
        apart: the individuals in whom they have none; they are in no comparison.
    """

    data: str
    conditions: Mapping[str, int]
    curves: Mapping[str, Mapping[int, DoseCurve]]
    found: Mapping[int, EqualDoses]
    apart: tuple[int, ...]

    @property
    def treatments(self) -> tuple[str, ...]:
        """Their names, in the order of the study."""
        return tuple(self.curves)

    @property
    def doses(self) -> np.ndarray:
        """Geometric means over individuals of the doses that are compared, (P,)."""
        return np.asarray(np.exp(np.mean([np.log(each.doses) for each in self.found.values()], axis=0)))


@dataclass(frozen=True)
class EqualDosePair:
    """Treatment A against treatment B at one place in each individual's range.

    Args:
        outcome: which.
        a, b: the treatments.
        share: how far from the low end of the range to its high one, on the log dose.
        dose: there, the geometric mean over individuals.
        contrast: of A - B; its family is all pairs and outcomes in the middle of the range, and elsewhere it has no p.
    """

    outcome: Outcome
    a: str
    b: str
    share: float
    dose: float
    contrast: Contrast


@kept
def iso_doses(study: Study) -> tuple[IsoDose, ...]:
    """The comparisons that a study allows, one for each of its surroundings.

    A treatment takes part if it has three or more conditions that differ in numbers only, and moves weights: then its
    conditions are doses of one thing. Two such treatments are the fewest.
    """
    found = (_of_group(group) for group in without_crossed(study).groups())
    return tuple(each for each in found if each is not None)


@kept
def pairs(iso: IsoDose) -> tuple[EqualDosePair, ...]:
    """Every two treatments in every outcome at every place of the common range; empty where nobody has one."""
    if not iso.found:
        return ()
    table = np.stack([each.outcomes for each in iso.found.values()])  # (N, D, P, M)
    tests = len(OUTCOMES) * math.comb(len(iso.treatments), 2)
    wanted = [
        (outcome, a, b, place, contrast(table[:, i, place, m], table[:, j, place, m], tests))
        for m, outcome in enumerate(OUTCOMES)
        for (i, a), (j, b) in combinations(enumerate(iso.treatments), 2)
        for place in range(len(SHARES))
    ]
    found = family([own if place == MIDDLE else replace(own, p=None) for *_, place, own in wanted])
    return tuple(
        EqualDosePair(outcome, a, b, SHARES[place], float(iso.doses[place]), own)
        for (outcome, a, b, place, _), own in zip(wanted, found, strict=True)
    )


def _of_group(group: Group) -> IsoDose | None:
    arms: dict[str, list[StudyArm]] = {}
    for arm in distinct(group.arms):
        if arm.has(DOSE):
            arms.setdefault(arm.treatment, []).append(arm)
    arms = {treatment: own for treatment, own in arms.items() if _are_doses(own)}
    if len(arms) < _FEWEST_TREATMENTS:
        return None
    curves = {treatment: _curves(own) for treatment, own in arms.items()}
    everyone = sorted({seed for own in arms.values() for arm in own for seed in arm.seeds})
    found: dict[int, EqualDoses] = {}
    for seed in everyone:
        own_curves = [own[seed] for own in curves.values() if seed in own]
        equal = at_equal_doses(own_curves) if len(own_curves) == len(curves) else None
        if equal is not None:
            found[seed] = equal
    apart = tuple(seed for seed in everyone if seed not in found)
    return IsoDose(group.data, {name: len(own) for name, own in arms.items()}, curves, found, apart)


def _are_doses(arms: Sequence[StudyArm]) -> bool:
    """Whether a treatment's conditions differ in numbers only, and in the dose."""
    if len(arms) < _FEWEST_DOSES or not any((arm.values(DOSE) > 0).any() for arm in arms):
        return False
    told = [key for key in varied(arms) if of_treatment(key)]
    return all(not isinstance(number_or_text(arm.settings.get(key, "")), str) for arm in arms for key in told)


def _curves(arms: Sequence[StudyArm]) -> dict[int, DoseCurve]:
    """The curve of everyone who has one, by seed."""
    points: dict[int, list[list[float]]] = {}
    for arm in arms:
        columns = [arm.values(DOSE), *(arm.values(f"{TREATED}/{outcome.column}") for outcome in OUTCOMES)]
        for seed, *own in zip(arm.seeds, *columns, strict=True):
            points.setdefault(seed, []).append([float(value) for value in own])
    tables = {seed: np.array(own) for seed, own in points.items()}
    curves = {seed: dose_curve(table[:, 0], table[:, 1:]) for seed, table in tables.items()}
    return {seed: curve for seed, curve in curves.items() if curve is not None}
