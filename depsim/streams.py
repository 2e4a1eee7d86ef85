"""Named random streams: every random number belongs to one individual and one purpose.

A stream is addressed by ``(seed, purpose, *key)`` through :class:`numpy.random.SeedSequence`, so a number depends
on nothing else: not on the other individuals of the cohort, not on what another arm drew before, not on chunk,
worker or order of execution. The data do not come from here; they follow the protocol's ``RandomState`` rule
(see :mod:`depsim.task.gaussian_clusters`).

References:
    Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", for addressed streams;
    ``numpy.random.SeedSequence`` for the spawning rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import torch

BLOCK_STEPS: Mapping[str, int] = {"cpu": 1, "cuda": 8}
"""Steps of noise that one draw covers, by kind of device; part of the stream's definition."""


class Stage(IntEnum):
    """The moments of an individual's course. The numbers address streams: never renumber."""

    HEALTHY = 0
    DEPRESSED = 1
    TREATED = 2
    WITHDRAWN = 3
    RELAPSED = 4

    def __str__(self) -> str:
        """The name that metrics carry."""
        return self.name.lower()


class Purpose(IntEnum):
    """What a stream is for. The numbers are part of every result: never renumber."""

    INIT = 1
    ORDER = 2
    PATHOLOGY = 3
    TREATMENT = 4
    EXAM = 5


@dataclass(frozen=True)
class Streams:
    """The random streams of a cohort.

    Args:
        seeds: one seed per individual; N of them.
        hold: purposes whose stream all individuals share, each with the seed that they share.

    >>> streams = Streams((7, 8))
    >>> alone = Streams((8,))
    >>> a = streams.numpy(Purpose.INIT)[1].random(3)
    >>> bool((a == alone.numpy(Purpose.INIT)[0].random(3)).all())
    True
    """

    seeds: tuple[int, ...]
    hold: Mapping[Purpose, int] = field(default_factory=dict)

    def sequences(self, purpose: Purpose, *key: int) -> list[np.random.SeedSequence]:
        """One seed sequence per individual for this purpose and key."""
        held = self.hold.get(purpose)
        return [
            np.random.SeedSequence(seed if held is None else held, spawn_key=(int(purpose), *key))
            for seed in self.seeds
        ]

    def numpy(self, purpose: Purpose, *key: int) -> list[np.random.Generator]:
        """One NumPy generator per individual; its numbers are the same for every device."""
        return [np.random.default_rng(sequence) for sequence in self.sequences(purpose, *key)]

    def noise(self, rows: int, units: int, device: torch.device, purpose: Purpose, *key: int) -> Noise:
        """A source of standard normal blocks of shape (N, rows, units) on ``device``."""
        generators = []
        for sequence in self.sequences(purpose, *key):
            generator = torch.Generator(device=device)
            generator.manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1)))
            generators.append(generator)
        return Noise(generators, rows, units, device)


class Noise:
    """Successive blocks of standard normal numbers, one independent generator per individual.

    The shape of a draw is fixed at (block steps, rows, units) for each individual; a caller that needs fewer rows
    takes the first ones of a whole block, so what it takes never shifts what comes next.
    """

    def __init__(self, generators: list[torch.Generator], rows: int, units: int, device: torch.device) -> None:
        self._generators = generators
        steps = BLOCK_STEPS[device.type]
        # A CPU reads the noise unit by unit, a GPU sample by sample: each draws in the order it reads.
        shape = (units, rows) if device.type == "cpu" else (rows, units)
        self._buffer = torch.empty(len(generators), steps, *shape, device=device)
        self._blocks = self._buffer.mT if device.type == "cpu" else self._buffer
        self._next = steps

    def block(self) -> torch.Tensor:
        """The next block, shape (N, rows, units); valid until the block after it is asked for."""
        if self._next == self._buffer.shape[1]:
            for slot, generator in zip(self._buffer, self._generators, strict=True):
                slot.normal_(generator=generator)
            self._next = 0
        self._next += 1
        return self._blocks[:, self._next - 1]


def words(value: float) -> tuple[int, int]:
    """The bits of a float as two unsigned 32-bit words, to address a stream by it.

    >>> words(0.0)
    (0, 0)
    """
    low, high = np.array([float(value)]).view(np.uint32)
    return int(low), int(high)
