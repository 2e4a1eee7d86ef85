"""Regrowth of synapses where the gradient asks for them, then consolidation: ketamine-like."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
import torch
from pydantic import AfterValidator

from depsim.component import Count, Epochs, LearningRate, PositiveShare, StandardDeviation, one_of
from depsim.model import Cohort
from depsim.schedules import constant
from depsim.streams import Purpose, Stage
from depsim.training import Trained, Trainer
from depsim.treatment.base import Treatment

_DRAWS = 1
"""Last word of the address of the stream of new weights and of ties."""


class Regrowth(Treatment):
    """Regrows a share of the masked synapses of each layer and trains the richer network.

    Args:
        regrow_fraction: share of the masked weights of each layer that regrows, at least one where any is masked.
        criterion: which ones: the largest summed ``gradient`` magnitudes, or a ``random`` choice.
        init_scale: standard deviation of the new weights.
        scoring_batches: training batches that the gradients are summed over.
        epochs, learning_rate: of the consolidation.

    References: paper, Methods, "Ketamine-like recovery"; Evci et al. (2020), "Rigging the Lottery", for growth by
        gradient magnitude.
    """

    regrow_fraction: PositiveShare
    criterion: Annotated[str, AfterValidator(one_of(("gradient", "random")))]
    init_scale: StandardDeviation
    scoring_batches: Count
    epochs: Epochs
    learning_rate: LearningRate

    def __call__(self, cohort: Cohort, trainer: Trainer) -> Trained:
        """The regrown and consolidated cohort."""
        regrown = self.regrow(cohort, trainer)
        silence = constant(0.0, self.epochs)
        return trainer.train(regrown, Stage.TREATED, learning_rate=self.learning_rate, internal_noise=silence)

    def regrow(self, cohort: Cohort, trainer: Trainer) -> Cohort:
        """The cohort with new synapses, before consolidation."""
        if self.criterion == "gradient":
            scores = trainer.gradient_magnitudes(cohort, Stage.TREATED, self.scoring_batches)
        else:
            scores = tuple(torch.zeros_like(weight) for weight in cohort.weights)  # all tie: chance decides
        generators = trainer.streams.numpy(Purpose.TREATMENT, int(Stage.TREATED), _DRAWS)
        weights, masks = [], []
        for weight, mask, score in zip(cohort.weights, cohort.masks, scores, strict=True):
            layer = zip(weight.cpu().numpy(), mask.cpu().numpy(), score.cpu().numpy(), generators, strict=True)
            grown = [self._regrow_layer(*parts) for parts in layer]
            weights.append(torch.from_numpy(np.stack([new for new, _ in grown])).to(weight.device))
            masks.append(torch.from_numpy(np.stack([new for _, new in grown])).to(mask.device))
        return replace(cohort, weights=tuple(weights), masks=tuple(masks))

    def _regrow_layer(
        self, weight: np.ndarray, mask: np.ndarray, score: np.ndarray, generator: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """One individual's layer, (O, I) each: weights and mask with the new synapses."""
        masked = np.flatnonzero(~mask)
        count = max(1, int(self.regrow_fraction * masked.size)) if masked.size else 0
        chosen = masked[highest(score.ravel()[masked], count, generator)]
        weight, mask = weight.copy(), mask.copy()
        mask.ravel()[chosen] = True
        weight.ravel()[chosen] = generator.standard_normal(count) * self.init_scale
        return weight, mask


def highest(scores: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Indices, ascending, of the ``count`` highest scores; equal scores at the border are drawn by lot.

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
