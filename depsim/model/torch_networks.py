"""Networks as ordinary PyTorch modules: the paper's, and a small one with convolutions, to be copied from."""

from __future__ import annotations

from depsim.lazy_torch import torch


def paper() -> torch.nn.Module:
    """The paper's network, 2-512-512-256-4."""
    nn = torch.nn
    return nn.Sequential(
        nn.Linear(2, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 4)
    )


def small_convolution() -> torch.nn.Module:
    """Two convolutions and two linear layers for images of 8 x 8 pixels and ten classes, as those of ``digits``."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )
