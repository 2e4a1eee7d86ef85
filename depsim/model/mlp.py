"""A fully connected feed-forward network, computed for a whole cohort at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from depsim.component import Count, Label
from depsim.lazy_torch import torch
from depsim.model.base import Architecture, HiddenLayer, Model, Places, Stage, Tensors
from depsim.model.products import affine, multiply
from depsim.model.state import Activity, StandingState
from depsim.streams import Purpose, Streams


class Mlp(Model):
    """Linear layers with an activation, optional internal noise and damping after each hidden one.

    A hidden layer computes h = act(W h + b), then adds internal noise, then multiplies by the damping factor; the
    output layer does neither.

    Args:
        hidden: units of each hidden layer.

    References: paper, Methods, "Network architecture and task".
    """

    is_layered: ClassVar[bool] = True

    hidden: Annotated[tuple[Count, ...], Field(min_length=1, strict=False), Label("units of each hidden layer")]

    def architecture(self, inputs: int, outputs: int) -> Architecture:
        """Layers 1, 2, ... from the inputs to the outputs."""
        shapes = tuple((fan_out, fan_in) for fan_in, fan_out in pairwise((inputs, *self.hidden, outputs)))
        layers = [HiddenLayer(f"layer_{k}", units, (k - 1,), (k,)) for k, units in enumerate(self.hidden, start=1)]
        names = tuple(f"layer_{k}" for k in range(1, len(shapes) + 1))
        stages = tuple(Stage(((k, k),), k, k) for k in range(len(shapes)))
        return Architecture(names, shapes, tuple(layers), sum(self.hidden), stages=stages)

    def initialise(self, streams: Streams, inputs: int, outputs: int) -> tuple[Tensors, Tensors]:
        """Weights and biases uniform within 1 / sqrt(fan-in), PyTorch's default for a layer."""
        sizes = pairwise((inputs, *self.hidden, outputs))
        return uniform_parameters(streams, [(fan_out, fan_in, fan_out) for fan_in, fan_out in sizes])

    def logits(
        self,
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        state: StandingState,
        noise_sd: float = 0.0,
        noise: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The networks' outputs, (N, B, O)."""
        _, hidden = self._hidden(weights, biases, x, state, noise_sd, noise)
        return affine(biases[-1].unsqueeze(1), hidden[-1], weights[-1].mT)

    def signals(
        self, weights: Tensors, biases: Tensors, x: torch.Tensor, state: StandingState
    ) -> Sequence[torch.Tensor]:
        """What the hidden layers send without random noise, (N, B, units) each."""
        return self._hidden(weights, biases, x, state, 0.0, None)[1][1:]

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
        """Mean cross-entropy, (N,), by hand-written back-propagation into the given gradients."""
        active, hidden = self._hidden(weights, biases, x, state, noise_sd, noise)
        logits = affine(biases[-1].unsqueeze(1), hidden[-1], weights[-1].mT)
        loss, delta = cross_entropy(logits, y)
        lowest = min(layer for layer, place in enumerate(weight_gradients) if place is not None)
        for layer in range(len(weights) - 1, lowest - 1, -1):
            write_gradients(delta, hidden[layer], weight_gradients[layer], bias_gradients[layer])
            if layer > lowest:
                error = torch.empty_like(hidden[layer])
                multiply(delta, weights[layer], error)
                delta = backprop_activation(error, active[layer - 1], state.in_layer(layer))
        return loss

    @staticmethod
    def _hidden(
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        state: StandingState,
        noise_sd: float,
        noise: torch.Tensor | None,
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Activations as they leave the nonlinearity, and what each layer receives (the inputs first)."""
        active, received, first = [], [x], 0
        mean = state.mean(x)
        for layer, (weight, bias) in enumerate(zip(weights[:-1], biases[:-1], strict=True), start=1):
            drug = state.in_layer(layer)
            sums = affine(bias.unsqueeze(1), received[-1], weight.mT)
            active.append(sums.tanh_() if drug.bounded else sums.relu_())
            received.append(send(active[-1], drug, mean, noise_sd, noise, first))
            first += weight.shape[1]
        return active, received


def uniform_parameters(streams: Streams, sizes: Sequence[tuple[int, int, int]]) -> tuple[Tensors, Tensors]:
    """Weights and biases uniform within 1 / sqrt(fan-in), one network per seed of ``streams``.

    Args:
        streams: of the individuals.
        sizes: rows, columns and biases of each matrix, in the order in which they are drawn.
    """
    generators, weights, biases = streams.numpy(Purpose.INIT), [], []
    for fan_out, fan_in, count in sizes:
        bound = fan_in**-0.5
        drawn = [
            (generator.uniform(-bound, bound, (fan_out, fan_in)), generator.uniform(-bound, bound, count))
            for generator in generators
        ]
        weights.append(torch.from_numpy(np.stack([w for w, _ in drawn]).astype(np.float32)))
        biases.append(torch.from_numpy(np.stack([b for _, b in drawn]).astype(np.float32)))
    return weights, biases


def send(
    response: torch.Tensor,
    drug: Activity,
    mean: float | torch.Tensor,
    noise_sd: float,
    noise: torch.Tensor | None,
    first: int,
) -> torch.Tensor:
    """What hidden units send, (N, B, units): their response and the noise from its ``first`` number on, damped.

    Raises:
        ValueError: if there is no noise where there has to be some.
    """
    if isinstance(mean, torch.Tensor) or mean != 0:
        response = response + mean
    if noise_sd > 0:
        if noise is None:
            raise ValueError(f"the noise's standard deviation is {noise_sd}, but no noise was given")
        response = torch.add(response, noise[..., first : first + response.shape[-1]], alpha=noise_sd)
    return response * drug.damping_factor if drug.damping_factor != 1 else response


def cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy of a batch, (N,), and its gradient with respect to the logits, (N, B, O)."""
    log_share = torch.log_softmax(logits, dim=-1)
    labels = y.unsqueeze(-1)
    loss = log_share.gather(-1, labels).mean((1, 2)).neg()
    delta = log_share.exp()
    delta.scatter_add_(-1, labels, torch.full_like(delta[..., :1], -1.0))
    delta /= logits.shape[1]
    return loss, delta


def write_gradients(
    delta: torch.Tensor, received: torch.Tensor, weight_place: torch.Tensor | None, bias_place: torch.Tensor | None
) -> None:
    """A matrix's gradients from the errors above it, (N, B, O), and what it received, (N, B, I); None: not learned."""
    if weight_place is not None and bias_place is not None:
        multiply(delta.mT, received, weight_place)
        torch.sum(delta, 1, out=bias_place)


def backprop_activation(error: torch.Tensor, active: torch.Tensor, drug: Activity) -> torch.Tensor:
    """The error before the nonlinearity, from that of what is sent (written to) and the nonlinearity's value."""
    if drug.damping_factor != 1:
        error *= drug.damping_factor
    if drug.bounded:
        before: torch.Tensor = torch.ops.aten.tanh_backward(error, active)
    else:
        before = torch.ops.aten.threshold_backward(error, active, 0)
    return before
