"""The protocol as one would write it in plain PyTorch: the reference that depsim is measured and checked against.

One individual at a time, one ``nn.Module``, ``DataLoader``, ``torch.optim.Adam``, float32, default threads, the global
generator. It shares no code with depsim, so its distribution over individuals is an independent check of the numbers.

    python benchmarks/plain_pytorch.py [--train-size=12000] [--model=recurrent] 1 2 3
                                                  individuals 1, 2 and 3, all four arms, metrics as JSON lines
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CENTRES = np.array([[-3, -3], [3, 3], [-3, 3], [3, -3]], dtype=np.float64)
SIGMAS = (0.3, 0.5, 1.0, 1.5, 2.0, 2.5)


class Network(nn.Module):
    largest_gradient = None

    def __init__(self) -> None:
        super().__init__()
        sizes = (2, 512, 512, 256, 4)
        self.layers = nn.ModuleList([nn.Linear(i, o) for i, o in pairwise(sizes)])
        self.sigma, self.damping, self.bounded = 0.0, 1.0, False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = torch.tanh(layer(x)) if self.bounded else torch.relu(layer(x))
            if self.sigma > 0:
                x = x + torch.randn_like(x) * self.sigma
            x = x * self.damping
        return self.layers[-1](x)


class Recurrent(nn.Module):
    largest_gradient, steps, noise_scale = 1.0, 10, 0.7

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 256), nn.Linear(256, 256, bias=False), nn.Linear(256, 4)])
        self.sigma, self.damping, self.bounded = 0.0, 1.0, False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        read, back, answer = self.layers
        driven = read(x)
        state = torch.zeros_like(driven)
        for _ in range(self.steps):
            state = driven + back(state)
            state = torch.tanh(state) if self.bounded else torch.relu(state)
            if self.sigma > 0:
                state = state + torch.randn_like(state) * (self.sigma * self.noise_scale)
            state = state * self.damping
        return answer(state)


MODELS = {"mlp": Network, "recurrent": Recurrent}


def points(seed: int, size: int, spread: float) -> TensorDataset:
    random = np.random.RandomState(seed)
    labels = random.randint(0, 4, size)
    x = CENTRES[labels] + random.randn(size, 2) * spread
    return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(labels))


def fit(network: Network, data: TensorDataset, epochs: int, rate: float, masks=None, sigma=lambda _epoch: 0.0) -> None:
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    loader = DataLoader(data, batch_size=128, shuffle=True)
    loss_of = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        network.sigma = sigma(epoch)
        for x, y in loader:
            optimiser.zero_grad()
            loss_of(network(x), y).backward()
            if network.largest_gradient is not None:
                if masks is not None:
                    for layer, mask in zip(network.layers, masks, strict=True):
                        layer.weight.grad *= mask
                nn.utils.clip_grad_norm_(network.parameters(), network.largest_gradient)
            optimiser.step()
            if masks is not None:
                hold(network, masks)
    network.sigma = 0.0


@torch.no_grad()
def hold(network: Network, masks: list[torch.Tensor]) -> None:
    for layer, mask in zip(network.layers, masks, strict=True):
        layer.weight *= mask


@torch.no_grad()
def prune(network: Network, sparsity: float) -> list[torch.Tensor]:
    masks = []
    for layer in network.layers:
        size = np.abs(layer.weight.numpy())
        masks.append(torch.from_numpy((size >= np.quantile(size, sparsity)) & (size > 0)))
    hold(network, masks)
    return masks


def regrow(network: Network, masks: list[torch.Tensor], data: TensorDataset) -> list[torch.Tensor]:
    scores = [torch.zeros_like(layer.weight) for layer in network.layers]
    loader = iter(DataLoader(data, batch_size=128, shuffle=True))
    for _ in range(30):
        x, y = next(loader)
        network.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        for score, layer in zip(scores, network.layers, strict=True):
            score += layer.weight.grad.abs()
    grown = []
    with torch.no_grad():
        for score, layer, mask in zip(scores, network.layers, masks, strict=True):
            count = int(0.5 * int((~mask).sum()))
            chosen = torch.topk(score.masked_fill(mask, -1).flatten(), count).indices
            layer.weight.view(-1)[chosen] = torch.randn(count) * 0.03
            grown.append(mask.flatten().index_fill(0, chosen, True).view_as(mask))
    return grown


@torch.no_grad()
def accuracy(network: Network, data: TensorDataset, sigma: float = 0.0, input_noise: float = 0.0) -> float:
    x, y = data.tensors
    network.sigma = sigma
    answer = network(x + torch.randn_like(x) * input_noise).argmax(1)
    network.sigma = 0.0
    return 100 * (answer == y).double().mean().item()


def examine(network: Network, test: TensorDataset, clean: TensorDataset) -> dict[str, float]:
    return {
        "clean": accuracy(network, clean),
        "standard": accuracy(network, test),
        "combined": accuracy(network, test, 0.5, 1.0),
        **{f"internal_noise_{sigma}": accuracy(network, test, sigma) for sigma in SIGMAS},
    }


@torch.no_grad()
def relapse(network: Network, masks: list[torch.Tensor], test: TensorDataset) -> float:
    network = copy.deepcopy(network)
    kept, total = sum(int(m.sum()) for m in masks), sum(m.numel() for m in masks)
    sparsity = 1 - kept / total
    prune(network, min(sparsity + 0.4 * (1 - sparsity), 0.99))
    return accuracy(network, test, 0.5, 1.0)


def simulate(
    seed: int,
    arms: tuple[str, ...] = ("none", "ketamine", "ssri", "neurosteroid"),
    train_size: int = 12_000,
    model: str = "mlp",
) -> dict[str, object]:
    """One individual with data of its own through all arms: arm to stage to metric; and seconds by phase."""
    torch.manual_seed(seed)
    clock: dict[str, float] = {}
    began = time.perf_counter()

    def lap(phase: str) -> None:
        nonlocal began
        clock[phase] = clock.get(phase, 0.0) + time.perf_counter() - began
        began = time.perf_counter()

    train, test = points(1000 * seed + 100, train_size, 0.8), points(1000 * seed + 200, 4_000, 0.8)
    clean = points(1000 * seed + 300, 2_000, 0.0)
    lap("data")
    healthy = MODELS[model]()
    fit(healthy, train, 20, 1e-3)
    lap("healthy training")
    healthy_metrics = examine(healthy, test, clean)
    lap("assessment")
    depressed = copy.deepcopy(healthy)
    pruned = prune(depressed, 0.95)
    lap("prune")
    depressed_metrics = examine(depressed, test, clean)
    lap("assessment")
    result: dict[str, object] = {"healthy": healthy_metrics, "depressed": depressed_metrics}
    for arm in arms:
        network, masks = copy.deepcopy(depressed), pruned
        if arm == "ketamine":
            masks = regrow(network, pruned, train)
            fit(network, train, 15, 5e-4, masks)
        elif arm == "ssri":
            fit(network, train, 100, 1e-5, masks, lambda epoch: 0.5 * (1 - epoch / 99))
        elif arm == "neurosteroid":
            network.damping, network.bounded = 0.7, True
            fit(network, train, 10, 5e-4, masks)
        lap(arm)
        treated = examine(network, test, clean)
        stages = {"treated": treated, "relapse_drop": treated["combined"] - relapse(network, masks, test)}
        if arm == "neurosteroid":
            network.damping, network.bounded = 1.0, False
            stages["withdrawn"] = examine(network, test, clean)
        result[arm] = stages
        lap("assessment")
    return {"seed": seed, "arms": result, "seconds": clock}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-size", type=int, default=12_000)
    parser.add_argument("--model", choices=list(MODELS), default="mlp")
    parser.add_argument("seeds", type=int, nargs="+")
    arguments = parser.parse_args()
    for number in arguments.seeds:
        print(json.dumps(simulate(number, train_size=arguments.train_size, model=arguments.model)), flush=True)
