"""Learning without noise, one individual on a CPU: dense products over the units that matter.

Units from which no path leads to an output are left out. A *silent* unit has no synapses of its own, so it sends the
same to everyone: one number in place of a column. A *sleeping* unit is a ReLU that answers 0 to every sample of a
batch: no error passes through it. Each layer's units are ordered awake, sleeping, silent, so that every product runs
over the first rows and columns of a matrix and nothing is copied.

Who sleeps is guessed from the epoch before and checked in every batch: the guess decides the speed, never the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch

from depsim.model import Cohort
from depsim.model.wiring import reaching_units
from depsim.streams import CpuNoise
from depsim.training.adam import Adam
from depsim.training.loss import cross_entropy
from depsim.vectormath import compiled, relu, tanh

_DEEP = -0.05
"""A unit whose highest sum in an epoch is below this is guessed to sleep through the next one."""
_ALIGN = 16
"""Products are fastest over multiples of this many units."""
_NARROW = 16
"""Fan-in below which gradients are faster the other way round: 16 microseconds in place of 117 for a fan-in of 2."""


class _Layer:
    """The units of one layer that matter and their synapses, as views into flat buffers.

    Args:
        mask: (O, I) of the whole layer.
        keep: the units that reach an output, (O,) boolean.
        below: the units of the layer below, in its order.
        is_output: outputs count as driven, with synapses or without.
    """

    def __init__(self, mask: torch.Tensor, keep: np.ndarray, below: torch.Tensor, is_output: bool) -> None:
        synapses, reaches = mask.any(dim=1) | is_output, torch.from_numpy(keep)
        driven, silent = torch.nonzero(synapses & reaches)[:, 0], torch.nonzero(~synapses & reaches)[:, 0]
        self.units = torch.cat([driven, silent])
        self.below = below
        self.driven = self.awake = len(driven)
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

    def base(self, level: torch.Tensor) -> torch.Tensor:
        """What the driven units sum up from their bias and from the silent units below, (driven,)."""
        own = self.biases[: self.driven]
        return torch.addmv(own, self.weights[:, -len(level) :], level) if len(level) else own

    def learn(self, delta: torch.Tensor, total: torch.Tensor, signal: torch.Tensor, level: torch.Tensor) -> None:
        """Write the gradients of the weights.

        Args:
            delta, total: error of the sums of the awake units, (B, awake), and its sum over samples.
            signal, level: what comes from the awake units below, (B, width), and from the silent ones.
        """
        awake, width = delta.shape[1], signal.shape[1]
        if width < _NARROW:  # a product with few columns is many times faster the other way round
            self.weight_gradients[:awake, :width] = torch.mm(signal.T, delta).T
        else:
            torch.mm(delta.T, signal, out=self.weight_gradients[:awake, :width])
        if len(level):
            torch.outer(total, level, out=self.weight_gradients[:awake, -len(level) :])

    def sort(self) -> torch.Tensor | None:
        """Order the driven units by whether they seem to sleep; the new order, or None if the old one will do."""
        sleeping = self.peak < _DEEP
        self.peak.fill_(-torch.inf)
        count = self.driven - int(sleeping.sum())
        self.awake = min(self.driven, -(-count // _ALIGN) * _ALIGN)
        if not bool(sleeping[:count].any()):
            return None
        order = torch.argsort(sleeping.to(torch.int8), stable=True)
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
        self._bounded, self._damping = cohort.activity.bounded, np.float32(cohort.activity.damping_factor)
        masks = [mask[0] for mask in cohort.masks]
        below = torch.arange(masks[0].shape[1])
        self._layers: list[_Layer] = []
        for mask, keep in zip(masks, reaching_units(cohort), strict=True):
            self._layers.append(_Layer(mask, keep, below, is_output=mask is masks[-1]))
            below = self._layers[-1].units
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
        self, batches: Sequence[tuple[torch.Tensor, torch.Tensor]], internal_noise: float, noise: CpuNoise | None
    ) -> torch.Tensor:
        """Learn from each batch in turn; returns the mean loss over the epoch's samples, (1,)."""
        if internal_noise > 0:
            raise ValueError(f"internal_noise is {internal_noise}, but this learner knows only silence")
        total, samples = 0.0, 0
        for x, y in batches:
            total += self._gradients_of(x[0], y[0]) * x.shape[1]
            if not self._is_dense:
                self._gradients.mul_(self._mask)
            self._adam.step(self._parameters.numpy(), self._gradients.numpy())
            samples += x.shape[1]
        if not self._bounded:
            self._sort()
        return torch.tensor([total / samples])

    def _sort(self) -> None:
        """Put who slept through the epoch behind who did not."""
        self._gradients.zero_()
        for layer, above in pairwise(self._layers):
            order = layer.sort()
            if order is not None:
                above.follow(order)

    def _gradients_of(self, x: torch.Tensor, y: torch.Tensor) -> float:
        """Loss of a batch (B, I), (B,) and, written, its gradients."""
        signal, level = x, x.new_zeros(0)
        received = [(signal, level)]
        for layer in self._layers[:-1]:
            layer.make_room(len(x))
            signal = layer.signal[: len(x)]
            torch.mm(received[-1][0], layer.weights[:, : received[-1][0].shape[1]].T, out=signal)
            base = layer.base(level).numpy()
            sleeping = respond(signal.numpy(), base, self._bounded, self._damping, layer.awake, layer.peak.numpy())
            if not sleeping:
                layer.awake = layer.driven  # someone woke up: reckon with all until the epoch ends
            silent = layer.biases[layer.driven :]
            level = (torch.tanh(silent) if self._bounded else torch.relu(silent)) * float(self._damping)
            received.append((signal[:, : layer.awake], level))
        last = self._layers[-1]
        logits = torch.mm(last.weights[:, : received[-1][0].shape[1]], received[-1][0].T) + last.base(level)[:, None]
        error = torch.empty_like(logits)
        loss = cross_entropy(logits.numpy(), y.numpy(), error.numpy())
        last.bias_gradients.copy_(error.sum(1))
        delta, total = error.T, last.bias_gradients
        for number in range(len(self._layers) - 1, 0, -1):
            delta, total = self._backward(number, delta, total, *received[number])
        self._layers[0].learn(delta, total, *received[0])
        return float(loss)

    def _backward(
        self, number: int, delta: torch.Tensor, total: torch.Tensor, signal: torch.Tensor, level: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write a layer's gradients; returns the error of the sums of the layer below, (B, awake), and its total."""
        layer, below, awake = self._layers[number], self._layers[number - 1], delta.shape[1]
        layer.learn(delta, total, signal, level)
        if len(level):
            pull = torch.mv(layer.weights[:awake, -len(level) :].T, total) * float(self._damping)
            answer = level / float(self._damping)
            slope = 1 - answer * answer if self._bounded else answer > 0
            torch.mul(pull, slope, out=below.bias_gradients[below.driven :])
        samples, width = signal.shape
        error = below.error[: samples * width].view(samples, width)
        torch.mm(delta, layer.weights[:awake, :width], out=error)
        into = below.bias_gradients[:width]
        hold_back(error.numpy(), below.signal.numpy(), self._bounded, self._damping, into.numpy())
        return error, into

    def cohort(self) -> Cohort:
        """The network as it is now."""
        weights = tuple(weight.clone() for weight in self._start.weights)
        biases = tuple(bias.clone() for bias in self._start.biases)
        for layer, weight, bias in zip(self._layers, weights, biases, strict=True):
            weight[0][layer.units[: layer.driven].unsqueeze(1), layer.below] = layer.weights
            bias[0][layer.units] = layer.biases
        return replace(self._start, weights=weights, biases=biases)


@compiled
def respond(sums, base, bounded, damping, awake, peak):  # type: ignore[no-untyped-def]
    """From what the units sum up to what they send, in place; whether all that should sleep do.

    Args:
        sums: (B, units).
        base: (units,), added to every sample.
        awake: the first unit that should send 0.
        peak: (units,), raised to the highest sum.
    """
    samples, units = sums.shape
    loudest = np.float32(0)
    for b in range(samples):
        row = sums[b]
        for u in range(units):
            total = row[u] + base[u]
            peak[u] = max(peak[u], total)
            row[u] = damping * (tanh(total) if bounded else relu(total))
        for u in range(awake, units):
            loudest = max(loudest, row[u])
    return loudest <= np.float32(0)


@compiled
def hold_back(error, signal, bounded, damping, total):  # type: ignore[no-untyped-def]
    """From the error of what units send to the error of what they sum up, in place, and its sum over samples.

    Args:
        error: (B, width).
        signal: (at least B, at least width), as :func:`respond` left it.
        total: (width,), written.
    """
    samples, width = error.shape
    total[:] = np.float32(0)
    for b in range(samples):
        row, sent = error[b], signal[b]
        for u in range(width):
            answer = sent[u] / damping
            slope = np.float32(1) - answer * answer if bounded else np.float32(sent[u] > np.float32(0))
            row[u] *= damping * slope
            total[u] += row[u]
