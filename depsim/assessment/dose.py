"""Dose: how much a treatment changed the weights."""

from __future__ import annotations

import torch

from depsim.model import Cohort

_SMALLEST = 1e-8
"""Denominator of the relative change of a weight that was 0."""
_TURNED_OVER = 0.10
"""Relative change beyond which a weight counts as turned over."""


def dose(before: Cohort, after: Cohort) -> dict[str, torch.Tensor]:
    """L1 dose and turnover between two states, weights only: metric name to (N,) float64.

    ``dose/l1`` is the mean |change| over all weights; ``dose/turnover`` the share, in per cent, of all weights that
    changed by more than a tenth of what they were.

    References: PROTOCOL, "Assessment", "Dose".
    """
    total = sum(weight[0].numel() for weight in before.weights)
    change = torch.zeros(len(before), dtype=torch.float64)
    turned = torch.zeros(len(before), dtype=torch.float64)
    for old, new in zip(before.weights, after.weights, strict=True):
        step = (new - old).abs()
        change += step.sum((1, 2), dtype=torch.float64).cpu()
        turned += (step / old.abs().clamp(min=_SMALLEST) > _TURNED_OVER).sum((1, 2)).cpu()
    return {"dose/l1": change / total, "dose/turnover": turned * 100 / total}
