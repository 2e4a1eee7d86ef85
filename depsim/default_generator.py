"""PyTorch's default generator, which modules' own initialisation draws from: seeded for a moment, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from depsim.lazy_torch import torch


@contextmanager
def seeded(sequence: np.random.SeedSequence) -> Iterator[None]:
    """Within it, what foreign code draws from PyTorch's generator of the CPU comes from this stream.

    Afterwards the generator is as it was before. It is the only place where depsim touches a generator that everyone
    shares.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(int(sequence.generate_state(1, np.uint64)[0]))
        yield
