"""Relapse: how much a second wave of pruning takes away."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from depsim.assessment.battery import Battery, structure
from depsim.model import Cohort
from depsim.model.answers import answers_of
from depsim.pathology import prune
from depsim.pathology.criteria import magnitude
from depsim.streams import Stage, Streams
from depsim.task import Dataset

_CAP = 0.99
"""No relapse prunes beyond this sparsity."""


@dataclass(frozen=True)
class Relapse:
    """What the relapse left.

    Args:
        cohort: the networks after further pruning, their treatment still on.
        metrics: metric name to (N,) float64.
        pruned: whether the cap left anything to prune, (N,) boolean; where it did not, the drop is only noise.
    """

    cohort: Cohort
    metrics: dict[str, torch.Tensor]
    pruned: torch.Tensor


def relapse(battery: Battery, cohort: Cohort, data: Dataset, streams: Streams, combined: torch.Tensor) -> Relapse:
    """Prune a share of the surviving weights by magnitude, without retraining, and repeat the combined test.

    Each layer goes to min(s + further_pruning (1 - s), 0.99), s being the overall sparsity of the individual.

    Args:
        battery: says how much is pruned and what the combined test is.
        cohort: treated networks; left as they are.
        data, streams: the individuals' test set and random streams.
        combined: their accuracy in the combined test before, (N,).

    References: paper, Methods, "Evaluation and stress tests"; PROTOCOL, "Assessment".
    """
    before = cohort.sparsity()
    target = (before + battery.further_pruning * (1 - before)).clamp(max=_CAP)
    relapsed = prune(cohort, magnitude(cohort), target.tolist())
    after = battery.combined(answers_of(relapsed), relapsed.hidden_units, data, streams, Stage.RELAPSED)
    metrics = {f"{Stage.RELAPSED}/combined": after, "relapse_drop": combined - after}
    return Relapse(relapsed, metrics | structure(relapsed, Stage.RELAPSED), relapsed.sparsity() > before)
