"""How a PyTorch module is wired: which layers lead to which activation, found by letting one batch go through it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

from depsim.lazy_torch import torch
from depsim.model.torch_hooks import ModuleError

ROWS = 3
"""Inputs that go through a module when it is looked at."""


class FitError(ModuleError):
    """A module that does not go with inputs of a shape, or with so many classes.

    Args:
        message: why.
        reached: how many calls of layers and activations went well.
    """

    def __init__(self, message: str, reached: int) -> None:
        super().__init__(message)
        self.reached = reached


class Place(NamedTuple):
    """Where a signal begins: the inputs, a layer with a weight matrix, or an activation.

    Args:
        kind: ``inputs``, ``matrix`` or ``activation``.
        name: of the matrix, a parameter's.
        call: which call of any activation it is.
    """

    kind: str
    name: str = ""
    call: int = -1


@dataclass(frozen=True)
class ActivationCall:
    """One call of an activation.

    Args:
        name: of the activation, a module's.
        shape: of what it sends for one input.
        sources: where what it receives begins.
    """

    name: str
    shape: tuple[int, ...]
    sources: frozenset[Place]


@dataclass
class Trace:
    """What happened while one batch went through.

    Args:
        activations: the calls of activations, in order.
        matrices: the weight matrices in the order of their first use, and where what each reads begins.
        uses: how often each was used.
        products: multiplications that each has done for one input.
        outputs: where the outputs begin.
    """

    activations: list[ActivationCall] = field(default_factory=list)
    matrices: dict[str, set[Place]] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    outputs: frozenset[Place] = frozenset()

    @property
    def linear(self) -> tuple[str, ...]:
        """The weight matrices that lead neither to an activation nor to the outputs, but to other matrices only."""
        led = self.outputs.union(*(call.sources for call in self.activations))
        return tuple(name for name in self.matrices if name not in {place.name for place in led})


def sample_inputs(shape: Sequence[int], rows: int = ROWS) -> torch.Tensor:
    """Inputs (rows, ...), the same every time."""
    return torch.randn((rows, *shape), generator=torch.Generator().manual_seed(0))


def trace(
    module: torch.nn.Module, layers: dict[str, str], hidden: Sequence[str], shape: Sequence[int], classes: int
) -> Trace:
    """Let one batch go through a module.

    Args:
        module: to look at.
        layers: names of the layers with a weight matrix, each with the name of that parameter.
        hidden: names of the activations.
        shape: of one input.
        classes: of the task.

    Raises:
        FitError: if the module fails on such inputs, or its outputs are not one for each class.
        ModuleError: if its outputs are no logits.
    """
    tracer = _Tracer()
    x = tracer.begin(Place("inputs"), sample_inputs(shape))
    with ExitStack() as hooks:
        for name, matrix in layers.items():
            hooks.enter_context(module.get_submodule(name).register_forward_hook(tracer.after_layer(matrix)))
        for name in hidden:
            hooks.enter_context(module.get_submodule(name).register_forward_hook(tracer.after_activation(name)))
        try:
            outputs = module(x)
        except ModuleError:
            raise
        except Exception as error:
            first = (str(error).strip() or "no reason given").splitlines()[0]
            hint = "" if tracer.reached else _hint(module, shape)
            raise FitError(f"inputs {(ROWS, *shape)}: {type(error).__name__}: {first}{hint}", tracer.reached) from error
    got = tuple(outputs.shape) if isinstance(outputs, torch.Tensor) else type(outputs).__name__
    if got != (ROWS, classes):
        why = f"inputs {(ROWS, *shape)} give {got}; must be {(ROWS, classes)}, one output for each class"
        raise FitError(why, tracer.reached)
    if outputs.grad_fn is not None and outputs.grad_fn.name().startswith(("Softmax", "LogSoftmax")):
        raise ModuleError("its outputs are those of a softmax, which the loss has already; send logits, without it")
    tracer.trace.outputs = tracer.sources(outputs)
    return tracer.trace


def _hint(module: torch.nn.Module, shape: Sequence[int]) -> str:
    """What to do where a row of numbers comes to a convolution along a line."""
    first = next((layer for layer in module.modules() if isinstance(layer, torch.nn.Conv1d | torch.nn.Linear)), None)
    if not isinstance(first, torch.nn.Conv1d) or len(shape) > 1 or shape[0] % first.in_channels:
        return ""
    return f" (begin with nn.Unflatten(1, {(first.in_channels, shape[0] // first.in_channels)}))"


class _Tracer:
    """Cuts the graph of gradients behind each layer and activation: a piece connects what follows on each other."""

    def __init__(self) -> None:
        self.trace = Trace()
        self._beginnings: list[tuple[Place, torch.Tensor]] = []

    @property
    def reached(self) -> int:
        """How many calls of layers and activations there were."""
        return sum(self.trace.uses.values()) + len(self.trace.activations)

    def begin(self, place: Place, signal: torch.Tensor) -> torch.Tensor:
        """The signal, from here on a beginning of its own."""
        leaf = signal.detach().requires_grad_()
        self._beginnings.append((place, leaf))
        return leaf

    def sources(self, signal: torch.Tensor) -> frozenset[Place]:
        """Where a signal begins."""
        if not signal.requires_grad:
            return frozenset()
        leaves = [leaf for _, leaf in self._beginnings]
        gradients = torch.autograd.grad(signal.sum(), leaves, retain_graph=True, allow_unused=True)
        return frozenset(
            place for (place, _), gradient in zip(self._beginnings, gradients, strict=True) if gradient is not None
        )

    def after_layer(self, matrix: str) -> Any:
        """What is done after a layer with this matrix."""

        def hook(layer: torch.nn.Module, received: tuple[Any, ...], response: torch.Tensor) -> torch.Tensor:
            assert isinstance(layer.weight, torch.Tensor)
            self.trace.matrices.setdefault(matrix, set()).update(self.sources(received[0]))
            self.trace.uses[matrix] = self.trace.uses.get(matrix, 0) + 1
            done = response[0].numel() * prod(layer.weight.shape[1:])
            self.trace.products[matrix] = self.trace.products.get(matrix, 0) + done
            return self.begin(Place("matrix", matrix), response)

        return hook

    def after_activation(self, name: str) -> Any:
        """What is done after the activation of this name."""

        def hook(_module: torch.nn.Module, received: tuple[Any, ...], response: Any) -> torch.Tensor:
            require_activation(name, received, response)
            call = ActivationCall(name, tuple(response.shape[1:]), self.sources(received[0]))
            self.trace.activations.append(call)
            return self.begin(Place("activation", call=len(self.trace.activations) - 1), response)

        return hook


def require_activation(name: str, received: tuple[Any, ...], response: Any) -> None:
    """Refuse what does not respond to each unit by itself.

    Raises:
        ModuleError: naming the module.
    """
    if len(received) != 1 or not isinstance(received[0], torch.Tensor) or not isinstance(response, torch.Tensor):
        raise ModuleError(f"{name}: an activation takes one tensor and returns one; name others in model.hidden")
    if response.shape != received[0].shape or response.dim() < 2 or len(response) != ROWS:
        raise ModuleError(
            f"{name}: takes {tuple(received[0].shape)} and returns {tuple(response.shape)}; must return what it takes, "
            f"with the {ROWS} samples first; name others in model.hidden"
        )
