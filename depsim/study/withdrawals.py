"""Accuracy while drugs are taken off step by step: how much of it is borrowed, and where it is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from depsim.follow_up import WithdrawalCurve
from depsim.stages import BEFORE, WITHDRAWAL
from depsim.statistics import Contrast, contrast, family
from depsim.study.kept import kept
from depsim.study.reading import Study, StudyArm
from depsim.study.stored import stored_follow_up

MEASURES = ("combined", "internal_noise_2.5", "biased_0.5")
"""What is shown, in this order, as far as it was measured."""


@dataclass(frozen=True, eq=False)
class Withdrawal:
    """A condition in one measure.

    Args:
        arm: the condition.
        measure: which.
        shares: of the drug that are left, falling, (K,).
        people: accuracies of those with every value, per cent, (N, K).
        borrowed: accuracy at the first share less that at the last; its family is all conditions and measures of the
            study.
        relief: accuracy at the first share less that of the depressed network, where that was measured.
    """

    arm: StudyArm
    measure: str
    shares: tuple[float, ...]
    people: np.ndarray
    borrowed: Contrast
    relief: Contrast | None

    @property
    def losses(self) -> np.ndarray:
        """Points lost from each share to the next, (N, K - 1)."""
        return np.asarray(-np.diff(self.people, axis=1))

    @property
    def steepest(self) -> int:
        """The step that loses most on average, from 0 on."""
        return int(self.losses.mean(axis=0).argmax())

    @property
    def agreeing(self) -> int:
        """Individuals that lose most in that step, too."""
        losses = self.losses
        return int((losses.argmax(axis=1) == self.steepest).sum())


@kept
def withdrawals(study: Study) -> tuple[Withdrawal, ...]:
    """Every condition whose drug was taken off step by step, by measure."""
    found = [own for measure in MEASURES for arm in study.arms if (own := _withdrawal(arm, measure)) is not None]
    borrowed = family([own.borrowed for own in found])
    return tuple(replace(own, borrowed=tested) for own, tested in zip(found, borrowed, strict=True))


def _withdrawal(arm: StudyArm, measure: str) -> Withdrawal | None:
    follow_up = stored_follow_up(arm.settings)
    shares = follow_up.shares if isinstance(follow_up, WithdrawalCurve) else ()
    metrics = [f"{WITHDRAWAL}/{measure}/{place}" for place in range(len(shares))]
    if len(shares) < 2 or not all(map(arm.has, metrics)):
        return None
    table = np.array([arm.values(metric) for metric in metrics]).T
    complete = np.isfinite(table).all(axis=1)
    people = table[complete]
    if not len(people):
        return None
    before = arm.values(f"{BEFORE}/depressed_{measure}")[complete]
    relief = None if np.isnan(before).all() else contrast(people[:, 0], before)
    return Withdrawal(arm, measure, shares, people, contrast(people[:, 0], people[:, -1]), relief)
