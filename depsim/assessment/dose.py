"""Dose: how much a treatment changed the weights."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.lazy_torch import torch
from depsim.steps import Exam, Measured, Probe
from depsim.steps.train import EPOCHS, RATE_STEPS

_SMALLEST = 1e-8
"""Denominator of the relative change of a weight that was 0."""
_TURNED_OVER = 0.10
"""Relative change beyond which a weight counts as turned over."""


@dataclass(frozen=True)
class Dose(Probe):
    """L1 dose and turnover since an earlier examination, weights only.

    ``dose/l1`` is the mean |change| over all weights; ``dose/turnover`` the share, in per cent, of all weights that
    changed by more than a tenth of what they were. ``treatment/epochs`` and ``treatment/rate_steps`` are 0 where
    nothing was trained.

    Args:
        since: the earlier examination.

    References: PROTOCOL, "Assessment", "Dose".
    """

    since: str
    passes = 0

    def __call__(self, exam: Exam) -> Measured:
        """Four metrics."""
        before, after = exam.earlier[self.since].weights, exam.cohort.weights
        total = exam.cohort.architecture.weights
        change = torch.zeros(len(exam.cohort), dtype=torch.float64)
        turned = torch.zeros(len(exam.cohort), dtype=torch.float64)
        for old, new in zip(before, after, strict=True):
            step = (new - old).abs()
            change += step.sum((1, 2), dtype=torch.float64).cpu()
            turned += (step / old.abs().clamp(min=_SMALLEST) > _TURNED_OVER).sum((1, 2)).cpu()
        spent = {name: exam.metrics.get(name, torch.zeros_like(change)) for name in (EPOCHS, RATE_STEPS)}
        return Measured({"dose/l1": change / total, "dose/turnover": turned * 100 / total, **spent})
