"""Over-pruning: the paper's model of depression, and the rule by which every pruning here is done."""

from __future__ import annotations

import math
from typing import Annotated

import torch
from pydantic import AfterValidator

from depsim.component import Share, one_of
from depsim.model import Cohort
from depsim.pathology.base import Pathology
from depsim.pathology.criteria import CRITERIA
from depsim.streams import Streams


class Overpruning(Pathology):
    """Removes synapses per layer, in one shot, without retraining. Biases are never pruned.

    Args:
        sparsity: share of each layer's weights that is masked afterwards.
        criterion: what decides who stays: ``magnitude`` or ``random``.

    References: paper, Methods, "Baseline training and pruning"; Cheung (2026), the pruning-plasticity model.
    """

    sparsity: Share
    criterion: Annotated[str, AfterValidator(one_of(CRITERIA))]

    def __call__(self, cohort: Cohort, streams: Streams) -> Cohort:
        """The pruned cohort."""
        return prune(cohort, CRITERIA[self.criterion](cohort, streams), [self.sparsity] * len(cohort))


def prune(cohort: Cohort, scores: tuple[torch.Tensor, ...], sparsity: list[float]) -> Cohort:
    """Keep the synapses that score at least the layer's ``sparsity`` quantile; a mask only ever shrinks.

    The linearly interpolated s-quantile of n scores lies in the interval that ends at the score of rank
    ceil(s (n - 1)), counted from 0, so without ties n - ceil(s (n - 1)) synapses stay. Equal scores at the threshold
    all stay.

    Args:
        cohort: networks to prune; left as they are.
        scores: per layer (N, O, I), 0 where masked.
        sparsity: the target of each individual, the same for all its layers.
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
