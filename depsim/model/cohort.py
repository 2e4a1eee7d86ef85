"""A cohort: N individuals' networks held together, every tensor with a leading axis N.

Axis legend, used everywhere: N individuals, B samples, I/O units in and out, L weight matrices, K noise levels, T
epochs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from depsim.lazy_torch import torch
from depsim.model import masks as mask_ops
from depsim.model.base import Architecture, Model
from depsim.model.state import NO_DRUG, StandingState
from depsim.streams import Streams


@dataclass(frozen=True)
class Cohort:
    """The networks of N individuals at one moment. Steps take a cohort and return a new one.

    Args:
        model: the kind of network, which knows how to compute with these tensors.
        seeds: who the individuals are.
        weights, biases: per matrix (N, O, I) and (N, O), float32.
        masks: per matrix (N, O, I), boolean; a masked weight is 0.
        state: how the hidden units respond.
    """

    model: Model
    seeds: tuple[int, ...]
    weights: tuple[torch.Tensor, ...]
    biases: tuple[torch.Tensor, ...]
    masks: tuple[torch.Tensor, ...]
    state: StandingState = NO_DRUG

    def __post_init__(self) -> None:
        """Refuse masks that are not boolean."""
        mask_ops.require_binary(self.masks)

    def __len__(self) -> int:
        """Number of individuals."""
        return len(self.seeds)

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self.weights[0].device

    @property
    def architecture(self) -> Architecture:
        """The parts of these networks."""
        return self.model.architecture(self.weights[0].shape[2], self.weights[-1].shape[1])

    @property
    def is_dense(self) -> bool:
        """Whether every synapse of every individual is present."""
        return all(bool(mask.all()) for mask in self.masks)

    def sparsity(self) -> torch.Tensor:
        """Share of all weights masked out: (N,) float64."""
        return mask_ops.sparsity(self.masks)

    def with_masks(self, masks: Sequence[torch.Tensor]) -> Cohort:
        """The same networks with these masks; weights that are masked now become 0."""
        weights = tuple(weight * mask for weight, mask in zip(self.weights, masks, strict=True))
        return replace(self, weights=weights, masks=tuple(masks))

    def mapped(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Cohort:
        """The same cohort with every tensor changed."""
        weights, biases, masks = (tuple(map(change, own)) for own in (self.weights, self.biases, self.masks))
        return replace(self, weights=weights, biases=biases, masks=masks)

    def to(self, device: torch.device) -> Cohort:
        """The same cohort on another device."""
        return self.mapped(lambda tensor: tensor.to(device))

    def individual(self, index: int) -> Cohort:
        """One individual as a cohort of its own."""
        alone = self.mapped(lambda tensor: tensor[index : index + 1])
        return replace(alone, seeds=self.seeds[index : index + 1], state=self.state.individual(index))

    def diverged(self) -> tuple[int, ...]:
        """Seeds of the individuals with a weight or bias that is not finite."""
        parts = [torch.isfinite(tensor.flatten(1)).all(1) for tensor in (*self.weights, *self.biases)]
        finite = torch.stack(parts).all(0).tolist()
        return tuple(seed for seed, fine in zip(self.seeds, finite, strict=True) if not fine)


def initial_cohort(model: Model, streams: Streams, inputs: int, outputs: int) -> Cohort:
    """New dense networks, one per seed of ``streams``, on the CPU."""
    weights, biases = model.initialise(streams, inputs, outputs)
    return dense_cohort(model, streams.seeds, weights, biases)


def dense_cohort(
    model: Model, seeds: tuple[int, ...], weights: Sequence[torch.Tensor], biases: Sequence[torch.Tensor]
) -> Cohort:
    """Networks of which every synapse is present."""
    masks = tuple(torch.ones_like(weight, dtype=torch.bool) for weight in weights)
    state = StandingState(sensitivity=model.noise_scale)
    return Cohort(model, seeds, tuple(weights), tuple(biases), masks, state)


def join(parts: Sequence[Cohort], state: StandingState) -> Cohort:
    """Cohorts that differ in who they are as one, in this state."""
    kinds = zip(*((part.weights, part.biases, part.masks) for part in parts), strict=True)
    weights, biases, masks = (tuple(map(torch.cat, zip(*own, strict=True))) for own in kinds)
    seeds = tuple(seed for part in parts for seed in part.seeds)
    return replace(parts[0], seeds=seeds, weights=weights, biases=biases, masks=masks, state=state)
