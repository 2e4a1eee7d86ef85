"""Walking the arms of a chunk of individuals as a tree: what arms share is done once, and only one path is in memory.

The arms of an individual form a tree whose root is the healthy network. It is walked depth first.
"""

from __future__ import annotations

import copy
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from depsim.lazy_torch import torch
from depsim.model import initial_cohort
from depsim.model.masks import pack
from depsim.steps.base import ChunkContext, Path, Step
from depsim.steps.train import with_losses
from depsim.streams import Section, Streams
from depsim.training import Trained, Trainer

if TYPE_CHECKING:
    from depsim.protocol import Baseline

BaselineSource = Callable[["Baseline", ChunkContext], Trained]
"""Where healthy networks come from: trained now, or a store."""
Arms = Mapping[int, Sequence[Step]]
"""The steps that are left of each arm, by the number of its job."""


@dataclass(frozen=True)
class Outcome:
    """Everything that one individual's course in one arm left. Plain values, no tensors.

    Args:
        seed: the individual.
        metrics: name to value; accuracies, sparsity and turnover in per cent, drops in points. What does not apply to
            the individual is left out.
        curves: name to (step, value) pairs: ``<stage>/loss`` by epoch and ``<stage>/resilience`` by 100 sigma.
        masks: the masks at each examination, for :func:`depsim.model.masks.unpack`.
        notes: what a reader of the numbers has to know.
    """

    seed: int
    metrics: Mapping[str, float]
    curves: Mapping[str, Sequence[tuple[int, float]]]
    masks: bytes
    notes: tuple[str, ...]


def prepare_chunk(baseline: Baseline, seeds: tuple[int, ...], device: torch.device) -> ChunkContext:
    """The individuals behind these seeds."""
    streams = Streams(seeds, baseline.hold.streams())
    data = baseline.task.draw(seeds, baseline.data, baseline.hold.points).to(device)
    return ChunkContext(streams, data, Trainer(data.train, streams, baseline.training.batch_size, baseline.task.passes))


def train_baseline(baseline: Baseline, chunk: ChunkContext) -> Trained:
    """Train the healthy networks from their initial weights."""
    initial = initial_cohort(baseline.model, chunk.streams, baseline.task.inputs, baseline.task.classes)
    train = baseline.train
    return chunk.trainer.train(initial.to(chunk.data.train.x.device), train.position, train.phase)


def first_path(baseline: Baseline, seeds: tuple[int, ...], device: torch.device, source: BaselineSource) -> Path:
    """The root of the tree: the healthy networks."""
    chunk = prepare_chunk(baseline, seeds, device)
    trained = source(baseline, chunk)
    return with_losses(Path(chunk, trained.cohort), Section.BASELINE, trained.losses)


@dataclass(frozen=True)
class Ended:
    """An arm at its end, with the seconds that its steps took; shared ones are divided among the arms below them."""

    job: int
    path: Path
    seconds: float


@dataclass(frozen=True)
class Broken:
    """Arms that could not go on, and the traceback."""

    jobs: tuple[int, ...]
    traceback: str


@dataclass(frozen=True)
class Fork:
    """Arms that part from the others here, for another worker to walk; ``seconds`` is what each has taken so far."""

    arms: Arms
    path: Path
    seconds: float


def walk(path: Path, arms: Arms, seconds: float, *, fork: bool) -> Iterator[Ended | Broken | Fork]:
    """Walk arms depth first, from where they have got to.

    Args:
        path: what the arms have in common so far.
        arms: what is left of each.
        seconds: what each arm has taken so far.
        fork: where arms part, keep the first and yield the others as forks.
    """
    while arms:
        for job in [job for job, steps in arms.items() if not steps]:
            yield Ended(job, path, seconds)
        groups: dict[Step, dict[int, Sequence[Step]]] = {}
        for job, steps in arms.items():
            if steps:
                groups.setdefault(steps[0], {})[job] = steps
        if len(groups) > 1:
            parts = list(groups.values())
            if fork:
                yield from (Fork(part, path, seconds) for part in parts[1:])
            for part in parts[:1] if fork else parts:
                yield from walk(path, part, seconds, fork=fork)
            return
        for step, arms in groups.items():  # one at most
            began = time.monotonic()
            try:
                path = step(path)
            except Exception:
                # As text, for an exception keeps all that its frames hold on the device.
                yield Broken(tuple(arms), traceback.format_exc())
                return
            seconds += (time.monotonic() - began) / len(arms)
        arms = {job: steps[1:] for job, steps in arms.items() if steps}


def without_tensors(value: Any) -> Any:
    """A path whose tensors are arrays, to be sent to another process; :func:`with_tensors` undoes it."""
    return _replaced(value, torch.Tensor, lambda tensor: tensor.numpy())


def with_tensors(value: Any) -> Any:
    """A path as it was before :func:`without_tensors`."""
    return _replaced(value, np.ndarray, torch.from_numpy)


def _replaced(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """The same value with everything of a kind in it changed."""
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, dict):
        return {name: _replaced(item, kind, change) for name, item in value.items()}
    if type(value) is tuple:
        return tuple(_replaced(item, kind, change) for item in value)
    if not is_dataclass(value):
        return value
    changed = copy.copy(value)
    for each in fields(value):
        object.__setattr__(changed, each.name, _replaced(getattr(value, each.name), kind, change))
    return changed


def outcomes_of(path: Path) -> list[Outcome]:
    """The outcome of each individual at the end of its course."""
    masks = {name: [mask.cpu().numpy() for mask in cohort.masks] for name, cohort in path.exams.items()}
    return [
        Outcome(
            seed=seed,
            metrics={name: own for name, values in path.metrics.items() if (own := float(values[index])) == own},
            curves={
                name: list(zip(curve.steps, curve.values[index].tolist(), strict=True))
                for name, curve in path.curves.items()
            },
            masks=pack({name: [mask[index] for mask in layers] for name, layers in masks.items()}),
            notes=tuple(text for text, affected in path.notes.items() if bool(affected[index])),
        )
        for index, seed in enumerate(path.cohort.seeds)
    ]
