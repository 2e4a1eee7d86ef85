"""A recurrent network: the hidden layer of the paper's tied over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from depsim.component import Count, Label
from depsim.lazy_torch import torch
from depsim.model.base import Architecture, HiddenLayer, Model, Places, Stage, Tensors
from depsim.model.mlp import backprop_activation, cross_entropy, send, uniform_parameters, write_gradients
from depsim.model.products import affine, multiply
from depsim.model.state import StandingState
from depsim.streams import Streams


class Recurrent(Model):
    """h_t = d (act(W_in x + W_rec h_(t-1) + b) + sigma xi_t) from h_0 = 0 on; the answer is W_out h + b_out at the end.

    The input is the same point at every step, and 0 in silent ones. There is one bias of the hidden units: that of
    ``recurrent`` is empty.

    Args:
        hidden: hidden units.
        steps: how many steps the input is there.
        delay: silent steps between input and answer.
    """

    largest_gradient: ClassVar[float | None] = 1.0
    is_unrolled: ClassVar[bool] = True

    hidden: Annotated[Count, Label("hidden units")]
    steps: Annotated[Count, Label("steps with input")]
    delay: Annotated[int, Field(ge=0, le=10**6), Label("silent steps before the answer")]

    def architecture(self, inputs: int, outputs: int) -> Architecture:
        """Three matrices and one layer of hidden units, which has noise of its own at every step."""
        shapes = ((self.hidden, inputs), (self.hidden, self.hidden), (outputs, self.hidden))
        layer = HiddenLayer("hidden", self.hidden, (0, 1), (1, 2))
        names, length = ("input", "recurrent", "output"), self._length
        return Architecture(names, shapes, (layer,), self.hidden * length, length, self._stages())

    def _stages(self) -> tuple[Stage, ...]:
        """The network unrolled: the hidden units of each step, then the outputs."""
        unrolled = []
        for step in range(self._length):
            read, back = ((0, 0),) if step < self.steps else (), ((step, 1),) if step else ()
            unrolled.append(Stage(read + back, 0, 0))
        return (*unrolled, Stage(((self._length, 2),), 2, 1))

    @property
    def _length(self) -> int:
        return self.steps + self.delay

    def initialise(self, streams: Streams, inputs: int, outputs: int) -> tuple[Tensors, Tensors]:
        """Weights and biases uniform within 1 / sqrt(fan-in) of their matrix."""
        sizes = [(self.hidden, inputs, self.hidden), (self.hidden, self.hidden, 0), (outputs, self.hidden, outputs)]
        return uniform_parameters(streams, sizes)

    def measures(self, weights: Tensors) -> Mapping[str, torch.Tensor]:
        """The spectral radius of the recurrent matrix: above 1, without inputs, activity can grow from step to step."""
        recurrent = weights[1].double().cpu().numpy()
        finite = np.isfinite(recurrent).all(axis=(1, 2))
        radii = np.full(len(recurrent), np.nan)
        radii[finite] = np.abs(np.linalg.eigvals(recurrent[finite])).max(axis=1)
        return {"spectral_radius": torch.from_numpy(radii)}

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
        _, sent = self._run(weights, biases, x, state, noise_sd, noise)
        return affine(biases[2].unsqueeze(1), sent[-1], weights[2].mT)

    def signals(
        self, weights: Tensors, biases: Tensors, x: torch.Tensor, state: StandingState
    ) -> Sequence[torch.Tensor]:
        """What the hidden units send at each step without random noise, (N, B, units) each."""
        return self._run(weights, biases, x, state, 0.0, None)[1]

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
        """Mean cross-entropy, (N,), by hand-written back-propagation through time into the given gradients."""
        active, sent = self._run(weights, biases, x, state, noise_sd, noise)
        loss, delta = cross_entropy(affine(biases[2].unsqueeze(1), sent[-1], weights[2].mT), y)
        write_gradients(delta, sent[-1], weight_gradients[2], bias_gradients[2])
        if weight_gradients[0] is None and weight_gradients[1] is None:
            return loss
        drug, errors = state.in_layer(1), list[torch.Tensor]()
        below = weights[2]
        for response in reversed(active):
            error = torch.empty_like(response)
            multiply(delta, below, error)
            delta, below = backprop_activation(error, response, drug), weights[1]
            errors.insert(0, delta)
        if weight_gradients[1] is not None:
            weight_gradients[1].zero_()
            if len(errors) > 1:
                later, earlier = torch.cat(errors[1:], 1), torch.cat(sent[:-1], 1)
                multiply(later.mT, earlier, weight_gradients[1])
        if weight_gradients[0] is not None:
            multiply(torch.stack(errors[: self.steps]).sum(0).mT, x, weight_gradients[0])
            assert bias_gradients[0] is not None
            torch.sum(torch.stack(errors), (0, 2), out=bias_gradients[0])
        return loss

    def _run(
        self,
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        state: StandingState,
        noise_sd: float,
        noise: torch.Tensor | None,
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Of each step the activations as they leave the nonlinearity, and what the hidden units send."""
        drug, mean = state.in_layer(1), state.mean(x)
        bias = biases[0].unsqueeze(1)
        driven, silent = affine(bias, x, weights[0].mT), bias.expand(-1, x.shape[1], -1)
        active, sent = list[torch.Tensor](), list[torch.Tensor]()
        for step in range(self._length):
            sums = driven if step < self.steps else silent
            if sent:
                sums = affine(sums, sent[-1], weights[1].mT)
            active.append(torch.tanh(sums) if drug.bounded else torch.relu(sums))
            sent.append(send(active[-1], drug, mean, noise_sd, noise, step * self.hidden))
        return active, sent
