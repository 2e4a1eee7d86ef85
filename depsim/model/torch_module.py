"""Any PyTorch module as a kind of network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from depsim.component import Count, Label
from depsim.factory import Factory
from depsim.lazy_torch import torch
from depsim.model.base import Model, Places, Tensors
from depsim.model.state import StandingState
from depsim.model.torch_architecture import ModuleArchitecture
from depsim.model.torch_parts import ModuleParts, make_module, parts_of
from depsim.model.torch_refusals import require_alike
from depsim.streams import Purpose, Streams


def _require_text(names: Any) -> Any:
    if isinstance(names, list | tuple) and any(isinstance(name, int | float) for name in names):
        quoted = ",".join(f'"{name}"' for name in names)
        raise ValueError(f"names are strings; must be 'model.hidden=[{quoted}]'")
    return names


class TorchModule(Model):
    """A network that an ordinary ``torch.nn.Module``, made for one individual, is.

    Every weight of a ``Linear``, ``Conv1d`` or ``Conv2d`` is a matrix (O, I x kernel), by the parameter's own name.
    All other parameters learn and are never pruned. Hidden units are what activations send.

    Args:
        factory: makes the module, without arguments.
        hidden: names of the modules that are activations; None takes all ReLU, GELU, SiLU, Tanh, LeakyReLU and ELU.
        shape: of one input as the module takes it; None takes the task's.
    """

    factory: Annotated[Factory, Label("what makes the module")]
    hidden: Annotated[
        tuple[str, ...] | None,
        Field(min_length=1, strict=False),
        BeforeValidator(_require_text),
        Label("modules that are activations"),
    ]
    shape: Annotated[tuple[Count, ...] | None, Field(min_length=1, strict=False), Label("shape of an input")]

    def parts(self, inputs: int, outputs: int) -> ModuleParts:
        """The module and where its parameters belong.

        Raises:
            ModuleError: if it cannot be a network for such a task; the message says why, and what to do.
        """
        return _parts(self.factory, self.hidden, self.shape or (inputs,), outputs)

    def architecture(self, inputs: int, outputs: int) -> ModuleArchitecture:
        """Its parts for a task with so many input units and classes."""
        return self.parts(inputs, outputs).architecture

    def initialise(self, streams: Streams, inputs: int, outputs: int) -> tuple[Tensors, Tensors]:
        """The module's own initialisation, drawn from each individual's stream."""
        modules = [make_module(self.factory, sequence) for sequence in streams.sequences(Purpose.INIT)]
        stacked, _ = torch.func.stack_module_state(modules)
        return self.parts(inputs, outputs).as_tensors(stacked)

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
        outputs, _ = self._run(weights, biases, x, state, noise_sd, noise)
        return outputs

    def signals(
        self, weights: Tensors, biases: Tensors, x: torch.Tensor, state: StandingState
    ) -> Sequence[torch.Tensor]:
        """What activations send at each call without random noise, (N, B, units) each."""
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
        """Mean cross-entropy, (N,), with gradients by autograd."""
        with _convolutions_as_products(x.device):
            return super().loss_and_gradients(
                weights,
                biases,
                x,
                y,
                state,
                noise_sd,
                noise,
                weight_gradients=weight_gradients,
                bias_gradients=bias_gradients,
            )

    def _run(
        self,
        weights: Tensors,
        biases: Tensors,
        x: torch.Tensor,
        state: StandingState,
        noise_sd: float,
        noise: torch.Tensor | None,
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """Outputs (N, B, O), and what activations send at each call, (N, B, units)."""
        parts = self.parts(x.shape[-1], weights[-1].shape[1])
        one = _one_individual(parts, self.shape or x.shape[-1:], state, noise_sd)
        mean = state.mean(x)
        means = mean.flatten() if isinstance(mean, torch.Tensor) else x.new_full((len(x),), mean)
        given = [*weights, *biases, x, means]
        if noise_sd > 0:
            if noise is None:
                raise ValueError(f"the noise's standard deviation is {noise_sd}, but no noise was given")
            given.append(noise)
        with _convolutions_as_products(x.device):
            if x.device.type == "cpu":
                # One after the other, so that each has the numbers that it has alone.
                runs = [one(*(tensor[n] for tensor in given)) for n in range(len(x))]
                calls = zip(*(sent for _, sent in runs), strict=True)
                return torch.stack([outputs for outputs, _ in runs]), tuple(torch.stack(signals) for signals in calls)
            together: tuple[torch.Tensor, tuple[torch.Tensor, ...]] = torch.func.vmap(one)(*given)
            return together


def _one_individual(
    parts: ModuleParts, shape: Sequence[int], state: StandingState, noise_sd: float
) -> Callable[..., tuple[torch.Tensor, tuple[torch.Tensor, ...]]]:
    """What computes one individual from its weights, biases, inputs (B, I), mean of the noise and noise (B, units)."""
    drugs = [state.in_layer(sent.layer) for sent in parts.sent]
    count, has_mean = len(parts.matrices), state.noise_mean != 0

    def one(*given: torch.Tensor) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        weights, biases, (x, mean, *noise) = given[:count], given[count : 2 * count], given[2 * count :]
        sent = list[torch.Tensor]()

        def send(call: int, received: torch.Tensor, response: torch.Tensor) -> torch.Tensor:
            place, drug = parts.sent[call], drugs[call]
            response = torch.tanh(received) if drug.bounded else response
            if has_mean:
                response = response + mean
            if noise:
                numbers = noise[0][:, place.first : place.first + place.units].reshape(response.shape)
                response = torch.add(response, numbers, alpha=noise_sd)
            sent.append(response * drug.damping_factor if drug.damping_factor != 1 else response)
            return sent[-1]

        inputs = x.reshape(len(x), *shape)
        outputs = parts.network(parts.as_parameters(weights, biases), inputs, send, len(parts.sent))
        return outputs, tuple(signal.flatten(1) for signal in sent)

    return one


@lru_cache(maxsize=16)
def _parts(
    factory: Callable[..., Any], hidden: tuple[str, ...] | None, shape: tuple[int, ...], classes: int
) -> ModuleParts:
    module, other = (make_module(factory, np.random.SeedSequence(number)) for number in range(2))
    require_alike(module, other)
    return parts_of(module, hidden, shape, classes)


@contextmanager
def _convolutions_as_products(device: torch.device) -> Iterator[None]:
    """On a GPU, convolutions are as exact as products are now; PyTorch has two settings, with other defaults."""
    if device.type != "cuda":
        yield
        return
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before
