"""Accuracy under internal noise that pushes all hidden units one way, and how large a push halves it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.assessment.mood import BIAS_NOISE
from depsim.statistics import FamilyTest, Proportion, proportion, share_p
from depsim.study.reading import StudyArm
from depsim.study.stored import stored_chance

BIASED, ACTIVATION = "biased_", "activation"
_UNBIASED = f"internal_noise_{BIAS_NOISE}"
"""What a mean of 0 is called."""


@dataclass(frozen=True)
class BiasCurve:
    """The individuals of a condition at a stage.

    Args:
        seeds: those with every value, N of them.
        means: of the noise, rising, from 0 on where that was measured, (K,).
        people: accuracies, per cent, (N, K).
        thresholds: the mean at which accuracy is half of the individual's without noise, (N,): infinite where no
            measured mean is large enough, NaN where that half is below chance or accuracy at 0 is not known.
    """

    seeds: tuple[int, ...]
    means: np.ndarray
    people: np.ndarray
    thresholds: np.ndarray

    @property
    def counted(self) -> np.ndarray:
        """The thresholds of those who have one, reached or not, rising."""
        return np.sort(self.thresholds[~np.isnan(self.thresholds)])

    @property
    def median(self) -> float:
        """The smallest threshold that half of those who have one do not exceed; infinite where more are not reached."""
        own = self.counted
        return float(own[(own.size - 1) // 2]) if own.size else float("nan")


@dataclass(frozen=True)
class Signs(FamilyTest):
    """Which of two conditions has the higher threshold, individual by individual.

    Args:
        higher, lower, ties: individuals with A above B, below it, and neither; where both are not reached is a tie.
        share: of A above B, ties half.
        p, p_holm: of the sign test, which leaves ties out; None below two individuals without.
    """

    higher: int
    lower: int
    ties: int
    share: Proportion


def bias_curve(arm: StudyArm, stage: str) -> BiasCurve | None:
    """The bias curve of a condition at a stage; None where nobody was examined so.

    The threshold is where the line between two neighbouring means first falls to the half.

    References: SCENARIOS 3, "Biased exam".
    """
    prefix = f"{stage}/{BIASED}"
    found = {name for person in arm.individuals for name in person.metrics if name.startswith(prefix)}
    metrics = {float(name.removeprefix(prefix)): name for name in found if "/" not in name.removeprefix(prefix)}
    if metrics and arm.has(f"{stage}/{_UNBIASED}"):
        metrics[0.0] = f"{stage}/{_UNBIASED}"
    means = sorted(metrics)
    table = np.array([arm.values(metrics[mean]) for mean in means]).reshape(len(means), len(arm.seeds)).T
    complete = np.isfinite(table).all(axis=1)
    if not means or not complete.any():
        return None
    seeds = tuple(seed for seed, whole in zip(arm.seeds, complete, strict=True) if whole)
    halves = arm.values(f"{stage}/standard")[complete] / 2
    chance = stored_chance(arm.settings)
    if chance is None or means[0] > 0:
        halves = np.full(halves.shape, np.nan)
    else:
        halves = np.where(halves < chance, np.nan, halves)
    return BiasCurve(seeds, np.array(means), table[complete], first_crossing(np.array(means), table[complete], halves))


def first_crossing(x: np.ndarray, curves: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Where each curve first falls to a height, by linear interpolation.

    Args:
        x: rising, (K,).
        curves: (N, K).
        heights: (N,); NaN where nothing is asked.

    Shape: (N,); infinite where a curve stays above, NaN where nothing was asked.

    >>> first_crossing(np.array([0.0, 1.0]), np.array([[100.0, 0.0], [100.0, 60.0]]), np.array([50.0, 50.0])).tolist()
    [0.5, inf]
    """
    found = np.full(len(curves), np.inf)
    for person, (curve, height) in enumerate(zip(curves, heights, strict=True)):
        below = np.flatnonzero(curve <= height)
        if np.isnan(height):
            found[person] = np.nan
        elif below.size:
            k = int(below[0])
            part = (curve[k - 1] - height) / (curve[k - 1] - curve[k]) if k else 0.0
            found[person] = x[k - 1] + part * (x[k] - x[k - 1]) if k else x[0]
    return found


def compare_thresholds(a: BiasCurve, b: BiasCurve) -> Signs | None:
    """Which condition has the higher threshold, paired within individuals; None where nobody has both.

    Only the direction counts, as thresholds that are not reached are known to be higher than all that are, but not by
    how much.
    """
    first, second = (dict(zip(each.seeds, each.thresholds.tolist(), strict=True)) for each in (a, b))
    both = [(first[seed], second[seed]) for seed in first if seed in second]
    signs = np.array([float(x > y) - float(x < y) for x, y in both if not np.isnan([x, y]).any()])
    if not signs.size:
        return None
    higher, lower = int((signs > 0).sum()), int((signs < 0).sum())
    p = share_p(higher, higher + lower, 0.5) if higher + lower > 1 else None
    return Signs(higher, lower, signs.size - higher - lower, proportion((signs + 1) / 2), p=p)
