"""Dose: how much a treatment changed the weights, and what networks answer."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.lazy_torch import torch
from depsim.model.predictor import make_predictor
from depsim.steps import Exam, Measured, Probe
from depsim.steps.base import PATH_DOSE, mean_change
from depsim.steps.examine import ROWS
from depsim.steps.train import EPOCHS, RATE_STEPS

_SMALLEST = 1e-8
"""Denominator of the relative change of a weight that was 0."""
_TURNED_OVER = 0.10
"""Relative change beyond which a weight counts as turned over."""


@dataclass(frozen=True)
class Dose(Probe):
    """How much has changed since an earlier examination; of weights, not of biases.

    Over all W weights, masked ones included, whose changes are dw:

    ``dose/l1`` is their mean |dw|; ``dose/l2`` sqrt(sum of dw^2) / W; ``dose/turnover`` the share, in per cent, that
    changed by more than a tenth of what they were; ``dose/path`` the sum of the mean |dw| of each step of the treatment
    that changes weights, the stresses of a regimen included, which is ``dose/l1`` where there is one such step, and
    never less.

    ``dose/logit`` is the mean |change of logit| over standard test points and classes, without noise, the networks
    each in their standing state.

    ``treatment/epochs`` and ``treatment/rate_steps`` are 0 where nothing was trained.

    Args:
        since: the earlier examination.
    """

    since: str
    passes = 2

    def __call__(self, exam: Exam) -> Measured:
        """Seven metrics."""
        before, after = exam.earlier[self.since], exam.cohort
        total = after.architecture.weights
        squares = torch.zeros(len(after), dtype=torch.float64)
        turned = torch.zeros(len(after), dtype=torch.float64)
        for old, new in zip(before.weights, after.weights, strict=True):
            step = (new - old).abs()
            squares += step.square().sum((1, 2), dtype=torch.float64).cpu()
            turned += (step / old.abs().clamp(min=_SMALLEST) > _TURNED_OVER).sum((1, 2)).cpu()
        doses = {"dose/l1": mean_change(before, after), "dose/l2": squares.sqrt() / total}
        doses |= {"dose/turnover": turned * 100 / total, "dose/logit": self._change_of_logits(exam)}
        nothing = torch.zeros_like(squares)
        return Measured(doses | {name: exam.metrics.get(name, nothing) for name in (PATH_DOSE, EPOCHS, RATE_STEPS)})

    def _change_of_logits(self, exam: Exam) -> torch.Tensor:
        """Mean over points and classes, (N,)."""
        points = exam.chunk.data.standard
        before, after = make_predictor(exam.earlier[self.since]), exam.predictor
        change = torch.zeros(len(exam.cohort), dtype=torch.float64)
        classes = exam.cohort.architecture.shapes[-1][0]
        for x in points.x.split(ROWS, 1):
            change += (after(x, 0.0, None) - before(x, 0.0, None)).abs().sum((1, 2), dtype=torch.float64).cpu()
        return change / (points.y.shape[1] * classes)
