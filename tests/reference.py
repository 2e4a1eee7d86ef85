"""An independent, slow, plain float64 network: what the fast arithmetic is held against."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from depsim.model import Cohort, StandingState


def logits(
    weights: Sequence[torch.Tensor],
    biases: Sequence[torch.Tensor],
    x: torch.Tensor,
    state: StandingState,
    sigma: float = 0.0,
    noise: torch.Tensor | None = None,
) -> torch.Tensor:
    """Logits (B, O) of one network for inputs (B, I); noise (B, hidden units)."""
    h, first = x, 0
    gain, mean = state.noise_alone
    for layer, (weight, bias) in enumerate(zip(weights[:-1], biases[:-1], strict=True), start=1):
        h = functional.linear(h, weight, bias)
        acting = [drug for drug in state.drugs if drug.layers is None or layer in drug.layers]
        h = (torch.tanh(h) if any(drug.bounded for drug in acting) else torch.relu(h)) + mean
        if sigma > 0:
            assert noise is not None
            h = h + gain * sigma * noise[:, first : first + weight.shape[0]]
            first += weight.shape[0]
        for drug in acting:
            h = h * drug.damping_factor
    return functional.linear(h, weights[-1], biases[-1])


def parameters(
    cohort: Cohort, index: int, layers: Sequence[int] | None = None
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """One individual's weights and biases, float64, with gradients in these layers."""
    learns = [layers is None or layer in layers for layer in range(1, len(cohort.weights) + 1)]
    weights = [w[index].double().requires_grad_(own) for w, own in zip(cohort.weights, learns, strict=True)]
    biases = [b[index].double().requires_grad_(own) for b, own in zip(cohort.biases, learns, strict=True)]
    return weights, biases


def train(
    cohort: Cohort,
    index: int,
    batches: Sequence[tuple[torch.Tensor, torch.Tensor]],
    learning_rate: float,
    sigma: float = 0.0,
    noise: Sequence[torch.Tensor] | None = None,
) -> tuple[list[torch.Tensor], list[torch.Tensor], float]:
    """Adam over the batches, every masked weight set to 0 after each step; also the mean loss over the samples."""
    weights, biases = parameters(cohort, index)
    adam = torch.optim.Adam([*weights, *biases], lr=learning_rate)
    total, samples = 0.0, 0
    for number, (x, y) in enumerate(batches):
        own = None if noise is None else noise[number][index, : x.shape[1]].double()
        total += step(cohort, index, adam, weights, biases, x[index], y[index], sigma, own) * x.shape[1]
        samples += x.shape[1]
    return [w.detach() for w in weights], [b.detach() for b in biases], total / samples


def step(
    cohort: Cohort,
    index: int,
    adam: torch.optim.Optimizer,
    weights: list[torch.Tensor],
    biases: list[torch.Tensor],
    x: torch.Tensor,
    y: torch.Tensor,
    sigma: float,
    noise: torch.Tensor | None,
) -> float:
    """One step on a batch (B, I), (B,) of one individual whose parameters these are; the loss before it."""
    adam.zero_grad()
    found = logits(weights, biases, x.double(), cohort.state.individual(index), sigma, noise)
    loss = functional.cross_entropy(found, y)
    loss.backward()
    adam.step()
    with torch.no_grad():
        for weight, mask in zip(weights, cohort.masks, strict=True):
            weight.mul_(mask[index])
    return float(loss.detach())


class RecordedNoise:
    """Stands in for a source of noise: the given blocks, one after the other."""

    def __init__(self, blocks: Sequence[torch.Tensor]) -> None:
        self._blocks = iter(blocks)

    def block(self) -> torch.Tensor:
        return next(self._blocks)
