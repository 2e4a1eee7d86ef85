"""Pruning, as a step, and the rule by which every pruning here is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from depsim.lazy_torch import torch
from depsim.model import Cohort
from depsim.steps.base import Path, Step, require_function
from depsim.streams import FIRST, Position, Section
from depsim.traits import STRUCTURAL_LOSS

if TYPE_CHECKING:
    from depsim.steps.cost import NetworkEstimate

PruningCriterion = Callable[[Path, Position], "tuple[torch.Tensor, ...]"]
"""How much each synapse deserves to stay: one (N, O, I) tensor of scores >= 0 per weight matrix, 0 where masked. The
higher the score, the longer it stays."""


@dataclass(frozen=True)
class Prune(Step):
    """Removes synapses per weight matrix, in one shot, without retraining. Biases are never pruned.

    Args:
        share: of each matrix's weights that is masked afterwards; with ``of_survivors`` the share f of what is there
            that goes: every matrix to s + f (1 - s), s being the overall sparsity of the individual then.
        criterion: what decides which synapses stay.
        of_survivors: what the share is of.
        cap: no pruning beyond this sparsity.
        own_share: each individual has a share of its own, its structural loss.
        position: addresses the draws of a criterion that draws.

    References: paper, Methods, "Baseline training and pruning".
    """

    share: float
    criterion: PruningCriterion
    of_survivors: bool = False
    cap: float = 1.0
    own_share: bool = False
    position: Position = FIRST[Section.PATHOLOGY]
    has_position: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse a criterion that is only named."""
        require_function("Prune", self.criterion, "pruning_criteria: magnitude.scores, random.scores")

    def __call__(self, path: Path) -> Path:
        """The pruned networks."""
        target = path.traits[STRUCTURAL_LOSS].tolist() if self.own_share else [self.share] * len(path.cohort)
        if self.of_survivors:
            before = path.cohort.sparsity()
            target = (before + self.share * (1 - before)).clamp(max=self.cap).tolist()
        pruned = prune(path.cohort, self.criterion(path, self.position), target)
        return path.with_weights(pruned, self.position.section)

    def expect(self, network: NetworkEstimate) -> NetworkEstimate:
        """Fewer weights."""
        left = network.density * (1 - self.share) if self.of_survivors else min(network.density, 1 - self.share)
        return replace(network, density=left)


def prune(cohort: Cohort, scores: Sequence[torch.Tensor], sparsity: Sequence[float]) -> Cohort:
    """Keep the synapses that score at least the matrix's ``sparsity`` quantile; a mask only ever shrinks.

    The linearly interpolated s-quantile of n scores lies in the interval that ends at the score of rank
    ceil(s (n - 1)), counted from 0, so without ties n - ceil(s (n - 1)) synapses stay. Equal scores at the threshold
    all stay.

    Args:
        cohort: networks to prune; left as they are.
        scores: per matrix (N, O, I), 0 where masked.
        sparsity: the target of each individual, the same for all its matrices.
    """
    masks = []
    for score, mask in zip(scores, cohort.masks, strict=True):
        flat = score.flatten(1)
        ranks = torch.tensor([_threshold_rank(share, flat.shape[1]) for share in sparsity], device=flat.device)
        threshold = flat.sort(dim=1).values.gather(1, ranks.unsqueeze(1))
        masks.append(mask & (flat >= threshold).view_as(mask))
    return cohort.with_masks(masks)


def _threshold_rank(sparsity: float, size: int) -> int:
    """Rank, from 0, of the lowest score that stays.

    >>> [_threshold_rank(0.95, size) for size in (1024, 262144)]
    [972, 249036]
    >>> _threshold_rank(0.07, 101)  # 0.07 * 100 is 7.000000000000001 in binary arithmetic
    7
    """
    return math.ceil(round(sparsity * (size - 1), 6))
