"""The parts of a PyTorch module as a network of depsim: weight matrices, other parameters, layers of hidden units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from depsim.default_generator import seeded
from depsim.factory import described, uncallable
from depsim.lazy_torch import torch
from depsim.model.base import HiddenLayer
from depsim.model.torch_architecture import ModuleArchitecture
from depsim.model.torch_hooks import HookedModule, ModuleError
from depsim.model.torch_refusals import require_no_draws, require_plain
from depsim.model.torch_trace import FitError, Place, Trace, sample_inputs, trace

_LAYERS = ("Linear", "Conv1d", "Conv2d")
_ACTIVATIONS = ("ReLU", "GELU", "SiLU", "Tanh", "LeakyReLU", "ELU")
_NAME_HIDDEN = "name the activations between layers in model.hidden"


class Parameter(NamedTuple):
    """A parameter of the module: its name and its shape there."""

    name: str
    shape: tuple[int, ...]


class Sent(NamedTuple):
    """What one call of an activation sends: the layer of hidden units, from 1, and its noise, from which number on."""

    layer: int
    first: int
    units: int


@dataclass(frozen=True)
class ModuleParts:
    """A module that can compute with the parameters of any individual, and where these belong.

    Args:
        network: the module.
        architecture: its parts.
        matrices: the parameter of each weight matrix (O, I x kernel).
        others: per weight matrix, the parameters that are kept beside it as its biases.
        sent: of each call of an activation, in order.
    """

    network: HookedModule
    architecture: ModuleArchitecture
    matrices: tuple[Parameter, ...]
    others: tuple[tuple[Parameter, ...], ...]
    sent: tuple[Sent, ...]

    def as_parameters(self, weights: Sequence[torch.Tensor], biases: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
        """One individual's tensors, (O, I) and (P,) each, as the parameters of the module."""
        values = dict(zip(self.matrices, weights, strict=True))
        for others, bias in zip(self.others, biases, strict=True):
            values |= zip(others, bias.split([prod(other.shape) for other in others]), strict=True)
        return {parameter.name: value.reshape(parameter.shape) for parameter, value in values.items()}

    def as_tensors(self, stacked: Mapping[str, torch.Tensor]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """The parameters of N modules, (N, ...) each, as weights (N, O, I) and biases (N, P)."""
        weights = [
            stacked[matrix.name].flatten(2) if matrix.shape[2:] else stacked[matrix.name] for matrix in self.matrices
        ]
        count = len(weights[0])
        biases = [
            torch.cat([stacked[other.name].reshape(count, -1) for other in others], 1)
            if others
            else torch.zeros(count, 0)
            for others in self.others
        ]
        return [weight.detach().clone() for weight in weights], [bias.detach().clone() for bias in biases]


def make_module(factory: Callable[..., Any], sequence: np.random.SeedSequence) -> torch.nn.Module:
    """A new module, initialised from a stream.

    Raises:
        ModuleError: if the factory returns anything else, or fails.
    """
    if wrong := uncallable(factory):
        raise ModuleError(f"cannot be called without arguments ({wrong}); must take none")
    with seeded(sequence):
        try:
            module = factory()
        except Exception as error:
            raise ModuleError(f"raised {described(error)}") from error
    if not isinstance(module, torch.nn.Module) or isinstance(module, torch.jit.ScriptModule):
        raise ModuleError(f"returned a {type(module).__name__}; must return a torch.nn.Module")
    return module


def layers_of(module: torch.nn.Module) -> dict[str, str]:
    """The layers with a weight matrix: the module's name to its parameter's; those that share one have one name.

    Raises:
        ModuleError: if there are none.
    """
    kinds = _types(_LAYERS)
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    layers = {name: layer for name, layer in module.named_modules() if isinstance(layer, kinds)}
    if not layers:
        raise ModuleError(f"has no layer whose weights are synapses; one must be among {', '.join(_LAYERS)}")
    if computed := [name for name, layer in layers.items() if id(layer.weight) not in names]:
        raise ModuleError(f"{computed[0]}: its weight is no parameter, but computed; take the parametrisation off")
    return {name: names[id(layer.weight)] for name, layer in layers.items()}


def hidden_of(module: torch.nn.Module, named: tuple[str, ...] | None) -> tuple[str, ...]:
    """The names of a module's activations.

    Args:
        module: to look at.
        named: names given by the user; None finds activations by their type.

    Raises:
        ModuleError: if there are none, or a name is none of the module's.
    """
    everything = dict(module.named_modules())
    if named is None:
        kinds = _types(_ACTIVATIONS)
        chosen = tuple(name for name, inner in everything.items() if isinstance(inner, kinds))
        if not chosen:
            raise ModuleError(
                f"has no activation: noise and drugs act at modules of type {', '.join(_ACTIVATIONS)} (in place of "
                "functions such as F.relu), or at those that model.hidden names"
            )
    else:
        chosen = named
        if unknown := [name for name in named if name not in everything or not name]:
            names = ", ".join(name for name in everything if name)
            raise ModuleError(
                f"model.hidden names {', '.join(unknown)}, which it does not have; its modules are {names}"
            )
        if layered := [name for name in named if layers_inside(everything[name])]:
            raise ModuleError(f"model.hidden names {layered[0]}, which has weights; must name activations only")
    if in_place := [name for name in chosen if getattr(everything[name], "inplace", False)]:
        raise ModuleError(f"{in_place[0]}: works in place, on what noise and drugs need; make it with inplace=False")
    return chosen


def layers_inside(module: torch.nn.Module) -> bool:
    """Whether a module is, or holds, a layer with a weight matrix."""
    return any(isinstance(inner, _types(_LAYERS)) for inner in module.modules())


def _types(names: Sequence[str]) -> tuple[type[torch.nn.Module], ...]:
    """Classes of modules by their names in ``torch.nn``."""
    return tuple(getattr(torch.nn, name) for name in names)


def parts_of(
    module: torch.nn.Module, hidden: tuple[str, ...] | None, shape: tuple[int, ...], classes: int
) -> ModuleParts:
    """The parts of a module.

    Args:
        module: which becomes part of them.
        hidden: names of its activations; None finds them by their type.
        shape: of one input.
        classes: of the task.

    Raises:
        ModuleError: if it cannot be a network of a cohort.
        FitError: if it does not go with such inputs or so many classes.
    """
    layers, names = layers_of(module), hidden_of(module, hidden)
    require_plain(module)
    traced = trace(module, layers, names, shape, classes)
    require_no_draws(module, sample_inputs(shape))
    if unused := [name for name, matrix in layers.items() if matrix not in traced.matrices]:
        raise ModuleError(f"{unused[0]}: forward() never calls this layer; call it, or leave it out")
    values = dict(module.named_parameters())
    order = _in_order(traced, {name: len(values[name]) for name in traced.matrices}, classes)
    matrices = tuple(Parameter(name, tuple(values[name].shape)) for name in order)
    shapes = tuple((matrix.shape[0], prod(matrix.shape[1:])) for matrix in matrices)
    numbers, wired = _hidden_layers(traced, dict(zip(order, shapes, strict=True)))
    units = [prod(call.shape) for call in traced.activations]
    firsts = np.cumsum([0, *units]).tolist()
    sent = tuple(map(Sent, numbers, firsts, units))
    others = _others(values, order)
    architecture = ModuleArchitecture(
        order,
        shapes,
        wired,
        firsts[-1],
        other_parameters=sum(prod(other.shape) for group in others for other in group),
        products=sum(traced.products.values()),
        calls=sum(traced.uses.values()) + len(traced.activations),
        linear=traced.linear,
    )
    return ModuleParts(HookedModule(module, names), architecture, matrices, others, sent)


def _in_order(traced: Trace, rows: Mapping[str, int], classes: int) -> tuple[str, ...]:
    """The weight matrices in the order of their first use, one that gives the outputs last."""
    if final := [traced.activations[place.call].name for place in traced.outputs if place.kind == "activation"]:
        raise ModuleError(f"{final[0]}: no layer with weights follows it; {_NAME_HIDDEN}")
    giving = {place.name for place in traced.outputs if place.kind == "matrix"}
    last = [name for name in traced.matrices if name in giving and rows[name] == classes]
    if not last:
        why = f"the outputs must come from a layer with one row for each class, {classes} of them"
        raise FitError(why, len(traced.matrices))
    return (*(name for name in traced.matrices if name != last[-1]), last[-1])


def _others(values: Mapping[str, torch.Tensor], order: tuple[str, ...]) -> tuple[tuple[Parameter, ...], ...]:
    """All other parameters, each beside the matrix that comes before it in the module; the first ones, beside the next.

    A layer that learns alone learns with what is beside it.
    """
    groups: dict[str, list[Parameter]] = {name: [] for name in order}
    beside = next(name for name in values if name in groups)
    for name, value in values.items():
        if name in groups:
            beside = name
        else:
            groups[beside].append(Parameter(name, tuple(value.shape)))
    return tuple(tuple(group) for group in groups.values())


def _hidden_layers(
    traced: Trace, shapes: Mapping[str, tuple[int, int]]
) -> tuple[tuple[int, ...], tuple[HiddenLayer, ...]]:
    """The number of the layer of each call of an activation, from 1, and the layers of hidden units."""
    incoming = [_leading_to(traced, call) for call in range(len(traced.activations))]
    outgoing = [_reading(traced, call) for call in range(len(traced.activations))]
    layers: list[list[int]] = []
    for call, activation in enumerate(traced.activations):
        if not incoming[call] or not outgoing[call]:
            where = "no layer with weights leads to it" if not incoming[call] else "no layer with weights follows it"
            raise ModuleError(f"{activation.name}: {where}; {_NAME_HIDDEN}")
        same = (calls for calls in layers if _are_one(traced, incoming, calls[0], call))
        if (layer := next(same, None)) is None:
            layers.append([call])
        else:
            layer.append(call)
    places = {name: place for place, name in enumerate(shapes)}
    wired, taken = [], dict[str, int]()
    for calls in layers:
        name = traced.activations[calls[0]].name
        taken[name] = taken.get(name, 0) + 1
        below = sorted({places[matrix] for call in calls for matrix in incoming[call]})
        above = sorted({places[matrix] for call in calls for matrix in outgoing[call]})
        sizes = list(shapes.values())
        # Units are counted in rows of one number, and in columns of one: those of the layers right before and after.
        below = [place for place in below if sizes[place][0] == sizes[below[-1]][0]]
        above = [place for place in above if sizes[place][1] == sizes[above[0]][1]]
        whole = f"{name}_{taken[name]}" if taken[name] > 1 else name
        wired.append(HiddenLayer(whole, sizes[below[-1]][0], tuple(below), tuple(above)))
    numbers = {call: number for number, calls in enumerate(layers, start=1) for call in calls}
    return tuple(numbers[call] for call in range(len(traced.activations))), tuple(wired)


def _are_one(traced: Trace, incoming: Sequence[set[str]], one: int, other: int) -> bool:
    """Whether two calls are one layer at two times: of one activation, behind one matrix that is used repeatedly."""
    if traced.activations[one].name != traced.activations[other].name or not incoming[one] & incoming[other]:
        return False
    return any(traced.uses[matrix] > 1 for matrix in incoming[one] | incoming[other])


def _leading_to(traced: Trace, call: int) -> set[str]:
    """The matrices right before a call of an activation, or before those that it receives from."""
    sources = traced.activations[call].sources
    direct = {place.name for place in sources if place.kind == "matrix"}
    if direct:
        return direct
    return {name for place in sources if place.kind == "activation" for name in _leading_to(traced, place.call)}


def _reading(traced: Trace, call: int) -> set[str]:
    """The matrices that read what a call of an activation sends, or what is sent by those that receive it."""
    here = Place("activation", call=call)
    direct = {name for name, places in traced.matrices.items() if here in places}
    if direct:
        return direct
    later = [number for number, receiver in enumerate(traced.activations) if here in receiver.sources]
    return {name for number in later for name in _reading(traced, number)}
