"""Treatments at equal dose: compared inside the range of doses that they have in common, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depsim.outcomes import PRIMARY, PrimaryOutcome
from depsim.stages import TREATED
from depsim.statistics import DoseCurve, EqualDoses, at_equal_doses, contrast, dose_curve, verdict
from depsim.statistics.iso_dose import SHARES
from depsim.study.analyses.contrasts import with_majorities
from depsim.study.analyses.response import is_number
from depsim.study.estimate import Estimate, Value, family, of_contrast
from depsim.study.groups import Group, groups, varied
from depsim.study.naming import name_treatment
from depsim.study.reading import Study, StudyArm
from depsim.study.stored import of_treatment

DOSE = "dose/l1"
OUTCOMES: tuple[PrimaryOutcome, ...] = tuple(o for o in PRIMARY if o.column in ("combined", "internal_noise_2.5"))
MIDDLE = 0.5
"""Where in the common range of doses treatments are tested, on the log dose."""
_FEWEST_TREATMENTS, _FEWEST_DOSES = 2, 3
"""That a comparison needs, and each of its treatments: two conditions are no curve."""


@dataclass(frozen=True, eq=False)
class IsoDose:
    """Treatments with several doses each, given to the same individuals.

    Args:
        key: what sets the comparison apart from others of the study.
        arms: the conditions of each treatment, by its name.
        curves: of each treatment, by seed; whoever has no outcome there is missing.
        equal: by seed, the outcomes at equal doses of those in whom the treatments have a range of doses in common.
        excluded: the individuals in whom they have none; they are in no comparison.
    """

    key: Mapping[str, str | float]
    arms: Mapping[str, tuple[StudyArm, ...]]
    curves: Mapping[str, Mapping[int, DoseCurve]]
    equal: Mapping[int, EqualDoses]
    excluded: tuple[int, ...]

    @property
    def treatments(self) -> tuple[str, ...]:
        """Their names, in the order of the study."""
        return tuple(self.curves)

    @property
    def doses(self) -> np.ndarray:
        """Geometric means over individuals of the doses that are compared, (P,); empty where nobody is compared."""
        if not self.equal:
            return np.empty(0)
        return np.asarray(np.exp(np.mean([np.log(person.doses) for person in self.equal.values()], axis=0)))


def iso_doses(study: Study) -> tuple[IsoDose, ...]:
    """The comparisons that a study allows, one for each of its surroundings.

    A treatment takes part if it has three or more conditions that differ in numbers only, and moves weights: then its
    conditions are doses of one thing. Two such treatments are the fewest.
    """
    comparisons = (_of_group(group) for group in groups(study, ("treatment",)))
    return tuple(comparison for comparison in comparisons if comparison is not None)


def equal_dose_pairs(iso: IsoDose) -> tuple[Estimate, ...]:
    """Every two treatments in every outcome at every place of the common range; empty where nobody has one.

    All pairs and outcomes in the middle of the range are one family of tests; elsewhere nothing is tested.
    """
    if not iso.equal:
        return ()
    table = np.stack([person.outcomes for person in iso.equal.values()])  # (N, D, P, M)
    tests = len(OUTCOMES) * math.comb(len(iso.treatments), 2)
    rows = []
    for m, outcome in enumerate(OUTCOMES):
        for (i, a), (j, b) in combinations(enumerate(iso.treatments), 2):
            for place, (share, dose) in enumerate(zip(SHARES, iso.doses, strict=True)):
                first, other = table[:, i, place, m], table[:, j, place, m]
                key = {**iso.key, "a": a, "b": b, "outcome": outcome.column, "share": share, "dose": float(dose)}
                paired = contrast(first, other, tests)
                more: dict[str, Value] = {
                    "mean_a": float(first.mean()), "mean_b": float(other.mean()), "d_z": paired.d_z, "tests": tests,
                    "superiority": None if paired.superiority is None else paired.superiority.share,
                    "superiority_p": paired.superiority_p if share == MIDDLE else None,
                }  # fmt: skip
                row = of_contrast(key, paired, **more)
                rows.append(row if share == MIDDLE else row._replace(p=None))
    judged = [
        row._replace(verdict=verdict(row.p_holm, row.n, tests)) if row.p is not None else row for row in family(rows)
    ]
    return with_majorities(judged)


def _of_group(group: Group) -> IsoDose | None:
    arms: dict[str, list[StudyArm]] = {}
    for arm in group.arms:
        if arm.has(DOSE):
            arms.setdefault(name_treatment(arm.treatment), []).append(arm)
    arms = {treatment: treatment_arms for treatment, treatment_arms in arms.items() if _are_doses(treatment_arms)}
    if len(arms) < _FEWEST_TREATMENTS:
        return None
    curves = {treatment: _curves(treatment_arms) for treatment, treatment_arms in arms.items()}
    everyone = sorted({seed for treatment_arms in arms.values() for arm in treatment_arms for seed in arm.seeds})
    equal: dict[int, EqualDoses] = {}
    for seed in everyone:
        own_curves = [by_seed[seed] for by_seed in curves.values() if seed in by_seed]
        equal_doses = at_equal_doses(own_curves) if len(own_curves) == len(curves) else None
        if equal_doses is not None:
            equal[seed] = equal_doses
    excluded = tuple(seed for seed in everyone if seed not in equal)
    return IsoDose(
        group.key, {name: tuple(treatment_arms) for name, treatment_arms in arms.items()}, curves, equal, excluded
    )


def _are_doses(arms: Sequence[StudyArm]) -> bool:
    """Whether a treatment's conditions differ in numbers only, and in the dose."""
    if len(arms) < _FEWEST_DOSES or not any((arm.values(DOSE) > 0).any() for arm in arms):
        return False
    differing = [key for key in varied(arms) if of_treatment(key)]
    return all(is_number(arm.settings.get(key, "")) for arm in arms for key in differing)


def _curves(arms: Sequence[StudyArm]) -> dict[int, DoseCurve]:
    """The curve of everyone who has one, by seed."""
    points: dict[int, list[list[float]]] = {}
    for arm in arms:
        columns = [arm.values(DOSE), *(arm.values(f"{TREATED}/{outcome.column}") for outcome in OUTCOMES)]
        for seed, *values in zip(arm.seeds, *columns, strict=True):
            points.setdefault(seed, []).append([float(value) for value in values])
    tables = {seed: np.array(rows) for seed, rows in points.items()}
    curves = {seed: dose_curve(table[:, 0], table[:, 1:]) for seed, table in tables.items()}
    return {seed: curve for seed, curve in curves.items() if curve is not None}
