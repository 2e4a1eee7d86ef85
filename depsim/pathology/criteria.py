"""Pruning criteria: how much each synapse deserves to stay. The higher the score, the longer it stays.

A criterion is a function ``(cohort, streams) -> one (N, O, I) tensor of scores >= 0 per layer``; masked synapses
score 0. To add one, write it here and name it in :data:`CRITERIA`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch

from depsim.model import Cohort
from depsim.streams import Purpose, Stage, Streams

Criterion = Callable[[Cohort, Streams], tuple["torch.Tensor", ...]]


def magnitude(cohort: Cohort, _streams: Streams | None = None) -> tuple[torch.Tensor, ...]:
    """|w|: the weakest synapses go first (paper, Methods)."""
    return tuple(weight.abs() * mask for weight, mask in zip(cohort.weights, cohort.masks, strict=True))


def random(cohort: Cohort, streams: Streams) -> tuple[torch.Tensor, ...]:
    """A uniform draw: which synapses go is chance, how many is not."""
    generators = streams.numpy(Purpose.PATHOLOGY, int(Stage.DEPRESSED))
    scores = []
    for mask in cohort.masks:
        drawn = np.stack([generator.random(mask.shape[1:], dtype=np.float32) for generator in generators])
        scores.append(torch.from_numpy(1 - drawn).to(mask.device) * mask)  # 1 - [0, 1) is never 0
    return tuple(scores)


CRITERIA: Mapping[str, Criterion] = {"magnitude": magnitude, "random": random}
"""The names that ``pathology.criterion`` accepts."""
