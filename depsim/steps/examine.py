"""Examination, as a step: probes measure networks under a name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Self

from depsim.lazy_torch import torch
from depsim.model import Cohort
from depsim.model.predictor import Predictor, make_predictor
from depsim.stages import BEFORE, COURSE
from depsim.steps.base import ChunkContext, Curve, Examining, Path, Step
from depsim.streams import Position, Purpose, exam_words, words
from depsim.task import Points

if TYPE_CHECKING:
    from depsim.steps.cost import NetworkEstimate

COMBINED_BEFORE = f"{BEFORE}/healthy_combined"
"""The measure before treatment that deficits are measured from."""
ROWS = 250
"""Points examined at a time; the block shape of the exam's noise, so part of its streams."""


class DivergedError(RuntimeError):
    """Training left weights that are not finite.

    Args:
        exam: before which the weights were looked at, with how often one of its name was held before.
        seeds: whose they are.
    """

    def __init__(self, exam: str, seeds: tuple[int, ...]) -> None:
        super().__init__(f"training diverged: weights that are not finite in the {exam} network of {seeds=}")


class ProbeError(TypeError):
    """A probe returned what is no measurement, or changed what it was to measure; the message names it."""


class NoiseKind(IntEnum):
    """What the noise of an exam is added to. The numbers address streams: never renumber."""

    INTERNAL = 0
    COMBINED = 1
    COMBINED_INPUT = 2
    BIASED = 3


