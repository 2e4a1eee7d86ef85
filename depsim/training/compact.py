"""Learning without random noise, one layered network on a CPU: dense products over the units that matter.

Units from which no path leads to an output are left out. A *constant* unit has no synapses of its own, so it sends the
same for every sample: one number in place of a column. An *inactive* unit is a ReLU that responds with 0 to every
sample of a batch: no error passes through it. Each layer's units are ordered active, inactive, constant, so that every
product runs over the first rows and columns of a matrix and nothing is copied.

Which units are inactive is guessed from the epoch before and checked in every batch: the guess decides the speed, never
the result. A mean of the noise is the same for all units and samples, so it is added behind the products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from depsim.kernels.dense import activate, backprop_activation
from depsim.kernels.loss import cross_entropy
from depsim.lazy_torch import torch
from depsim.model import Cohort, StandingState
from depsim.model.wiring import reaching_units
from depsim.streams import CpuNoise
from depsim.training.adam import Adam

_DEEP = -0.05
"""A unit whose highest sum in an epoch is below this is guessed to be inactive in the next one."""
_ALIGN = 16
"""Products are fastest over multiples of this many units."""
_NARROW = 16
"""Fan-in below which gradients are faster the other way round: 16 microseconds in place of 117 for a fan-in of 2."""


class _Layer:
    """The units of one layer that matter and their synapses, as views into flat buffers.

    Args:
        mask: (O, I) of the whole layer.
        keep: the units that reach an output, (O,) boolean.
        below: the layer below, or None for the first one.
        is_output: outputs count as driven, with synapses or without.
    """

    def __init__(self, mask: torch.Tensor, keep: np.ndarray, below: _Layer | None, is_output: bool) -> None:
        synapses, reaches = mask.any(dim=1) | is_output, torch.from_numpy(keep)
        driven, constant = torch.nonzero(synapses & reaches)[:, 0], torch.nonzero(~synapses & reaches)[:, 0]
        self.units = torch.cat([driven, constant])
        self.below = torch.arange(mask.shape[1]) if below is None else below.units
        self.driven = self.active = len(driven)
        self._driven_below = 0 if below is None else below.driven
        self.peak = torch.full((self.driven,), -torch.inf)
        self.signal, self.error = torch.empty(0, self.driven), torch.empty(0)

    @property
    def sizes(self) -> tuple[int, int]:
        """Numbers of weights and biases."""
        return self.driven * len(self.below), len(self.units)

    def attach(self, weights: Sequence[torch.Tensor], biases: Sequence[torch.Tensor]) -> None:
        """Use these flat pieces: parameters, gradients, both moments and mask."""
        self._rows, self._cells = [piece.view(self.driven, len(self.below)) for piece in weights], biases
        self.weights, self.weight_gradients, *_, self.mask = self._rows
        self.biases, self.bias_gradients, *_ = biases

    def make_room(self, samples: int) -> None:
        """Hold the signals and the error of so many samples."""
        if self.signal.shape[0] < samples:
            self.signal, self.error = torch.empty(samples, self.driven), torch.empty(samples * self.driven)

    def base(self, level: torch.Tensor, shift: float) -> torch.Tensor:
        """What the driven units sum up besides the varying signals, (driven,).

        Args:
            level: what comes from the constant units below.
            shift: what all driven units below send besides their response.
        """
        own = self.biases[: self.driven]
        if shift:
            own = own + shift * self.weights[:, : self._driven_below].sum(1)
        return torch.addmv(own, self.weights[:, -len(level) :], level) if len(level) else own

    def learn(
        self, delta: torch.Tensor, total: torch.Tensor, signal: torch.Tensor, level: torch.Tensor, shift: float
    ) -> None:
        """Write the gradients of the weights.

        Args:
            delta, total: error of the sums of the active units, (B, active), and its sum over samples.
            signal, level, shift: what comes from the active units below, (B, width), from the constant ones, and from
                all driven ones besides.
        """
        active, width = delta.shape[1], signal.shape[1]
        if width < _NARROW:  # a product with few columns is many times faster the other way round
            self.weight_gradients[:active, :width] = torch.mm(signal.T, delta).T
        else:
            torch.mm(delta.T, signal, out=self.weight_gradients[:active, :width])
        if len(level):
            torch.outer(total, level, out=self.weight_gradients[:active, -len(level) :])
        if shift:
            self.weight_gradients[:active, :width] += (shift * total)[:, None]
            self.weight_gradients[:active, width : self._driven_below] = (shift * total)[:, None]

    def sort(self) -> torch.Tensor | None:
        """Order the driven units by whether they seem inactive; the new order, or None if the old one will do."""
        inactive = self.peak < _DEEP
        self.peak.fill_(-torch.inf)
        count = self.driven - int(inactive.sum())
        self.active = min(self.driven, -(-count // _ALIGN) * _ALIGN)
        if not bool(inactive[:count].any()):
            return None
        order = torch.argsort(inactive.to(torch.int8), stable=True)
        for rows in self._rows:
            rows.copy_(rows[order])
        for cells in self._cells:
            cells[: self.driven] = cells[: self.driven][order]
        self.units[: self.driven] = self.units[: self.driven][order]
        return order

    def follow(self, order: torch.Tensor) -> None:
        """Take over a new order of the layer below."""
        for rows in self._rows:
            rows[:, : len(order)] = rows[:, order]


class CompactLearner:
    """The state of one phase of training: the parameters that can change, their gradients, and Adam.

    Args:
        cohort: a cohort of one, on the CPU; left as it is.
        learning_rate: Adam's; its other settings are PyTorch's defaults.
    """

    def __init__(self, cohort: Cohort, learning_rate: float) -> None:
        self._start = cohort
        masks = [mask[0] for mask in cohort.masks]
        self._layers: list[_Layer] = []
        for mask, keep in zip(masks, reaching_units(cohort), strict=True):
            below = self._layers[-1] if self._layers else None
            self._layers.append(_Layer(mask, keep, below, is_output=mask is masks[-1]))
        sizes = [size for layer in self._layers for size in layer.sizes]
        self._parameters, self._gradients = torch.zeros(sum(sizes)), torch.zeros(sum(sizes))
        self._mask = torch.ones(sum(sizes))
        self._adam = Adam(sum(sizes), learning_rate)
        buffers = [self._parameters, self._gradients, *map(torch.from_numpy, self._adam.moments), self._mask]
        pieces = list(zip(*(buffer.split(sizes) for buffer in buffers), strict=True))
        for number, layer in enumerate(self._layers):
            layer.attach(pieces[2 * number], pieces[2 * number + 1])
            rows = layer.units[: layer.driven].unsqueeze(1)
            layer.weights.copy_(cohort.weights[number][0][rows, layer.below])
            layer.mask.copy_(masks[number][rows, layer.below])
            layer.biases.copy_(cohort.biases[number][0][layer.units])
        self._is_dense = bool(self._mask.all())

    def epoch(
        self,
        batches: Sequence[tuple[torch.Tensor, torch.Tensor]],
        state: StandingState,
        sigma: float,
        noise: CpuNoise | None,
    ) -> torch.Tensor:
        """Learn from each batch in turn; returns the mean loss over the epoch's samples, (1,)."""
        if sigma > 0:
            raise ValueError(f"the internal noise is {sigma}, but this learner knows no random noise")
        self._use(state)
        total, samples = 0.0, 0
        for x, y in batches:
            total += self._compute_gradients(x[0], y[0]) * x.shape[1]
            if not self._is_dense:
                self._gradients.mul_(self._mask)
            self._adam.step(self._parameters.numpy(), self._gradients.numpy())
            samples += x.shape[1]
        if not self._bounded:
            self._sort()
        return torch.tensor([total / samples])

    def _use(self, state: StandingState) -> None:
        """Respond as in this state from now on; bounded units are never inactive."""
        self._bounded, self._damping = state.bounded, np.float32(state.damping_factor)
        _, self._mean = state.noise_of_one()
        for layer in self._layers if self._bounded else ():
            layer.active = layer.driven

    def _sort(self) -> None:
        """Put the units that were inactive through the epoch behind the others."""
        self._gradients.zero_()
        for layer, above in pairwise(self._layers):
            order = layer.sort()
            if order is not None:
                above.follow(order)

    def _compute_gradients(self, x: torch.Tensor, y: torch.Tensor) -> float:
        """Loss of a batch (B, I), (B,) and, written, its gradients."""
        signal, level, shift = x, x.new_zeros(0), 0.0
        received = [(signal, level, shift)]
        for layer in self._layers[:-1]:
            layer.make_room(len(x))
            below, base = received[-1][0], layer.base(level, shift).numpy()
            signal = layer.signal[: len(x)]
            torch.mm(below, layer.weights[:, : below.shape[1]].T, out=signal)
            if not activate(signal.numpy(), base, self._bounded, self._damping, layer.active, layer.peak.numpy()):
                layer.active = layer.driven  # the guess was wrong: compute all units until the epoch ends
            level, shift = self._level(layer), float(self._damping) * self._mean
            received.append((signal[:, : layer.active], level, shift))
        last, below = self._layers[-1], received[-1][0]
        logits = torch.mm(last.weights[:, : below.shape[1]], below.T) + last.base(level, shift)[:, None]
        error = torch.empty_like(logits)
        loss = cross_entropy(logits.numpy(), y.numpy(), error.numpy())
        last.bias_gradients.copy_(error.sum(1))
        delta, total = error.T, last.bias_gradients
        for number in range(len(self._layers) - 1, 0, -1):
            delta, total = self._backward(number, delta, total, *received[number])
        self._layers[0].learn(delta, total, *received[0])
        return float(loss)

    def _level(self, layer: _Layer) -> torch.Tensor:
        """What the constant units of a layer send."""
        response = self._respond(layer)
        return (response + self._mean if self._mean else response) * float(self._damping)

    def _respond(self, layer: _Layer) -> torch.Tensor:
        """What leaves the nonlinearity of the constant units of a layer."""
        constant = layer.biases[layer.driven :]
        return torch.tanh(constant) if self._bounded else torch.relu(constant)

    def _backward(
        self, number: int, delta: torch.Tensor, total: torch.Tensor, signal: torch.Tensor, level: torch.Tensor,
        shift: float,
    ) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
        """Write a layer's gradients; returns the error of the sums of the layer below, (B, active), and its total."""
        layer, below, active = self._layers[number], self._layers[number - 1], delta.shape[1]
        layer.learn(delta, total, signal, level, shift)
        if len(level):
            pull = torch.mv(layer.weights[:active, -len(level) :].T, total) * float(self._damping)
            response = self._respond(below) if self._mean else level / float(self._damping)
            slope = 1 - response * response if self._bounded else response > 0
            torch.mul(pull, slope, out=below.bias_gradients[below.driven :])
        samples, width = signal.shape
        error = below.error[: samples * width].view(samples, width)
        torch.mm(delta, layer.weights[:active, :width], out=error)
        into = below.bias_gradients[:width]
        backprop_activation(error.numpy(), below.signal.numpy(), self._bounded, self._damping, into.numpy())
        return error, into

    def cohort(self) -> Cohort:
        """The network as it is now."""
        weights = tuple(weight.clone() for weight in self._start.weights)
        biases = tuple(bias.clone() for bias in self._start.biases)
        for layer, weight, bias in zip(self._layers, weights, biases, strict=True):
            weight[0][layer.units[: layer.driven].unsqueeze(1), layer.below] = layer.weights
            bias[0][layer.units] = layer.biases
        return replace(self._start, weights=weights, biases=biases)
