"""Whether a model of somebody's own is what a model has to be: each wrong part in words, with what it must be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from depsim.lazy_torch import torch
from depsim.model.base import Architecture, HiddenLayer, Model
from depsim.model.state import NO_DRUG
from depsim.model.torch_architecture import ModuleArchitecture
from depsim.streams import Streams

_SEEDS, _SAMPLES = (0, 1), 3


def wrong_part(model: Model, inputs: int, outputs: int) -> str:
    """What is wrong with a model for a task, and what it must be; empty where nothing is.

    What the model raises itself goes on to the caller.

    Args:
        model: any.
        inputs, outputs: input units and classes of the task.
    """
    parts = model.architecture(inputs, outputs)
    if not isinstance(parts, Architecture):
        return f"architecture() returns a {type(parts).__name__}; must return a depsim.model.Architecture"
    wrong = chain(_of_matrices(parts, inputs, outputs), _of_hidden(parts), _of_networks(model, parts, inputs, outputs))
    return next(wrong, "")


def _of_matrices(parts: Architecture, inputs: int, outputs: int) -> Iterator[str]:
    names, shapes = parts.matrices, parts.shapes
    if not names or isinstance(names, str) or not all(isinstance(name, str) and name for name in names):
        yield f"Architecture.matrices={names!r}; must name each weight matrix, one at least"
    if len(set(names)) < len(names):
        yield f"Architecture.matrices={names!r}; must name each weight matrix only once"
    if len(shapes) != len(names):
        yield f"Architecture.shapes has {len(shapes)}; must have one (rows, columns) for each of {len(names)} matrices"
    for name, shape in zip(names, shapes, strict=False):
        if not _are_counts(shape, 2):
            yield f"Architecture.shapes of {name} is {shape!r}; must be (rows, columns), whole numbers above 0"
    if shapes[0][1] != inputs and not isinstance(parts, ModuleArchitecture):
        yield (
            f"Architecture.shapes of {names[0]}, the first matrix, is {shapes[0]!r}; "
            f"must have {inputs} columns, one for each input unit of the task"
        )
    if shapes[-1][0] != outputs:
        yield (
            f"Architecture.shapes of {names[-1]}, the last matrix, is {shapes[-1]!r}; "
            f"must have {outputs} rows, one for each class of the task"
        )


def _of_hidden(parts: Architecture) -> Iterator[str]:
    count = len(parts.matrices)
    if not isinstance(parts.noise_units, int) or parts.noise_units < 0:
        yield f"Architecture.noise_units={parts.noise_units!r}; must be how many numbers a sample's noise takes"
    if not isinstance(parts.times, int) or parts.times < 1:
        yield f"Architecture.times={parts.times!r}; must be a whole number above 0"
    for layer in parts.hidden:
        if not isinstance(layer, HiddenLayer):
            yield f"Architecture.hidden holds {layer!r}; must hold depsim.model.HiddenLayer only"
        for what, matrices in (("incoming", layer.incoming), ("outgoing", layer.outgoing)):
            where = f"HiddenLayer {layer.name}: {what}={matrices!r}"
            if not matrices or not all(isinstance(place, int) and 0 <= place < count for place in matrices):
                yield f"{where}; must be places of matrices, one at least, from 0 to {count - 1}"
            axis, counted = (0, "rows") if what == "incoming" else (1, "columns")
            sizes = {parts.matrices[place]: parts.shapes[place][axis] for place in matrices}
            flat = what == "incoming" or not isinstance(parts, ModuleArchitecture)  # kernels have more columns
            if flat and set(sizes.values()) != {layer.units}:
                must = f"must be {layer.units} each, the layer's units"
                yield f"{where}, of which the {counted} are {_listed(sizes)}; {must}"
    if len({layer.name for layer in parts.hidden}) < len(parts.hidden):
        yield f"Architecture.hidden has the names {', '.join(layer.name for layer in parts.hidden)}; each only once"


def _of_networks(model: Model, parts: Architecture, inputs: int, outputs: int) -> Iterator[str]:
    count = len(_SEEDS)
    weights, biases = model.initialise(Streams(_SEEDS), inputs, outputs)
    for what, tensors in (("weights", weights), ("biases", biases)):
        if len(tensors) != len(parts.matrices):
            yield f"initialise() gives {len(tensors)} {what}; must give one for each of {len(parts.matrices)} matrices"
        for name, tensor, (rows, columns) in zip(parts.matrices, tensors, parts.shapes, strict=False):
            # A matrix may have no bias, and a model may keep other parameters beside it.
            shape = (count, rows, columns) if what == "weights" else (count, tensor.shape[-1])
            if tensor.dtype != torch.float32 or tuple(tensor.shape) != shape:
                must = shape if what == "weights" else f"({count}, number of biases)"
                yield f"initialise(): {what} of {name} are {_described(tensor)}; must be {must} and torch.float32"
    x = torch.zeros(count, _SAMPLES, inputs)
    for sd in (0.0, 0.5):
        noise = torch.zeros(count, _SAMPLES, parts.noise_units) if sd else None
        logits = model.logits(weights, biases, x, NO_DRUG, sd, noise)
        if not isinstance(logits, torch.Tensor) or tuple(logits.shape) != (count, _SAMPLES, outputs):
            got, under = _described(logits), ", under noise," if sd else ""
            yield f"logits(){under} gives {got}; must give {(count, _SAMPLES, outputs)}: individuals, samples, classes"
        if not bool(logits.isfinite().all()):
            yield "logits() of new networks are not finite; they must be"


def _are_counts(values: object, length: int) -> bool:
    return isinstance(values, Sequence) and len(values) == length and all(type(v) is int and v > 0 for v in values)


def _listed(sizes: dict[str, int]) -> str:
    return ", ".join(f"{size} in {name}" for name, size in sizes.items())


def _described(value: object) -> str:
    return f"{tuple(value.shape)} and {value.dtype}" if isinstance(value, torch.Tensor) else type(value).__name__