@dataclass(frozen=True)
class Measured:
    """What a probe has found.

    Args:
        metrics: name to (N,) float64, on the CPU; accuracies and sparsity in per cent.
        curves: what was measured several times, by name.
        notes: what a reader of the numbers has to know, and of whom: text to (N,) boolean.
    """

    metrics: Mapping[str, torch.Tensor]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    notes: Mapping[str, torch.Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Exam:
    """An examination while it is held.

    Args:
        name: of the examination, with which the names of its metrics begin.
        ordinal: how often one of this name was held before.
        cohort: the networks, in their standing state.
        chunk: whose they are.
        earlier: the networks at earlier examinations, by name.
        metrics: what the path and the probes before have measured.
        replicate: which of the individuals' replicates is examined.
        place: of a decision, whose noise is its own; None where an outcome is measured.
    """

    name: str
    ordinal: int
    cohort: Cohort
    chunk: ChunkContext
    earlier: Mapping[str, Cohort]
    metrics: Mapping[str, torch.Tensor]
    replicate: int = 0
    place: Position | None = None

    @cached_property
    def predictor(self) -> Predictor:
        """What the networks answer."""
        return make_predictor(self.cohort)

    def accuracy(
        self,
        points: Points,
        kind: NoiseKind = NoiseKind.INTERNAL,
        *,
        internal: float = 0.0,
        external: float = 0.0,
        mean: float = 0.0,
    ) -> torch.Tensor:
        """Share of right answers in per cent, (N,) float64 on the CPU.

        The noise is addressed by individual, exam, kind and standard deviation: every arm gets the same noise, and
        leaving one exam out changes no other.

        Args:
            points: what to examine the networks on.
            kind: address of the noise.
            internal: standard deviation of the noise after each hidden layer.
            external: standard deviation of the noise added to the points.
            mean: of the noise after each hidden layer; no part of the address.
        """
        device, inputs, streams = points.x.device, points.x.shape[-1], self.chunk.streams
        purpose, address = Purpose.EXAM, exam_words(self.name, self.ordinal, self.replicate)
        if self.place is not None:
            purpose, address = Purpose.DECISION, self.place.words()
        inner = outer = None
        if internal > 0:
            key, units = (*address, int(kind), *words(internal)), self.cohort.architecture.noise_units
            inner = streams.noise(ROWS, units, device, purpose, *key)
        if external > 0:
            key = (*address, int(NoiseKind.COMBINED_INPUT), *words(external))
            outer = streams.noise(ROWS, inputs, device, purpose, *key)
        predictor = (
            self.predictor
            if mean == 0
            else make_predictor(replace(self.cohort, state=self.cohort.state.with_mean(mean)))
        )
        right = torch.zeros(len(points.y), dtype=torch.int64, device=device)
        for x, y in zip(points.x.split(ROWS, 1), points.y.split(ROWS, 1), strict=True):
            rows = x.shape[1]
            if outer is not None:
                x = torch.add(x, outer.block()[:, :rows], alpha=external)
            right += (predictor(x, internal, inner).argmax(-1) == y).sum(1)
        return right.cpu().double() * 100 / points.y.shape[1]


class Probe(ABC):
    """Something that an examination measures; a frozen dataclass. It is pure, like a step."""

    passes: ClassVar[int] = 1
    """About how often it passes the test points through the networks."""

    @abstractmethod
    def __call__(self, exam: Exam) -> Measured:
        """What it finds."""


@dataclass(frozen=True)
class Examine(Step):
    """Measures networks, which stay as they are, and keeps them under the examination's name.

    Args:
        name: of the examination.
        probes: what is measured, in order; a probe sees what those before it have found. None of
            them: what the course measures where a plan only says that it does.
        ordinal: how often one of this name was held before.
        replicate: which of the individuals' replicates is examined.
        keeps: whether the networks are kept under its name.
    """

    name: str
    probes: tuple[Probe, ...] = ()
    ordinal: int = 0
    replicate: int = 0
    keeps: bool = True

    def __call__(self, path: Path) -> Path:
        """The path with what was measured.

        Raises:
            DivergedError: if the weights of an individual are not finite.
            ProbeError: if a probe returns anything but measurements, or changes what it measures.
        """
        if diverged := path.cohort.diverged():
            raise DivergedError(f"{self.name} {self.ordinal}" if self.ordinal else self.name, diverged)
        metrics, curves, notes = dict(path.metrics), dict(path.curves), dict(path.notes)
        handed = MappingProxyType(path.exams), MappingProxyType(metrics)  # to be read only
        exam = Exam(self.name, self.ordinal, path.cohort, path.chunk, *handed, self.replicate)
        for probe in self.probes:
            before = _writes(path, metrics)
            found = probe(exam)
            if _writes(path, metrics) != before:
                text = "changed a tensor that it was handed in place; it must work on a copy (.clone())"
                raise ProbeError(f"probe {type(probe).__name__}: {text}")
            _refuse_unusable(found, probe, metrics, curves, len(path.cohort))
            metrics |= found.metrics
            curves |= found.curves
            notes |= {text: whose | notes[text] if text in notes else whose for text, whose in found.notes.items()}
        exams = {**path.exams, self.name: path.cohort} if self.keeps else path.exams
        return replace(path, exams=exams, metrics=metrics, curves=curves, notes=notes)

    def in_replicate(self, number: int) -> Self:
        """The same examination with noise of its own."""
        return replace(self, replicate=number)

    def examined(self, how: Examining) -> Self:
        """With the course's probes, if it has none."""
        return self if self.probes else replace(self, probes=how.probes)

    def seconds(self, network: NetworkEstimate) -> float:
        """Those of its probes."""
        return network.exam_seconds(sum(probe.passes for probe in self.probes))


def _writes(path: Path, metrics: Mapping[str, torch.Tensor]) -> int:
    """How often the tensors that a probe can reach were written to in place: networks, data, what was measured.

    As torch counts it: a write through NumPy or ``.data``, or to what was made in inference mode, is not seen.
    """
    networks = (own for c in (path.cohort, *path.exams.values()) for own in (*c.weights, *c.biases, *c.masks))
    data = path.chunk.data
    points = (own for each in (data.train, data.standard, data.clean) for own in (each.x, each.y))
    return sum(own._version for own in (*networks, *points, *metrics.values()) if not own.is_inference())


def _refuse_unusable(
    found: Measured, probe: Probe, known: Mapping[str, torch.Tensor], curves: Mapping[str, Curve], n: int
) -> None:
    """Refuse what is not a number for each individual, or stands in place of another; what is known may be handed on.

    Raises:
        ProbeError: naming the probe, and what is wrong.
    """
    who = f"probe {type(probe).__name__}"
    if not isinstance(found, Measured):
        raise ProbeError(f"{who}: returned a {type(found).__name__}; must return Measured({{name: tensor}})")
    for name, values in found.metrics.items():
        was = f"is a {type(values).__name__}"
        if isinstance(values, torch.Tensor):
            was = f"has shape {list(values.shape)} and {values.dtype}, on {values.device.type}"
        if (
            not isinstance(values, torch.Tensor)
            or values.shape != (n,)
            or values.requires_grad
            or (values.dtype, values.device.type) != (torch.float64, "cpu")
        ):
            must = f"a detached tensor of shape [{n}] and torch.float64, on cpu: a number for each individual"
            raise ProbeError(f"{who}: {name} {was}; must be {must}")
    again = [name for name, values in found.metrics.items() if name in known and known[name] is not values]
    again += [name for name in found.curves if name in curves and not name.endswith(COURSE)]
    if again:
        raise ProbeError(f"{who}: {again[0]} was measured before; a name of its own begins with {{exam.name}}/")
