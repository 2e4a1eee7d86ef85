"""Regrowth of synapses, as a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from depsim.lazy_torch import torch
from depsim.steps.base import Path, Step, require_function
from depsim.streams import FIRST, Position, Purpose, Section
from depsim.training.schedules import Layers, learning

if TYPE_CHECKING:
    from depsim.steps.cost import NetworkEstimate

RegrowthCriterion = Callable[[Path, Position, int], "tuple[torch.Tensor, ...]"]
"""How much each masked synapse deserves to regrow, judged on so many training batches: (N, O, I) per weight matrix."""
_DRAWS = 1
"""Last word of the address of the stream of new weights and of ties."""


@dataclass(frozen=True)
class Regrow(Step):
    """Brings back a share of the masked synapses of each weight matrix, with small random weights.

    Args:
        fraction: share of the masked weights of each matrix that regrows, at least one where any is masked.
        criterion: which ones.
        init_scale: standard deviation of the new weights.
        scoring_batches: training batches that the criterion judges by.
        position: addresses the scoring batches, the new weights and the ties.
        layers: the weight matrices that regrow, from 1; None for all. One regrows alone what it regrows among all.

    References: paper, Methods, "Ketamine-like recovery"; Evci et al. (2020), "Rigging the Lottery".
    """

    fraction: float
    criterion: RegrowthCriterion
    init_scale: float
    scoring_batches: int
    position: Position = FIRST[Section.TREATMENT]
    layers: Layers = None
    has_position: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse a criterion that is only named."""
        require_function("Regrow", self.criterion, "regrowth_criteria: gradient.scores, random.scores")

    def __call__(self, path: Path) -> Path:
        """The networks with new synapses, not yet trained."""
        cohort, scores = path.cohort, self.criterion(path, self.position, self.scoring_batches)
        generators = path.chunk.streams.numpy(Purpose.TREATMENT, *self.position.words(_DRAWS))
        weights, masks = [], []
        chosen = learning(self.layers, len(cohort.weights))
        for weight, mask, score, regrows in zip(cohort.weights, cohort.masks, scores, chosen, strict=True):
            matrices = zip(weight.cpu().numpy(), mask.cpu().numpy(), score.cpu().numpy(), generators, strict=True)
            grown = [self._regrow(*parts) for parts in matrices]
            if regrows:
                weight = torch.from_numpy(np.stack([new for new, _ in grown])).to(weight.device)
                mask = torch.from_numpy(np.stack([new for _, new in grown])).to(mask.device)
            weights.append(weight)
            masks.append(mask)
        regrown = replace(cohort, weights=tuple(weights), masks=tuple(masks))
        return path.with_weights(regrown, self.position.section)

    def expect(self, network: NetworkEstimate) -> NetworkEstimate:
        """More weights."""
        share = float(np.average(learning(self.layers, len(network.matrices)), weights=network.matrices))
        return replace(network, density=network.density + share * self.fraction * (1 - network.density))

    def _regrow(
        self, weight: np.ndarray, mask: np.ndarray, score: np.ndarray, generator: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """One individual's matrix, (O, I) each: weights and mask with the new synapses."""
        masked = np.flatnonzero(~mask)
        count = max(1, int(self.fraction * masked.size)) if masked.size else 0
        chosen = masked[highest(score.ravel()[masked], count, generator)]
        weight, mask = weight.copy(), mask.copy()
        mask.ravel()[chosen] = True
        weight.ravel()[chosen] = generator.standard_normal(count) * self.init_scale
        return weight, mask


def highest(scores: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Indices, ascending, of the ``count`` highest scores; equal scores at the border are drawn at random.

    Ties are the rule here: a unit whose output reaches nothing gives all its inputs a gradient of exactly 0, and
    taking the first of them would regrow whole rows.

    >>> highest(np.array([1.0, 3.0, 2.0]), 2, np.random.default_rng(0)).tolist()
    [1, 2]
    """
    if count == 0:
        return np.empty(0, dtype=np.int64)
    border = np.partition(scores, scores.size - count)[scores.size - count]
    above, tied = np.flatnonzero(scores > border), np.flatnonzero(scores == border)
    drawn = generator.permutation(tied)[: count - above.size]
    return np.sort(np.concatenate([above, drawn]))
