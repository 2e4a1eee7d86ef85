"""Learning with dense arithmetic: all individuals of a cohort in one batched step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from depsim.model import Cohort
from depsim.streams import Noise

_ALIGN = 16
"""Parameters of an individual are padded to a multiple of this, so that vectorised loops treat all alike."""


class DenseLearner:
    """The state of one phase of training: parameters in one flat buffer, their gradients, and Adam.

    Args:
        cohort: networks to start from; left as they are.
        learning_rate: Adam's; its other settings are PyTorch's defaults.

    References: Kingma & Ba (2015), "Adam"; ``torch.optim.Adam``.
    """

    def __init__(self, cohort: Cohort, learning_rate: float) -> None:
        self._start = cohort
        tensors = (*cohort.weights, *cohort.biases)
        size = sum(tensor[0].numel() for tensor in tensors)
        shape = (len(cohort), -(-size // _ALIGN) * _ALIGN)
        parameters = torch.zeros(shape, device=cohort.device)
        gradients = torch.zeros_like(parameters)
        layers = len(cohort.weights)
        views = _views(parameters, tensors)
        for view, tensor in zip(views, tensors, strict=True):
            view.copy_(tensor)
        self._weights, self._biases = views[:layers], views[layers:]
        gradient_views = _views(gradients, tensors)
        self._weight_gradients, self._bias_gradients = gradient_views[:layers], gradient_views[layers:]
        self._mask: torch.Tensor | None = None
        if not cohort.is_dense:
            self._mask = torch.ones_like(parameters)
            for view, mask in zip(_views(self._mask, cohort.masks), cohort.masks, strict=True):
                view.copy_(mask)
        self._gradients = gradients
        parameters.grad = gradients
        self._adam = torch.optim.Adam([parameters], lr=learning_rate, fused=True)

    def epoch(
        self, batches: Sequence[tuple[torch.Tensor, torch.Tensor]], internal_noise: float, noise: Noise | None
    ) -> torch.Tensor:
        """Learn from each batch in turn; returns the mean loss over the epoch's samples, (N,)."""
        total, samples = torch.zeros(len(self._start), device=self._start.device), 0
        for x, y in batches:
            block = noise.block()[:, : x.shape[1]] if noise is not None and internal_noise > 0 else None
            loss = self._start.model.loss_and_gradients(
                self._weights,
                self._biases,
                x,
                y,
                self._start.activity,
                internal_noise,
                block,
                weight_gradients=self._weight_gradients,
                bias_gradients=self._bias_gradients,
            )
            if self._mask is not None:
                # A masked weight starts at 0 and, without a gradient, Adam leaves it there.
                self._gradients.mul_(self._mask)
            self._adam.step()
            total += loss * x.shape[1]
            samples += x.shape[1]
        return total / samples

    def cohort(self) -> Cohort:
        """The networks as they are now."""
        return replace(
            self._start,
            weights=tuple(weight.clone() for weight in self._weights),
            biases=tuple(bias.clone() for bias in self._biases),
        )


def _views(flat: torch.Tensor, like: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Views into a flat (N, P) buffer, one per tensor (N, ...), in order."""
    views, first = [], 0
    for tensor in like:
        size = tensor[0].numel()
        views.append(flat[:, first : first + size].view(tensor.shape))
        first += size
    return views
