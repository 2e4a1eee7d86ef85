"""Which synapses go is chance, how many is not."""

from __future__ import annotations

import numpy as np

from depsim.lazy_torch import torch
from depsim.steps.base import Path
from depsim.streams import Position, Purpose


def scores(path: Path, position: Position) -> tuple[torch.Tensor, ...]:
    """A uniform draw for each synapse."""
    generators = path.chunk.streams.numpy(Purpose.PATHOLOGY, *position.words())
    found = []
    for mask in path.cohort.masks:
        drawn = np.stack([generator.random(mask.shape[1:], dtype=np.float32) for generator in generators])
        found.append(torch.from_numpy(1 - drawn).to(mask.device) * mask)  # 1 - [0, 1) is never 0
    return tuple(found)
