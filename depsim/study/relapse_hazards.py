"""Hazards of a relapse beside each other: a second look at what maintenance and drugs do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from depsim.statistics import HazardRatio, family, hazard_ratio
from depsim.study.courses import MAINTENANCE, both_lasting
from depsim.study.reading import StudyArm

OWN = "own"


@dataclass(frozen=True, eq=False)
class HazardContrast:
    """The hazard of a relapse in one arm over that in another, paired within individuals.

    Args:
        a, b: the arms.
        n: individuals in both; of two maintenances of a drug, those who were in remission at cycle 0 in both.
        found: the ratio, or None where there is none to tell; its family is all contrasts of the kind.
    """

    a: StudyArm
    b: StudyArm
    n: int
    found: HazardRatio | None


def maintenance_hazards(arms: Sequence[StudyArm]) -> list[HazardContrast]:
    """Each two maintenances of a treatment, from cycle 1 on: before it they are one."""
    pairs = [(a, b) for a, b in combinations(arms, 2) if a.treatment == b.treatment]
    return _contrasts(pairs, first=1)


def drug_hazards(arms: Sequence[StudyArm]) -> list[HazardContrast]:
    """Each two treatments with their own maintenance, from cycle 0 on, where who is not in remission has relapsed."""
    own = [arm for arm in arms if arm.settings.get(MAINTENANCE) == OWN]
    return _contrasts([(a, b) for a, b in combinations(own, 2) if a.treatment != b.treatment], first=0)


def _contrasts(pairs: Sequence[tuple[StudyArm, StudyArm]], first: int) -> list[HazardContrast]:
    asked, ratios = list[tuple[StudyArm, StudyArm, int]](), list[HazardRatio | None]()
    for a, b in pairs:
        cycles, ended = both_lasting(a, b)
        if a.arm_key == b.arm_key or not len(cycles):
            continue
        begun = (cycles >= first).all(axis=1)
        asked.append((a, b, int(begun.sum())))
        ratios.append(hazard_ratio(cycles[begun].astype(int), ended[begun]))
    return [HazardContrast(*each, ratio) for each, ratio in zip(asked, family(ratios), strict=True)]
