"""Small worlds for contract suites: individuals, networks and tasks that take a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from depsim.assessment import Battery
from depsim.execution.course import prepare_chunk, train_baseline
from depsim.lazy_torch import torch
from depsim.model import Cohort, Mlp, Model
from depsim.population import Hold
from depsim.protocol import Baseline
from depsim.steps import Path, Step
from depsim.task import GaussianClusters, Task
from depsim.training import HealthyTraining

SEEDS = (3, 7, 9)
_CENTRES = ((-3.0, -3.0), (3.0, 3.0), (-3.0, 3.0), (3.0, -3.0))


def baseline(model: Model | None = None, task: Task | None = None) -> Baseline:
    """A small baseline: unless others are given, a task of a few points, and a network of a few units."""
    small = task or GaussianClusters(centres=_CENTRES, spread=0.8, train_size=100, test_size=60, clean_size=20)
    training = HealthyTraining(epochs=1, learning_rate=1e-2, batch_size=64)
    hold = Hold(data=None, train=None, test=None, init=None, order=None)
    return Baseline(small, model or Mlp(hidden=(20, 16)), training, "individual", hold)


def battery(levels: Sequence[float] = (0.5, 1.0), further_pruning: float = 0.4) -> Battery:
    """The paper's battery with two levels of noise."""
    return Battery(
        internal_noise=tuple(levels), input_noise=1.0, combined_internal_noise=0.5, further_pruning=further_pruning
    )


def healthy_path(seeds: Sequence[int] = SEEDS, where: Baseline | None = None) -> Path:
    """The path of individuals with trained, healthy networks."""
    where = where or baseline()
    chunk = prepare_chunk(where, tuple(seeds), torch.device("cpu"))
    return Path(chunk, train_baseline(where, chunk).cohort)


def follow(path: Path, steps: Iterable[Step]) -> Path:
    """The path with steps at its end."""
    for step in steps:
        path = step(path)
    return path


def individual(path: Path, index: int, where: Baseline | None = None) -> Path:
    """One individual's path, as if it were alone; of a path without curves and kept networks."""
    alone = prepare_chunk(where or baseline(), path.cohort.seeds[index : index + 1], path.cohort.device)
    metrics = {name: values[index : index + 1] for name, values in path.metrics.items()}
    return Path(alone, path.cohort.individual(index), metrics=metrics)


def copied(cohort: Cohort) -> Cohort:
    """A cohort with tensors of its own."""
    return cohort.mapped(torch.clone)


def same(one: Cohort, other: Cohort) -> bool:
    """Whether two cohorts are equal bit by bit."""
    pairs = zip((*one.weights, *one.biases, *one.masks), (*other.weights, *other.biases, *other.masks), strict=True)
    alike = (one.seeds, one.model, one.state) == (other.seeds, other.model, other.state)
    return alike and all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


def assert_sound(before: Cohort, after: Cohort) -> None:
    """The same individuals with networks of the same shapes, finite, and no weight off its mask."""
    assert (after.seeds, after.model) == (before.seeds, before.model)
    assert after.diverged() == ()
    for name in ("weights", "biases", "masks"):
        for old, new in zip(getattr(before, name), getattr(after, name), strict=True):
            assert (new.shape, new.dtype) == (old.shape, old.dtype)
    assert not any(bool(weight[~mask].any()) for weight, mask in zip(after.weights, after.masks, strict=True))
