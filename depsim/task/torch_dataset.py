"""Data of one's own: tensors that a function gives for a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
from pydantic import model_validator

from depsim.component import Label
from depsim.default_generator import seeded
from depsim.factory import Factory, described, uncallable
from depsim.lazy_torch import torch
from depsim.task.base import Task
from depsim.task.dataset import Dataset, Points

_SPLIT = 100
"""What a split's seed is above the data seed."""
_COPIES = 100
"""Clean points of each class, unless the size is given."""
_SETS = ("training", "test", "clean")
_SIZES = ("train_size", "test_size", "clean_size")


class DataError(ValueError):
    """Data that no individual can learn; the message says why, and what they must be."""


class Labelled(NamedTuple):
    """Inputs (B, ...) float32, and labels (B,) int64."""

    x: torch.Tensor
    y: torch.Tensor


class Facts(NamedTuple):
    """What all individuals' data have in common: the shape of an input, the classes, and the numbers of points."""

    shape: tuple[int, ...]
    classes: int
    sizes: tuple[int, ...]


class TorchDataset(Task):
    """Data that a function of one's own gives: it takes a seed and returns training and test points.

    Each is a pair of tensors, inputs and labels; a third pair are the clean points, which are the training points' mean
    of each class where it is left out. Individuals split data as those of ``digits`` do: seed 100 for all, or
    1000k + 100 for individual k. PyTorch's own generator is seeded for the function and put back.

    Args:
        factory: gives the data for a seed.
        train_size, test_size, clean_size: of what it gives; None counts.
    """

    is_one_split: ClassVar[bool] = True

    factory: Annotated[Factory, Label("what gives the data")]

    @model_validator(mode="before")
    @classmethod
    def _count(cls, values: Any) -> Any:
        """Sizes that are left open are those of the data."""
        if not isinstance(values, dict) or not callable(values.get("factory")):
            return values
        factory = values["factory"]
        try:
            facts = _facts(factory)
        except DataError as error:
            raise ValueError(f"factory={factory.__module__}:{factory.__qualname__}: {error}") from error
        return values | {
            name: size for name, size in zip(_SIZES, facts.sizes, strict=True) if values.get(name, 0) is None
        }

    @model_validator(mode="after")
    def _require_sizes(self) -> Self:
        for name, size in zip(_SIZES[:2], self._facts.sizes, strict=False):
            if getattr(self, name) != size:
                raise ValueError(f"{name}={getattr(self, name)}: the factory gives {size}; must be null or that")
        if self.clean_size % self.classes and self.clean_size != self._facts.sizes[2]:
            raise ValueError(f"clean_size={self.clean_size}: must be null or a multiple of {self.classes}, the classes")
        return self

    @property
    def _facts(self) -> Facts:
        return _facts(self.factory)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one input."""
        return self._facts.shape

    @property
    def inputs(self) -> int:
        """Numbers of one input."""
        return prod(self.shape)

    @property
    def classes(self) -> int:
        """One more than the highest label."""
        return self._facts.classes

    def draw(
        self,
        seeds: tuple[int, ...],
        data: Literal["shared", "individual"],
        held: tuple[int | None, int | None] = (None, None),
    ) -> Dataset:
        """The data of a cohort; individuals that share them share the tensors.

        Raises:
            ValueError: if the training or the test points alone are held, or each another seed's, or the data are of
                another kind than those of seed 100.
        """
        if held[0] != held[1]:
            raise ValueError("training and test points are one split; hold both (cohort.hold.data) or neither")
        bases = [0] if data == "shared" else [1000 * k for k in (seeds if held[0] is None else (held[0],))]
        splits = [self._split(base + _SPLIT) for base in bases]
        return Dataset(*(_stacked([split[part] for split in splits], len(seeds)) for part in range(len(_SETS))))

    def _split(self, seed: int) -> list[Labelled]:
        """The data of a seed: to learn, to be examined on, and clean ones."""
        sets = _given(self.factory, seed)
        if (facts := _facts_of(sets)) != self._facts:
            raise DataError(f"the data of seed {seed} are {facts}; must be {self._facts}, as those of seed {_SPLIT}")
        return [*sets[:2], _clean(sets, self.clean_size, self.classes)]


@lru_cache(maxsize=16)
def _facts(factory: Callable[..., Any]) -> Facts:
    first, second = _given(factory, _SPLIT), _given(factory, _SPLIT)
    for name, one, other in zip(_SETS, first, second, strict=False):
        if not all(torch.equal(*tensors) for tensors in zip(one, other, strict=True)):
            raise DataError(f"gives other {name} points each time; must give the same for the same seed")
    return _facts_of(first)


def _facts_of(sets: Sequence[Labelled]) -> Facts:
    classes = int(sets[0].y.max()) + 1
    clean = len(sets[2].y) if len(sets) > 2 else _COPIES * classes
    return Facts(tuple(sets[0].x.shape[1:]), classes, (len(sets[0].y), len(sets[1].y), clean))


def _given(factory: Callable[..., Any], seed: int) -> list[Labelled]:
    """What a factory gives for a seed, looked at.

    Raises:
        DataError: if it fails, or gives anything else than pairs of tensors that belong together.
    """
    if wrong := uncallable(factory, seed):
        raise DataError(f"cannot be called with the seed ({wrong}); must take it as its one argument")
    with seeded(np.random.SeedSequence(seed)):
        try:
            sets = factory(seed)
        except Exception as error:
            raise DataError(f"raised {described(error)}") from error
    if not isinstance(sets, tuple | list) or not 2 <= len(sets) <= len(_SETS):
        raise DataError(
            f"returned {_kind(sets)}; must return (x, y) of training and (x, y) of test points, of clean too"
        )
    labelled = [_labelled(name, given) for name, given in zip(_SETS, sets, strict=False)]
    low, high = (int(end) for end in labelled[0].y.aminmax())
    if low != 0 or high >= len(labelled[0].y):
        count = len(labelled[0].y.unique())
        raise DataError(f"training labels are {low} to {high}; must be 0 to {count - 1}")
    shape, classes = labelled[0].x.shape[1:], high + 1
    for name, (x, y) in zip(_SETS, labelled, strict=False):
        if x.shape[1:] != shape:
            raise DataError(f"{name} inputs have the shape {tuple(x.shape[1:])}; must be {tuple(shape)}")
        if absent := set(range(classes)) ^ set(y.unique().tolist()):
            raise DataError(
                f"{name} labels lack or add {sorted(absent)}; must be 0 to {classes - 1}, each at least once"
            )
    return labelled


def _labelled(name: str, given: Any) -> Labelled:
    is_pair = isinstance(given, tuple | list) and len(given) == 2
    if is_pair and any(isinstance(points, np.ndarray) for points in given):
        must = "must be tensors: torch.from_numpy(x).float() and torch.from_numpy(y).long()"
        raise DataError(f"{name} points are NumPy arrays; {must}")
    if not is_pair or not all(isinstance(tensor, torch.Tensor) for tensor in given):
        raise DataError(f"{name} points are {_kind(given)}; must be a pair of tensors, inputs and labels")
    x, y = (tensor.detach() for tensor in given)
    if x.dtype != torch.float32 or x.dim() < 2 or x.device.type != "cpu" or not len(x) or not x[0].numel():
        raise DataError(
            f"{name} inputs are {tuple(x.shape)}, {x.dtype}; must be (points, ...), torch.float32 on the CPU"
        )
    if y.dtype != torch.int64 or tuple(y.shape) != (len(x),) or y.device.type != "cpu":
        raise DataError(f"{name} labels are {tuple(y.shape)}, {y.dtype}; must be {(len(x),)}, torch.int64 on the CPU")
    if not bool(x.isfinite().all()):
        raise DataError(f"{name} inputs are not all finite; they must be")
    return Labelled(x.contiguous(), y.contiguous())


def _clean(sets: Sequence[Labelled], size: int, classes: int) -> Labelled:
    """The clean points that are given, or the means of the training points' classes."""
    if len(sets) > 2:
        return sets[2]
    x, y = sets[0]
    means = torch.stack([x[y == label].double().mean(0) for label in range(classes)]).float()
    labels = torch.arange(classes).repeat_interleave(size // classes)
    return Labelled(means[labels], labels)


def _stacked(sets: Sequence[Labelled], count: int) -> Points:
    """Points of so many individuals; one set serves all."""
    x, y = torch.stack([points.x.flatten(1) for points in sets]), torch.stack([points.y for points in sets])
    return Points(x.expand(count, -1, -1), y.expand(count, -1))


def _kind(value: object) -> str:
    return f"a sequence of {len(value)}" if isinstance(value, tuple | list) else f"a {type(value).__name__}"
