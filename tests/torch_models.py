"""PyTorch modules for tests, as a user would write them."""

from __future__ import annotations

import torch
from torch import nn

from depsim.task import Digits

SEEDS = (3, 7, 9)
SMALL_DIGITS = Digits(train_size=100, test_size=60, clean_size=20, passes=1)


def layered() -> nn.Sequential:
    """Two hidden layers, of 7 and 5 units."""
    return nn.Sequential(nn.Linear(2, 7), nn.ReLU(), nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 4))


def convolution() -> nn.Sequential:
    """Two small convolutions for images of 8 x 8."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3), nn.GELU(), nn.Flatten(), nn.Linear(24, 10),
    )  # fmt: skip


class Residual(nn.Module):
    """One activation used three times, and a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = nn.Linear(2, 6), nn.Linear(6, 6), nn.Linear(6, 6)
        self.norm, self.output, self.act = nn.LayerNorm(6), nn.Linear(6, 4, bias=False), nn.Tanh()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = self.first(x)
        second = first + self.second(self.act(self.norm(first)))
        third = second + self.third(self.act(second))
        answer: torch.Tensor = self.output(self.act(third))
        return answer


class Repeated(nn.Module):
    """A recurrent network: one hidden layer at four times."""

    def __init__(self) -> None:
        super().__init__()
        self.read, self.back, self.answer = nn.Linear(2, 6), nn.Linear(6, 6, bias=False), nn.Linear(6, 4)
        self.act = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        driven = self.read(x)
        state = self.act(driven)
        for _ in range(3):
            state = self.act(driven + self.back(state))
        answer: torch.Tensor = self.answer(state)
        return answer


class Tied(nn.Module):
    """Two layers that share one weight matrix, and a scale of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.read, self.one, self.two, self.answer = nn.Linear(2, 5), nn.Linear(5, 5), nn.Linear(5, 5), nn.Linear(5, 4)
        self.two.weight = self.one.weight
        self.acts = nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.SiLU()])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.acts[0](self.read(x * self.scale))
        hidden = self.acts[2](self.two(self.acts[1](self.one(hidden))))
        answer: torch.Tensor = self.answer(hidden)
        return answer


def fails() -> nn.Module:
    """Cannot make anything."""
    raise FileNotFoundError("no weights here")


def needs_something(size: int) -> nn.Module:
    """Cannot be called without arguments."""
    return nn.Linear(size, size)


ALWAYS_THE_SAME = layered()


def always_the_same() -> nn.Module:
    """The same module for everyone."""
    return ALWAYS_THE_SAME


def normalised() -> nn.Module:
    """Statistics of batches."""
    return nn.Sequential(nn.Linear(2, 7), nn.BatchNorm1d(7), nn.ReLU(), nn.Linear(7, 4))


def five_classes() -> nn.Module:
    """Five outputs."""
    return nn.Sequential(nn.Linear(2, 7), nn.ReLU(), nn.Linear(7, 5))


def probabilities() -> nn.Module:
    """No logits."""
    return nn.Sequential(layered(), nn.Softmax(1))


def of_larger_images() -> nn.Module:
    """Its last layer is for images of 28 x 28."""
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2704, 10))


def along_a_line() -> nn.Module:
    """Nothing tells where its channels are."""
    return nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(120, 10))


def with_a_linear_layer() -> nn.Module:
    """Two layers without anything between them."""
    return nn.Sequential(nn.Linear(2, 6), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4))


class Recurrent(nn.Module):
    """Most of its weights are an LSTM's own."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.layers = nn.LSTM(2, 16, batch_first=True), nn.Sequential(nn.Linear(16, 6), nn.ReLU())
        self.answer = nn.Linear(6, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs, _ = self.lstm(x[:, None])
        answer: torch.Tensor = self.answer(self.layers(outputs[:, -1]))
        return answer


def of_images() -> nn.Module:
    """For images of 1 x 2 x 3 in three classes."""
    return nn.Sequential(nn.Conv2d(1, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))


def residual() -> nn.Module:
    """A shortcut, and a norm."""
    return Residual()


def of_spirals() -> nn.Module:
    """For points of the plane in three classes."""
    return nn.Sequential(nn.Linear(2, 9), nn.SiLU(), nn.Linear(9, 3))
