"""Learning with dense arithmetic: all individuals of a cohort in one batched step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import compress

from depsim.lazy_torch import torch
from depsim.model import Cohort, StandingState
from depsim.model.state import PerIndividual
from depsim.streams import Noise
from depsim.training.adam_rows import RowAdam
from depsim.training.recorded import ReplayedStep, StepRecorder, recorder_for
from depsim.training.schedules import NORM_ABOVE_0, Layers, learning

_ALIGN = 16
"""Parameters of an individual are padded to a multiple of this, so that vectorised loops treat all alike."""
_FEW = 0.5
"""Sparsity from which Adam works on the surviving parameters alone, gathered into a buffer of their own."""


class DenseLearner:
    """The state of one phase of training: parameters in one flat buffer, their gradients, and Adam.

    Args:
        cohort: networks to start from; left as they are.
        learning_rate: Adam's, one for all or one for each; its other settings are PyTorch's defaults.
        record: how steps are recorded, or None to do each as it comes; the device's way unless given.
        layers: that learn, from 1; None for all. The others' parameters are in no buffer: they have neither gradients
            nor an Adam.

    References: Kingma & Ba (2015), "Adam"; ``torch.optim.Adam``.
    """

    def __init__(
        self, cohort: Cohort, learning_rate: PerIndividual, record: StepRecorder | None = None, layers: Layers = None
    ) -> None:
        self._start, self._state = cohort, cohort.state
        record = record or recorder_for(cohort.device)
        self._replayed = None if record is None else ReplayedStep(record)
        self._total = torch.zeros(len(cohort), device=cohort.device)
        learns = learning(layers, len(cohort.weights))
        masks = [*compress(cohort.masks, learns)]
        tensors = [*compress(cohort.weights, learns), *compress(cohort.biases, learns)]
        size = sum(tensor[0].numel() for tensor in tensors) + 1  # the last entry is unused
        shape = (len(cohort), -(-size // _ALIGN) * _ALIGN)
        self._parameters = torch.zeros(shape, device=cohort.device)
        self._gradients = torch.zeros_like(self._parameters)
        views = _views(self._parameters, tensors)
        for view, tensor in zip(views, tensors, strict=True):
            view.copy_(tensor)
        own, places = iter(views), iter(_views(self._gradients, tensors))
        self._weights, self._biases = [
            [next(own) if learns[layer] else fixed for layer, fixed in enumerate(kind)]
            for kind in (cohort.weights, cohort.biases)
        ]
        self._weight_gradients, self._bias_gradients = [
            [next(places) if each else None for each in learns] for _ in "wb"
        ]
        self._mask: torch.Tensor | None = None
        self._survivors: torch.Tensor | None = None
        self._learned = self._parameters
        self._learned.grad = self._gradients
        if not cohort.is_dense:
            alive = torch.ones_like(self._parameters, dtype=torch.bool)
            for view, mask in zip(_views(alive, masks), masks, strict=True):
                view.copy_(mask)
            alive[:, size - 1 :] = False
            if bool((cohort.sparsity() >= _FEW).all()):
                self._survivors = _places(alive)
                self._learned = self._parameters.gather(1, self._survivors)
                self._learned.grad = torch.zeros_like(self._learned)
            else:
                self._mask = alive.to(self._parameters.dtype)
        self._adam: torch.optim.Adam | RowAdam = (
            RowAdam(self._learned, learning_rate)
            if isinstance(learning_rate, tuple)
            else torch.optim.Adam(
                [self._learned], lr=learning_rate, fused=True, capturable=cohort.device.type == "cuda"
            )
        )

    def epoch(
        self,
        batches: Sequence[tuple[torch.Tensor, torch.Tensor]],
        state: StandingState,
        sigma: float,
        noise: Noise | None,
    ) -> torch.Tensor:
        """Learn from each batch in turn; returns the mean loss over the epoch's samples, (N,)."""
        self._total.zero_()
        samples, sd = 0, state.noise_sd(sigma, self._total)
        if self._replayed is not None and state != self._state:
            self._replayed.forget()
        self._state = state
        with tensor_cores(self._total.device):
            for x, y in batches:
                block = _block(noise, sigma, x.shape[1])
                if self._replayed is not None:
                    self._replayed(self._learn, x, y, block, sd)
                else:
                    self._learn(x, y, block if block is None else block * sd)
                samples += x.shape[1]
        return self._total / samples

    def _learn(self, x: torch.Tensor, y: torch.Tensor, noise: torch.Tensor | None) -> None:
        """One step; the noise has its standard deviation already, so that one recording serves all epochs."""
        loss = self._start.model.loss_and_gradients(
            self._weights,
            self._biases,
            x,
            y,
            self._state,
            0.0 if noise is None else 1.0,
            noise,
            weight_gradients=self._weight_gradients,
            bias_gradients=self._bias_gradients,
        )
        self._descend()
        self._total.add_(loss, alpha=x.shape[1])

    def _descend(self) -> None:
        """Let Adam move the parameters; a masked weight starts at 0 and, without a gradient, stays there."""
        if self._survivors is not None:
            torch.gather(self._gradients, 1, self._survivors, out=self._learned.grad)
        elif self._mask is not None:
            self._gradients.mul_(self._mask)
        if (largest := self._start.model.largest_gradient) is not None:
            gradient = self._gradients if self._survivors is None else self._learned.grad
            assert gradient is not None
            gradient.mul_((largest / (gradient.norm(dim=1, keepdim=True) + NORM_ABOVE_0)).clamp_(max=1.0))
        self._adam.step()
        if self._survivors is not None:
            self._parameters.scatter_(1, self._survivors, self._learned)

    def cohort(self) -> Cohort:
        """The networks as they are now."""
        return replace(
            self._start,
            weights=tuple(weight.clone() for weight in self._weights),
            biases=tuple(bias.clone() for bias in self._biases),
        )


@contextmanager
def tensor_cores(device: torch.device) -> Iterator[None]:
    """On a GPU, products of operands with ten bits of mantissa, added up in float32 (TF32); elsewhere nothing changes.

    Training alone computes so: ``benchmarks/tf32.py`` shows that results over individuals are the same. Exams and the
    regrowth score have full float32 products.
    """
    if device.type != "cuda":
        yield
        return
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = True
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def _block(noise: Noise | None, sigma: float, rows: int) -> torch.Tensor | None:
    """The standard normal numbers of one step, (N, rows, units), or None where there is no noise."""
    if sigma == 0:
        return None
    if noise is None:
        raise ValueError(f"the internal noise is {sigma}, but no noise was given")
    return noise.block()[:, :rows]


def _places(alive: torch.Tensor) -> torch.Tensor:
    """Where each row of ``alive`` (N, P) is true, (N, K); shorter rows are filled up with the last, unused place."""
    counts = alive.sum(1)
    order = alive.to(torch.uint8).argsort(dim=1, descending=True, stable=True)[:, : int(counts.max())]
    unused = torch.arange(order.shape[1], device=alive.device) >= counts.unsqueeze(1)
    return order.masked_fill(unused, alive.shape[1] - 1)


def _views(flat: torch.Tensor, like: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Views into a flat (N, P) buffer, one per tensor (N, ...), in order."""
    views, first = [], 0
    for tensor in like:
        size = tensor[0].numel()
        views.append(flat[:, first : first + size].view(tensor.shape))
        first += size
    return views
