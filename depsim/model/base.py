"""What a model is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch

from depsim.component import Component
from depsim.model.cohort import Activity, Cohort
from depsim.streams import Streams

Tensors = Sequence["torch.Tensor"]


class Model(Component):
    """A kind of network: how it starts and how a whole cohort of it computes at once."""

    @abstractmethod
    def initialise(self, streams: Streams, inputs: int, outputs: int) -> Cohort:
        """New dense networks, one per seed of ``streams``, on the CPU."""

    @abstractmethod
    def logits(
        self,
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        activity: Activity,
        internal_noise: float = 0.0,
        noise: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The networks' answers.

        Args:
            weights, biases: per layer (N, O, I) and (N, O).
            x: inputs (N, B, I).
            activity: response of the hidden units.
            internal_noise: standard deviation of the noise after each hidden layer.
            noise: standard normal numbers (N, B, all hidden units), needed if ``internal_noise`` > 0.

        Shape: (N, B, O).
        """

    @abstractmethod
    def loss_and_gradients(
        self,
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        y: torch.Tensor,
        activity: Activity,
        internal_noise: float = 0.0,
        noise: torch.Tensor | None = None,
        *,
        weight_gradients: Tensors,
        bias_gradients: Tensors,
    ) -> torch.Tensor:
        """Mean cross-entropy of a batch and, written in place, its gradients (masked weights included).

        Args:
            weights, biases, x, activity, internal_noise, noise: as for :meth:`logits`.
            y: labels (N, B).
            weight_gradients, bias_gradients: where to write, shaped like ``weights`` and ``biases``.

        Shape: loss (N,).
        """
