"""Accuracy under internal noise that pushes all hidden units one way, and how large a push halves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from depsim.assessment.mood import BIAS_NOISE
from depsim.stages import TREATED
from depsim.statistics import proportion, share_p, smallest_share_p, verdict
from depsim.study.analyses.course import NOISE, ConditionCurve, curve, untreated_stages
from depsim.study.estimate import Estimate, Value, family, of_proportion
from depsim.study.groups import Condition, Group
from depsim.study.stored import stored_chance

BIASED = "biased_"
"""How the names of accuracies under biased noise begin."""


class Bias(NamedTuple):
    """The individuals of a condition under biased noise.

    Args:
        curve: accuracies by the mean of the noise, from 0 on where that was measured.
        thresholds: of each individual, (N,): the mean at which accuracy is half of its own without noise; infinite
            where no measured mean is large enough, NaN where that half is below chance or accuracy at 0 is not known.
    """

    curve: ConditionCurve
    thresholds: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """The thresholds of those who have one, reached or not, rising."""
        return np.sort(self.thresholds[~np.isnan(self.thresholds)])

    @property
    def median(self) -> float:
        """The smallest threshold that half of those who have one do not exceed; infinite where more are not reached."""
        known = self.known
        return float(known[(known.size - 1) // 2]) if known.size else float("nan")

    def spell(self, threshold: float) -> str | float | None:
        """A threshold: a number, ``> 1.0`` beyond the largest mean that was measured, or None."""
        if np.isnan(threshold):
            return None
        return f"> {self.curve.x[-1]}" if np.isinf(threshold) else threshold


def bias_of(condition: Condition) -> Bias | None:
    """A condition under biased noise; None where nobody was examined so.

    The threshold is where the line between two neighbouring means first falls to the half.
    """
    prefix = f"{condition.stage}/{BIASED}"
    names = {name for name in condition.arm.metrics if name.startswith(prefix)}
    means = sorted(float(name.removeprefix(prefix)) for name in names if "/" not in name.removeprefix(prefix))
    accuracies = curve(condition, {0.0: f"{NOISE}{BIAS_NOISE}", **{mean: f"{BIASED}{mean}" for mean in means}})
    if not means or accuracies is None:
        return None
    standard, chance = condition.values("standard"), stored_chance(condition.arm.settings)
    halves = np.array([standard.get(seed, np.nan) / 2 for seed in accuracies.seeds])
    if chance is None or accuracies.x[0] > 0:
        halves[:] = np.nan
    else:
        halves[halves < chance] = np.nan
    return Bias(accuracies, first_crossing(np.array(accuracies.x), accuracies.people, halves))


def biases(group: Group) -> list[Bias]:
    """Of the healthy and the depressed networks, and of each condition."""
    return [
        exam for condition in (*untreated_stages(group), *group.conditions) if (exam := bias_of(condition)) is not None
    ]


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
    crossings = np.full(len(curves), np.inf)
    for person, (accuracies, height) in enumerate(zip(curves, heights, strict=True)):
        below = np.flatnonzero(accuracies <= height)
        if np.isnan(height):
            crossings[person] = np.nan
        elif below.size:
            k = int(below[0])
            part = (accuracies[k - 1] - height) / (accuracies[k - 1] - accuracies[k]) if k else 0.0
            crossings[person] = x[k - 1] + part * (x[k] - x[k - 1]) if k else x[0]
    return crossings


def threshold_rows(conditions: Sequence[Bias], apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """The median threshold of each condition and its range; one that is not reached is larger than all that are.

    Where the median is not reached the row has no value. n: individuals with a threshold, reached or not.
    """
    rows = []
    for exam in conditions:
        known, median = exam.known, exam.median
        more: dict[str, Value] = {
            "median": exam.spell(median),
            "smallest": exam.spell(known[0]) if known.size else None,
            "largest": exam.spell(known[-1]) if known.size else None,
            "not_reached": int(np.isinf(known).sum()),
            "no_threshold": int(np.isnan(exam.thresholds).sum()),
        }
        key = {**apart, "condition": exam.curve.condition.name, "outcome": "threshold"}
        rows.append(Estimate(key, known.size, median if np.isfinite(median) else None, more=more))
    return tuple(rows)


def individual_rows(conditions: Sequence[Bias], apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """The threshold of each individual who has one."""
    return tuple(
        Estimate(
            {**apart, "condition": exam.curve.condition.name, "outcome": "threshold", "seed": seed},
            1,
            threshold if np.isfinite(threshold) else None,
            more={"median": exam.spell(threshold)},
        )
        for exam in conditions
        for seed, threshold in zip(exam.curve.seeds, exam.thresholds.tolist(), strict=True)
        if not np.isnan(threshold)
    )


def sign_rows(conditions: Sequence[Bias], apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """Which of two treated conditions has the higher threshold, within individuals: one family over all pairs.

    Only the direction counts, as thresholds that are not reached are known to be higher than all that are, but not by
    how much; both not reached is a tie. The value is the share with A above B, ties half; p of the sign test leaves
    ties out, and is None below two individuals without.
    """
    treated = [exam for exam in conditions if exam.curve.condition.stage == TREATED]
    pairs = [
        (a, b) for a, b in combinations(treated, 2) if a.curve.condition.arm.arm_key != b.curve.condition.arm.arm_key
    ]
    rows = family([row for a, b in pairs if (row := _signs(a, b, apart)) is not None])
    return tuple(
        row._replace(
            verdict=verdict(row.p_holm, row.n, len(rows), smallest=smallest_share_p(row.n, 0.5)),
            more={**row.more, "tests": len(rows)},
        )
        for row in rows
    )


def _signs(a: Bias, b: Bias, apart: Mapping[str, str | float]) -> Estimate | None:
    first, second = (dict(zip(exam.curve.seeds, exam.thresholds.tolist(), strict=True)) for exam in (a, b))
    both = np.array([(first[seed], second[seed]) for seed in first if seed in second]).reshape(-1, 2)
    both = both[~np.isnan(both).any(axis=1)]
    if not len(both):
        return None
    signs = (both[:, 0] > both[:, 1]).astype(float) - (both[:, 0] < both[:, 1])
    higher, lower = int((signs > 0).sum()), int((signs < 0).sum())
    key = {**apart, "a": a.curve.condition.name, "b": b.curve.condition.name, "outcome": "threshold"}
    more: dict[str, Value] = {"higher": higher, "lower": lower, "ties": signs.size - higher - lower}
    p = share_p(higher, higher + lower, 0.5) if higher + lower > 1 else None
    return of_proportion(key, proportion((signs + 1) / 2), **more)._replace(p=p)
