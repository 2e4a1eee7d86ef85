"""Data for tests, as a user's functions would give them: each right but for what its name says."""

from __future__ import annotations

from typing import Any

import torch

from depsim.task.torch_examples import spirals

Pair = tuple[torch.Tensor, torch.Tensor]
_CALLS = [0]


def points(seed: int, count: int = 100) -> Pair:
    """Images of 1 x 2 x 3 pixels in three classes, whose means are 0, 1 and 2."""
    y = torch.arange(count) % 3
    generator = torch.Generator().manual_seed(seed)
    return y.view(-1, 1, 1, 1) + torch.randn(count, 1, 2, 3, generator=generator) / 10, y


def few_spirals(seed: int) -> tuple[Pair, Pair]:
    """Points of a spiral's three arms, few of them."""
    (x, y), (test, test_y) = spirals(seed)
    return (x[:130], y[:130]), (test[:60], test_y[:60])


def images(seed: int) -> tuple[Pair, Pair]:
    """Training and test points."""
    return points(seed), points(seed + 1, 60)


def with_clean(seed: int) -> tuple[Pair, Pair, Pair]:
    """And clean ones."""
    return points(seed), points(seed + 1, 60), points(0, 7)


def drawn(_seed: int) -> tuple[Pair, Pair]:
    """From PyTorch's own generator."""
    (x, y), test = images(0)
    return (x + torch.randn(x.shape), y), test


def other_each_time(seed: int) -> tuple[Pair, Pair]:
    """Counts its calls."""
    _CALLS[0] += 1
    (x, y), test = images(seed)
    return (x + _CALLS[0], y), test


def other_for_others(seed: int) -> tuple[Pair, Pair]:
    """Fewer points for individuals."""
    return points(seed, 100 if seed == 100 else 90), points(seed + 1, 60)


def fails(_seed: int) -> tuple[Pair, Pair]:
    """Finds no file."""
    raise FileNotFoundError("no data here")


def only_training(seed: int) -> tuple[Pair]:
    """No test points."""
    return (points(seed),)


def no_pair(seed: int) -> tuple[Pair, torch.Tensor]:
    """Test points without labels."""
    return points(seed), points(seed)[0]


def doubles(seed: int) -> tuple[Pair, Pair]:
    """Inputs of 64 bits."""
    (x, y), test = images(seed)
    return (x.double(), y), test


def without_a_seed() -> tuple[Pair, Pair]:
    """The same for everyone."""
    return images(0)


def one_based(seed: int) -> tuple[Pair, Pair]:
    """Labels that begin at 1."""
    (x, y), (test, test_y) = images(seed)
    return (x, y + 1), (test, test_y + 1)


def arrays(seed: int) -> tuple[Any, Any]:
    """No tensors."""
    (x, y), (test, test_y) = images(seed)
    return (x.numpy(), y.numpy()), (test.numpy(), test_y.numpy())


def float_labels(seed: int) -> tuple[Pair, Pair]:
    """Labels that are no integers."""
    (x, y), test = images(seed)
    return (x, y.float()), test


def a_label_too_few(seed: int) -> tuple[Pair, Pair]:
    """Labels for 99 points."""
    (x, y), test = images(seed)
    return (x, y[1:]), test


def not_finite(seed: int) -> tuple[Pair, Pair]:
    """A hole in the test points."""
    train, (x, y) = images(seed)
    return train, (x.where(x < 2, torch.nan), y)


def no_second_class(seed: int) -> tuple[Pair, Pair]:
    """Labels 0 and 2."""
    (x, y), test = images(seed)
    return (x[y != 1], y[y != 1]), test


def another_class(seed: int) -> tuple[Pair, Pair]:
    """Test points of a class that nobody learns."""
    train, (x, y) = images(seed)
    return train, (x, y + (y == 2))


def another_shape(seed: int) -> tuple[Pair, Pair]:
    """Flat test points."""
    train, (x, y) = images(seed)
    return train, (x.flatten(1), y)
