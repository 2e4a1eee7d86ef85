"""What a model is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from depsim.component import Component, Label, Neutral
from depsim.lazy_torch import torch
from depsim.model.state import StandingState
from depsim.streams import Streams

Tensors = Sequence["torch.Tensor"]
Places = Sequence["torch.Tensor | None"]
"""Where to write; None for what nobody wants."""


@dataclass(frozen=True)
class HiddenLayer:
    """A layer of hidden units.

    Args:
        name: what its metrics end in.
        units: how many.
        incoming, outgoing: the places of the weight matrices that lead to it and from it.
    """

    name: str
    units: int
    incoming: tuple[int, ...]
    outgoing: tuple[int, ...]


class Stage(NamedTuple):
    """Units that are computed together when a sample goes through a network.

    Args:
        sources: what they receive: the place of an earlier stage, 0 being the inputs, and the matrix between.
        biases: the matrix whose biases they add.
        layer: that they belong to, from 0; that of the outputs is the last.
    """

    sources: tuple[tuple[int, int], ...]
    biases: int
    layer: int


@dataclass(frozen=True)
class Architecture:
    """The parts of a network for a task: what other code may ask instead of assuming.

    Args:
        matrices: names of the weight matrices, the one that reads the inputs first; their metrics end in these.
        shapes: (O, I) of each.
        hidden: the layers of hidden units.
        noise_units: how many standard normal numbers one sample's internal noise takes.
        times: how often a sample goes through the matrices.
        stages: how units follow on each other, the inputs left out and the outputs last; needed of networks that
            compiled kernels compute.
    """

    matrices: tuple[str, ...]
    shapes: tuple[tuple[int, int], ...]
    hidden: tuple[HiddenLayer, ...]
    noise_units: int
    times: int = 1
    stages: tuple[Stage, ...] = ()

    @property
    def weights(self) -> int:
        """Number of weights; biases never count."""
        return sum(rows * columns for rows, columns in self.shapes)

    @property
    def biases(self) -> int:
        """Number of biases: one per row of a weight matrix."""
        return sum(rows for rows, _ in self.shapes)


class Model(Component):
    """A kind of network: how it starts and how a whole cohort of it computes at once.

    A new kind of network needs :meth:`architecture`, :meth:`initialise` and :meth:`logits`. Gradients come from
    PyTorch's autograd unless it brings its own.

    Args:
        noise_scale: multiplies every standard deviation of internal noise, as the sensitivity that all its individuals
            start with; names of examinations stay nominal.
    """

    largest_gradient: ClassVar[float | None] = None
    """Norm of an individual's gradient, over all that survives and learns, above which training shortens it to this."""
    is_layered: ClassVar[bool] = False
    """Whether it is a chain of fully connected layers, which compiled kernels can compute, too."""
    is_unrolled: ClassVar[bool] = False
    """Whether compiled kernels can compute it as the stages of its architecture, sparse and all matrices learning."""

    noise_scale: Annotated[
        float, Field(gt=0, allow_inf_nan=False), Neutral(1.0), Label("multiplier of internal noise")
    ] = 1.0

    @abstractmethod
    def architecture(self, inputs: int, outputs: int) -> Architecture:
        """Its parts for a task with so many input units and classes; nothing is built."""

    @abstractmethod
    def initialise(self, streams: Streams, inputs: int, outputs: int) -> tuple[Tensors, Tensors]:
        """Weights and biases of new dense networks, one per seed of ``streams``, on the CPU.

        Shape: per matrix (N, O, I) and (N, O).
        """

    @abstractmethod
    def logits(
        self,
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        state: StandingState,
        noise_sd: float = 0.0,
        noise: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The networks' outputs.

        Args:
            weights, biases: per matrix (N, O, I) and (N, O).
            x: inputs (N, B, I).
            state: of the hidden units; its gain of the noise is already part of ``noise_sd``.
            noise_sd: standard deviation of the noise after each activation.
            noise: standard normal numbers (N, B, noise units), needed if ``noise_sd`` > 0.

        Shape: (N, B, O).
        """

    def signals(
        self, weights: Tensors, biases: Tensors, x: torch.Tensor, state: StandingState
    ) -> Sequence[torch.Tensor]:
        """What the hidden layers send without random noise, (N, B, units) each; empty where a model does not tell."""
        return ()

    def measures(self, weights: Tensors) -> Mapping[str, torch.Tensor]:
        """What else a network is described by, as metrics of each examination: name to (N,) float64."""
        return {}

    def loss_and_gradients(
        self,
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        y: torch.Tensor,
        state: StandingState,
        noise_sd: float = 0.0,
        noise: torch.Tensor | None = None,
        *,
        weight_gradients: Places,
        bias_gradients: Places,
    ) -> torch.Tensor:
        """Mean cross-entropy of a batch and, written in place, its gradients (masked weights included).

        Args:
            weights, biases, x, state, noise_sd, noise: as for :meth:`logits`.
            y: labels (N, B).
            weight_gradients, bias_gradients: where to write, shaped like ``weights`` and ``biases``; None, in both, for
                a matrix that does not learn: neither that gradient nor any that only it would need is computed.

        Shape: loss (N,).
        """
        places = (*weight_gradients, *bias_gradients)
        own = [
            tensor.detach().requires_grad_(place is not None)
            for tensor, place in zip((*weights, *biases), places, strict=True)
        ]
        logits = self.logits(own[: len(weights)], own[len(weights) :], x, state, noise_sd, noise)
        loss = torch.nn.functional.cross_entropy(logits.mT, y, reduction="none").mean(1)
        wanted = [(tensor, place) for tensor, place in zip(own, places, strict=True) if place is not None]
        found = torch.autograd.grad(loss.sum(), [tensor for tensor, _ in wanted], allow_unused=True)
        for (_, place), gradient in zip(wanted, found, strict=True):
            if gradient is None:
                place.zero_()
            else:
                place.copy_(gradient)
        return loss.detach()
