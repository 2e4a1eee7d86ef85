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

from depsim.kernels.arguments import Array, aligned, aligned_zeros
from depsim.kernels.dense import activate, backprop_activation
from depsim.kernels.loss import cross_entropy
from depsim.kernels.products import multiply
from depsim.lazy_torch import torch
from depsim.model import Cohort, StandingState
from depsim.model.wiring import reaching_units
from depsim.streams import CpuNoise
from depsim.training.adam import Adam
from depsim.training.schedules import Layers, learning

_DEEP = -0.05
"""A unit whose highest sum in an epoch is below this is guessed to be inactive in the next one."""
_ALIGN = 16
"""Products are fastest over multiples of this many units."""


class _Layer:
    """The units of one layer that matter, their synapses, and Adam for both.

    Args:
        weights, biases, mask: (O, I), (O,) and (O, I) of the whole layer.
        keep: the units that reach an output, (O,) boolean.
        below: the layer below, or None for the first one.
        is_output: outputs count as driven, with synapses or without.
        learning_rate: Adam's; None for a layer that does not learn, which has no Adam.
    """

    def __init__(
        self,
        weights: Array,
        biases: Array,
        mask: Array,
        keep: Array,
        below: _Layer | None,
        is_output: bool,
        learning_rate: float | None,
    ) -> None:
        synapses = mask.any(axis=1) | is_output
        driven = np.flatnonzero(synapses & keep)
        self.units = np.concatenate([driven, np.flatnonzero(~synapses & keep)])
        self.below = np.arange(mask.shape[1]) if below is None else below.units
        self.driven = self.active = len(driven)
        self._driven_below = 0 if below is None else below.driven
        self.peak = np.full(self.driven, -np.inf, dtype=np.float32)
        self.signal, self.error = aligned(0, self.driven), aligned(0)
        cells = self.driven * len(self.below)
        self.bounded, self.damping = False, np.float32(1)
        self._adam = None if learning_rate is None else Adam(cells + len(self.units), learning_rate)
        self._parameters, self._gradients = aligned_zeros(2, cells + len(self.units))
        self._may_change = np.ones(cells + len(self.units), dtype=bool)
        moments = () if self._adam is None else self._adam.moments
        flat = [self._parameters, self._gradients, *moments, self._may_change]
        self._rows = [piece[:cells].reshape(self.driven, len(self.below)) for piece in flat]
        self.weights, self.weight_gradients, *_, self.mask = self._rows
        self._cells = [piece[cells:] for piece in flat]
        self.biases, self.bias_gradients, *_ = self._cells
        rows = driven[:, None]
        self.weights[:], self.mask[:] = weights[rows, self.below], mask[rows, self.below]
        self.biases[:] = biases[self.units]
        self._is_dense = bool(self.mask.all())

    @property
    def learns(self) -> bool:
        """Whether its parameters can change."""
        return self._adam is not None

    def make_room(self, samples: int) -> None:
        """Hold the signals and the error of so many samples."""
        if self.signal.shape[0] < samples:
            self.signal, self.error = aligned(samples, self.driven), aligned(samples * self.driven)

    def base(self, level: Array, shift: float) -> Array:
        """What the driven units sum up besides the varying signals, (driven,).

        Args:
            level: what comes from the constant units below.
            shift: what all driven units below send besides their response.
        """
        own: Array = self.biases[: self.driven]
        if shift:
            own = own + shift * self.weights[:, : self._driven_below].sum(axis=1)
        if len(level):
            own = own + self.weights[:, -len(level) :] @ level
        return own

    def learn(self, delta: Array, total: Array, signal: Array, level: Array, shift: float) -> None:
        """Write the gradients of the weights, if they can change.

        Args:
            delta, total: error of the sums of the active units, (B, active), and its sum over samples.
            signal, level, shift: what comes from the active units below, (B, width), from the constant ones, and from
                all driven ones besides.
        """
        if self._adam is None:
            return
        active, width = delta.shape[1], signal.shape[1]
        multiply(delta.T, signal, self.weight_gradients[:active, :width])
        if len(level):
            np.outer(total, level, out=self.weight_gradients[:active, -len(level) :])
        if shift:
            self.weight_gradients[:active, :width] += (shift * total)[:, None]
            self.weight_gradients[:active, width : self._driven_below] = (shift * total)[:, None]

    def descend(self) -> None:
        """Let Adam move what may change, while the gradients are still in the cache."""
        if self._adam is not None:
            self._adam.step(self._parameters, self._gradients, None if self._is_dense else self._may_change)

    def forget_gradients(self) -> None:
        """Set to 0 what no step may write any more."""
        self._gradients.fill(0)

    def sort(self) -> Array | None:
        """Order the driven units by whether they seem inactive; the new order, or None if the old one will do."""
        inactive = self.peak < _DEEP
        self.peak.fill(-np.inf)
        count = self.driven - int(inactive.sum())
        self.active = min(self.driven, -(-count // _ALIGN) * _ALIGN)
        if not inactive[:count].any():
            return None
        order = np.argsort(inactive, kind="stable")
        for rows in self._rows:
            rows[:] = rows[order]
        for cells in (*self._cells, self.units):
            cells[: self.driven] = cells[order]
        return order

    def follow(self, order: Array) -> None:
        """Take over a new order of the layer below."""
        for rows in self._rows:
            rows[:, : len(order)] = rows[:, order]


class CompactLearner:
    """The state of one phase of training: the parameters that can change, their gradients, and Adam.

    Args:
        cohort: a cohort of one, on the CPU; left as it is.
        learning_rate: Adam's; its other settings are PyTorch's defaults.
        layers: that learn, from 1; None for all.
    """

    def __init__(self, cohort: Cohort, learning_rate: float, layers: Layers = None) -> None:
        self._start, learns = cohort, learning(layers, len(cohort.weights))
        self._lowest = int(learns.argmax())
        self._layers: list[_Layer] = []
        matrices = zip(cohort.weights, cohort.biases, cohort.masks, reaching_units(cohort), strict=True)
        for number, (weight, bias, mask, keep) in enumerate(matrices, start=1):
            below, is_output = self._layers[-1] if self._layers else None, number == len(cohort.weights)
            whole = weight[0].numpy(), bias[0].numpy(), mask[0].numpy()
            rate = learning_rate if learns[number - 1] else None
            self._layers.append(_Layer(*whole, keep, below, is_output, rate))

    @np.errstate(over="ignore", invalid="ignore")  # a network that diverged is found by its parameters
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
            total += self._learn(x[0].numpy(), y[0].numpy()) * x.shape[1]
            samples += x.shape[1]
        self._sort()
        return torch.tensor([total / samples])

    def _use(self, state: StandingState) -> None:
        """Respond as in this state from now on; bounded units are never inactive."""
        self._mean = np.float32(state.noise_alone[1])
        for number, layer in enumerate(self._layers[:-1], start=1):
            drug = state.in_layer(number)
            layer.bounded, layer.damping = drug.bounded, np.float32(drug.damping_factor)
            if layer.bounded:
                layer.active = layer.driven

    def _sort(self) -> None:
        """Put the units that were inactive through the epoch behind the others."""
        unbounded = [(layer, above) for layer, above in pairwise(self._layers) if not layer.bounded]
        for layer in self._layers if unbounded else ():
            layer.forget_gradients()
        for layer, above in unbounded:
            order = layer.sort()
            if order is not None:
                above.follow(order)

    def _learn(self, x: Array, y: Array) -> float:
        """One step on a batch (B, I), (B,); its loss before."""
        signal, level, shift = x, x[:0, 0], 0.0
        received = [(signal, level, shift)]
        for layer in self._layers[:-1]:
            layer.make_room(len(x))
            below, base = received[-1][0], layer.base(level, shift)
            signal = layer.signal[: len(x)]
            multiply(below, layer.weights[:, : below.shape[1]].T, signal)
            if not activate(signal, base, layer.bounded, layer.damping, layer.active, layer.peak):
                layer.active = layer.driven  # the guess was wrong: compute all units until the epoch ends
            level, shift = self._level(layer), float(layer.damping * self._mean)
            received.append((signal[:, : layer.active], level, shift))
        last, below = self._layers[-1], received[-1][0]
        logits = last.weights[:, : below.shape[1]] @ below.T + last.base(level, shift)[:, None]
        error = aligned(*logits.shape)
        loss: float = cross_entropy(logits, y, error, aligned(2, len(x)))
        error.sum(axis=1, out=last.bias_gradients)
        delta, total = error.T, last.bias_gradients
        for number in range(len(self._layers) - 1, self._lowest, -1):
            delta, total = self._backward(number, delta, total, *received[number])
        self._layers[self._lowest].learn(delta, total, *received[self._lowest])
        self._layers[self._lowest].descend()
        return loss

    def _level(self, layer: _Layer) -> Array:
        """What the constant units of a layer send."""
        level: Array = (self._respond(layer) + self._mean) * layer.damping
        return level

    def _respond(self, layer: _Layer) -> Array:
        """What leaves the nonlinearity of the constant units of a layer."""
        constant = layer.biases[layer.driven :]
        response: Array = np.tanh(constant) if layer.bounded else np.maximum(constant, np.float32(0))
        return response

    def _backward(
        self, number: int, delta: Array, total: Array, signal: Array, level: Array, shift: float
    ) -> tuple[Array, Array]:
        """Let a layer learn; returns the error of the sums of the layer below, (B, active), and its total."""
        layer, below, active = self._layers[number], self._layers[number - 1], delta.shape[1]
        layer.learn(delta, total, signal, level, shift)
        if len(level) and below.learns:
            pull = layer.weights[:active, -len(level) :].T @ total * below.damping
            response = self._respond(below)
            slope = 1 - response * response if below.bounded else response > 0
            np.multiply(pull, slope, out=below.bias_gradients[below.driven :])
        samples, width = signal.shape
        error = below.error[: samples * width].reshape(samples, width)
        multiply(delta, layer.weights[:active, :width], error)
        layer.descend()
        into = below.bias_gradients[:width]
        backprop_activation(error, below.signal, below.bounded, below.damping, into)
        return error, into

    def cohort(self) -> Cohort:
        """The network as it is now."""
        weights = tuple(weight.clone() for weight in self._start.weights)
        biases = tuple(bias.clone() for bias in self._start.biases)
        for layer, weight, bias in zip(self._layers, weights, biases, strict=True):
            weight[0].numpy()[layer.units[: layer.driven, None], layer.below] = layer.weights
            bias[0].numpy()[layer.units] = layer.biases
        return replace(self._start, weights=weights, biases=biases)
