"""Training a cohort: who trains on what, in which order, with which noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol

import numpy as np

from depsim.component import Component, Count, Epochs, Label, LearningRate
from depsim.lazy_torch import torch
from depsim.model import Cohort, StandingState
from depsim.model.cohort import join
from depsim.model.sparse import has_kernels, is_sparse
from depsim.streams import Position, Purpose, Streams
from depsim.task import Points
from depsim.training.schedules import Layers, Phase

Batches = Sequence[tuple["torch.Tensor", "torch.Tensor"]]
_TRAINING, _SCORING = 0, 1
"""Last word of the address of an order stream."""


class HealthyTraining(Component):
    """How the healthy network learns; its batch size holds for every later phase too.

    Args:
        epochs, learning_rate: of the healthy network.
        batch_size: samples per batch; the last batch of an epoch has the remainder.

    References: paper, Methods, "Baseline training and pruning".
    """

    epochs: Epochs
    learning_rate: LearningRate
    batch_size: Annotated[Count, Label("samples per batch")]


@dataclass(frozen=True)
class Trained:
    """What a phase of training leaves.

    Args:
        cohort: the trained networks.
        losses: mean training loss of each epoch, (N, T) float64 on the CPU.
    """

    cohort: Cohort
    losses: torch.Tensor


@dataclass(frozen=True)
class Trainer:
    """Trains cohorts of the same individuals on their points.

    Args:
        points: the training points, on the device of the computation.
        streams: the individuals' random streams.
        batch_size: samples per batch.
        passes: how often an epoch goes through the points, each time in a new order.
    """

    points: Points
    streams: Streams
    batch_size: int
    passes: int = 1

    def train(self, cohort: Cohort, position: Position, phase: Phase) -> Trained:
        """Train with cross-entropy and a fresh Adam, holding the mask; a masked weight stays 0.

        Args:
            cohort: networks to start from; left as they are.
            position: addresses the order and noise streams, which all arms share.
            phase: how long and how.
        """
        if cohort.device.type == "cpu" and len(cohort) > 1:
            # One individual at a time keeps its parameters in the core's cache.
            alone = [
                self.individual(n).train(cohort.individual(n), position, phase.individual(n))
                for n in range(len(cohort))
            ]
            joined = join([trained.cohort for trained in alone], cohort.state)
            return Trained(joined, torch.cat([trained.losses for trained in alone]))
        phase, noise = phase.individual(0) if len(cohort) == 1 else phase, None
        if any(sigma > 0 for sigma in phase.internal_noise):
            units, address = cohort.architecture.noise_units, position.words()
            noise = self.streams.noise(self.batch_size, units, cohort.device, Purpose.TREATMENT, *address)
        learner = _learner_for(cohort, quiet=noise is None, layers=phase.layers)(
            cohort, phase.learning_rate, layers=phase.layers
        )
        losses = [
            learner.epoch(batches, phase.state(epoch, cohort.state), sigma, noise)
            for epoch, (sigma, batches) in enumerate(
                zip(phase.internal_noise, self._epochs(position, _TRAINING), strict=False)
            )
        ]
        stacked = torch.stack(losses, dim=1).double().cpu() if losses else torch.zeros(len(cohort), 0).double()
        return Trained(learner.cohort(), stacked)

    def gradient_magnitudes(self, cohort: Cohort, position: Position, batches: int) -> tuple[torch.Tensor, ...]:
        """Sum over training batches of |gradient of the batch's mean loss|, without random noise, without learning.

        Masked weights have a gradient too: that is what a regrowth wants to know.

        Shape: per layer (N, O, I).
        """
        sums = tuple(torch.zeros_like(weight) for weight in cohort.weights)
        gradients = tuple(torch.empty_like(weight) for weight in cohort.weights)
        bias_gradients = tuple(torch.empty_like(bias) for bias in cohort.biases)
        seen = 0
        for epoch in self._epochs(position, _SCORING):
            for x, y in epoch:
                if seen == batches:
                    return sums
                cohort.model.loss_and_gradients(
                    cohort.weights,
                    cohort.biases,
                    x,
                    y,
                    cohort.state,
                    weight_gradients=gradients,
                    bias_gradients=bias_gradients,
                )
                for total, gradient in zip(sums, gradients, strict=True):
                    total.add_(gradient.abs_())
                seen += 1
        raise AssertionError("the order stream is endless")

    @property
    def batches(self) -> int:
        """Batches of an epoch, and so its steps."""
        return -(-self.passes * self.points.y.shape[1] // self.batch_size)

    def individual(self, index: int) -> Trainer:
        """The trainer of one individual alone."""
        return replace(
            self,
            points=Points(self.points.x[index : index + 1], self.points.y[index : index + 1]),
            streams=replace(self.streams, seeds=self.streams.seeds[index : index + 1]),
        )

    def _epochs(self, position: Position, use: int) -> Iterator[Batches]:
        """Endless epochs of shuffled batches, x (N, B, I) and y (N, B)."""
        generators = self.streams.numpy(Purpose.ORDER, *position.words(use))
        size = self.points.y.shape[1]
        while True:
            each = [np.stack([own.permutation(size) for own in generators]) for _ in range(self.passes)]
            order = torch.from_numpy(np.concatenate(each, axis=1)).to(self.points.y.device)
            y = self.points.y.gather(1, order)
            x = self.points.x.gather(1, order.unsqueeze(-1).expand(-1, -1, self.points.x.shape[-1]))
            yield list(zip(x.split(self.batch_size, 1), y.split(self.batch_size, 1), strict=True))


class _Learner(Protocol):
    """The state of one phase of training."""

    def epoch(self, batches: Batches, state: StandingState, sigma: float, noise: Any) -> torch.Tensor:
        """Learn from each batch, x (N, B, I) and y (N, B), in turn; the mean loss over the epoch's samples, (N,).

        Args:
            batches: of the epoch.
            state: of the networks in this epoch.
            sigma, noise: standard deviation of the internal noise and the source of its numbers.
        """

    def cohort(self) -> Cohort:
        """The networks as they are now."""


def _learner_for(cohort: Cohort, quiet: bool, layers: Layers = None) -> Callable[..., _Learner]:
    """The fastest arithmetic for a phase: the one place where it is picked."""
    # Imported here, for what only plans needs no compiler.
    if is_sparse(cohort) and (layers is None or cohort.model.is_layered):
        from depsim.training.sparse import SparseLearner

        return SparseLearner
    if quiet and has_kernels(cohort):
        from depsim.training.compact import CompactLearner

        return CompactLearner
    from depsim.training.dense import DenseLearner

    return DenseLearner
