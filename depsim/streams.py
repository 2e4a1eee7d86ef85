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

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, Protocol

import numpy as np

from depsim.kernels.arguments import NoiseAddress, aligned
from depsim.lazy_torch import torch
from depsim.stages import STAGES

CUDA_BLOCK_STEPS = 8
"""Steps of noise that one draw on a GPU covers; part of the stream's definition."""


class Purpose(IntEnum):
    """What a stream is for. The numbers are part of every result: never renumber."""

    INIT = 1
    ORDER = 2
    PATHOLOGY = 3
    TREATMENT = 4
    EXAM = 5
    DECISION = 6
    TRAIT = 7


class Section(IntEnum):
    """The parts of an individual's course, each with its own numbering of steps. The numbers address streams."""

    BASELINE = 0
    PATHOLOGY = 1
    TREATMENT = 2
    FOLLOW_UP = 3

    @staticmethod
    def cycle(number: int) -> int:
        """The section of one of the cycles of a follow-up, from 0."""
        return Section.FOLLOW_UP + number


class Position(NamedTuple):
    """Where a step stands in an individual's course; with its purpose it addresses the step's random numbers.

    Args:
        section: the part of the course; a :class:`Section`, or one of its cycles.
        number: the step's place among the steps of its kind there.
        replicate: which of an individual's replicates it belongs to.

    >>> [Position(Section.TREATMENT, *rest).words(1) for rest in ((), (2,), (0, 3))]
    [(2, 1), (2, 1, 2), (2, 1, 0, 3)]
    """

    section: int
    number: int = 0
    replicate: int = 0

    def words(self, use: int | None = None) -> tuple[int, ...]:
        """The address of a stream below a purpose; ``use`` tells streams of one step apart."""
        if self.replicate:
            return int(self.section), use or 0, self.number, self.replicate
        if self.number == 0:
            return (int(self.section),) if use is None else (int(self.section), use)
        return int(self.section), use or 0, self.number


FIRST = {section: Position(section) for section in Section}
"""The first position of each section."""


def exam_words(name: str, ordinal: int = 0, replicate: int = 0) -> tuple[int, ...]:
    """The address of an examination below :attr:`Purpose.EXAM`.

    Args:
        name: of the examination.
        ordinal: how often it was held before.
        replicate: which of an individual's replicates it is of.

    >>> exam_words("treated"), exam_words("maintained", 3), exam_words("treated", replicate=1)
    ((2,), (4025055189, 3), (2, 0, 1))
    """
    first = name in STAGES and ordinal == 0
    place = STAGES.index(name) if first else int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    if replicate:
        return place, ordinal, replicate
    return (place,) if first else (place, ordinal)


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

    def noise(self, rows: int, units: int, device: torch.device, purpose: Purpose, *key: int) -> CpuNoise | CudaNoise:
        """A source of standard normal blocks of shape (N, rows, units) on ``device``."""
        keys = [sequence.generate_state(2, np.uint32) for sequence in self.sequences(purpose, *key)]
        return CpuNoise(keys, rows, units) if device.type == "cpu" else CudaNoise(keys, rows, units, device)


class Noise(Protocol):
    """Successive blocks of standard normal numbers, one independent stream per individual.

    The shape of a block is fixed; a caller that needs fewer rows takes the first ones of a whole block, so what it
    takes never shifts what comes next.
    """

    def block(self) -> torch.Tensor:
        """The next block, shape (N, rows, units); valid until the block after it is asked for."""


class CpuNoise:
    """Noise by address, stored unit by unit.

    Args:
        keys: two 32-bit words per individual.
        rows, units: of a block.
        step: which block is the next.
    """

    def __init__(self, keys: Sequence[np.ndarray], rows: int, units: int, step: int = 0) -> None:
        self._keys, self._rows, self._units, self._step = keys, rows, units, step
        self._numbers: np.ndarray | None = None
        self._room = aligned(-(-rows // 4) * 4)

    def addresses(self) -> list[NoiseAddress]:
        """Where the next block is, per individual; moves on as :meth:`block` does."""
        self._step += 1
        return [NoiseAddress(key, self._step - 1, self._room) for key in self._keys]

    def split(self) -> list[CpuNoise]:
        """The next block as one source per individual; moves on as :meth:`block` does."""
        self._step += 1
        return [CpuNoise([key], self._rows, self._units, self._step - 1) for key in self._keys]

    def block(self) -> torch.Tensor:
        """The next block, shape (N, rows, units)."""
        from depsim.kernels import normals  # what only plans needs no compiler

        addresses = self.addresses()
        if self._numbers is None:
            self._numbers = np.empty((len(self._keys), self._units, self._room.size), dtype=np.float32)
        for address, own in zip(addresses, self._numbers, strict=True):
            normals.fill(address.key, address.step, own)
        return torch.from_numpy(self._numbers)[:, :, : self._rows].mT


class CudaNoise:
    """Noise from one generator per individual on the GPU, drawn for several steps at once.

    Args:
        keys: two 32-bit words per individual.
        rows, units: of a block.
        device: a CUDA device.
    """

    def __init__(self, keys: Sequence[np.ndarray], rows: int, units: int, device: torch.device) -> None:
        self._generators = []
        for key in keys:
            generator = torch.Generator(device=device)
            generator.manual_seed(int(key.view(np.uint64)[0] >> np.uint64(1)))
            self._generators.append(generator)
        self._buffer = torch.empty(len(keys), CUDA_BLOCK_STEPS, rows, units, device=device)
        self._next = CUDA_BLOCK_STEPS

    def block(self) -> torch.Tensor:
        """The next block, shape (N, rows, units)."""
        if self._next == CUDA_BLOCK_STEPS:
            for slot, generator in zip(self._buffer, self._generators, strict=True):
                slot.normal_(generator=generator)
            self._next = 0
        self._next += 1
        return self._buffer[:, self._next - 1]


def words(value: float) -> tuple[int, int]:
    """The bits of a float as two unsigned 32-bit words, to address a stream by it.

    >>> words(0.0)
    (0, 0)
    """
    low, high = np.array([float(value)]).view(np.uint32)
    return int(low), int(high)
