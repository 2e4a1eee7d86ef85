"""Each wrong part of a model of one's own is named with what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from depsim.model import Architecture, HiddenLayer, Mlp, Recurrent
from depsim.model.checking import wrong_part
from depsim.model.torch_module import TorchModule
from tests.torch_models import Repeated, Residual, Tied, convolution

Change = Callable[..., Any]


def network(architecture: Change | None = None, initialise: Change | None = None, logits: Change | None = None) -> Mlp:
    """2-5-3-4 units, of which something is changed before it is returned."""

    class Changed(Mlp):
        is_layered = False

        def architecture(self, inputs: int, outputs: int) -> Architecture:
            right = super().architecture(inputs, outputs)
            return architecture(right) if architecture else right

        def initialise(self, *given: Any) -> Any:
            right = super().initialise(*given)
            return initialise(*right) if initialise else right

        def logits(self, *given: Any, **more: Any) -> Any:
            right = super().logits(*given, **more)
            return logits(right, given[4]) if logits else right

    return Changed(hidden=(5, 3))


def parts(**changes: Any) -> Mlp:
    return network(lambda right: replace(right, **changes))


def layers(**changes: Any) -> Mlp:
    return network(lambda right: replace(right, hidden=(replace(right.hidden[0], **changes), *right.hidden[1:])))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (network(lambda _right: None), "architecture() returns a NoneType; must return a depsim.model.Architecture"),
        (parts(matrices=()), "Architecture.matrices=(); must name each weight matrix, one at least"),
        (parts(matrices=("a", "", "b")), "Architecture.matrices=('a', '', 'b'); must name each weight matrix, one at"),
        (parts(matrices=("a", 2, "b")), "Architecture.matrices=('a', 2, 'b'); must name each weight matrix, one at"),
        (parts(matrices="abc"), "Architecture.matrices='abc'; must name each weight matrix"),
        (
            parts(matrices=("a", "b", "a")),
            "Architecture.matrices=('a', 'b', 'a'); must name each weight matrix only once",
        ),
        (parts(shapes=((5, 2), (4, 3))), "Architecture.shapes has 2; must have one (rows, columns) for each of 3"),
        (
            parts(shapes=((5, 2), (3, 0), (4, 3))),
            "Architecture.shapes of layer_2 is (3, 0); must be (rows, columns), whole",
        ),
        (
            parts(shapes=((5, 7), (3, 5), (4, 3))),
            "Architecture.shapes of layer_1, the first matrix, is (5, 7); must have 2",
        ),
        (
            parts(shapes=((5, 2), (3, 5), (9, 3))),
            "Architecture.shapes of layer_3, the last matrix, is (9, 3); must have 4",
        ),
        (parts(noise_units=-1), "Architecture.noise_units=-1; must be how many numbers a sample's noise takes"),
        (parts(times=0), "Architecture.times=0; must be a whole number above 0"),
        (parts(hidden=("h",)), "Architecture.hidden holds 'h'; must hold depsim.model.HiddenLayer only"),
        (
            layers(incoming=()),
            "HiddenLayer layer_1: incoming=(); must be places of matrices, one at least, from 0 to 2",
        ),
        (
            layers(outgoing=(3,)),
            "HiddenLayer layer_1: outgoing=(3,); must be places of matrices, one at least, from 0 to 2",
        ),
        (
            layers(incoming=(1,)),
            "HiddenLayer layer_1: incoming=(1,), of which the rows are 3 in layer_2; must be 5 each",
        ),
        (
            layers(outgoing=(2,)),
            "HiddenLayer layer_1: outgoing=(2,), of which the columns are 3 in layer_3; must be 5 each",
        ),
        (layers(name="layer_2"), "Architecture.hidden has the names layer_2, layer_2; each only once"),
        (
            network(initialise=lambda w, b: (w[:2], b)),
            "initialise() gives 2 weights; must give one for each of 3 matrices",
        ),
        (
            network(initialise=lambda w, b: (w, b[:1])),
            "initialise() gives 1 biases; must give one for each of 3 matrices",
        ),
        (
            network(initialise=lambda w, b: ([each.mT for each in w], b)),
            "initialise(): weights of layer_1 are (2, 2, 5) and torch.float32; must be (2, 5, 2) and torch.float32",
        ),
        (
            network(initialise=lambda w, b: ([each.double() for each in w], b)),
            "initialise(): weights of layer_1 are (2, 5, 2) and torch.float64; must be (2, 5, 2) and torch.float32",
        ),
        (
            network(initialise=lambda w, b: (w, [each[0] for each in b])),
            "initialise(): biases of layer_1 are (5,) and torch.float32; must be (2, number of biases)",
        ),
        (network(logits=lambda right, _sd: right[0]), "logits() gives (3, 4) and torch.float32; must give (2, 3, 4)"),
        (
            network(logits=lambda right, sd: None if sd else right),
            "logits(), under noise, gives NoneType; must give (2, 3",
        ),
        (network(logits=lambda right, _sd: right / 0), "logits() of new networks are not finite; they must be"),
    ],
)
def test_a_wrong_part_is_named(model: Mlp, why: str) -> None:
    assert re.match(re.escape(why), wrong_part(model, 2, 4)), wrong_part(model, 2, 4)


@pytest.mark.parametrize(
    "model",
    [
        network(), Mlp(hidden=(3,)), Recurrent(hidden=5, steps=2, delay=1),
        *(TorchModule(factory=kind, hidden=None, shape=None) for kind in (Repeated, Residual, Tied)),
    ],
)  # fmt: skip
def test_nothing_is_wrong_with_a_right_one(model: Any) -> None:
    assert wrong_part(model, 2, 4) == ""
    assert isinstance(model.architecture(2, 4).hidden[0], HiddenLayer)


def test_kernels_have_more_columns_than_a_layer_has_units() -> None:
    assert wrong_part(TorchModule(factory=convolution, hidden=None, shape=(1, 8, 8)), 64, 10) == ""
    assert torch.is_grad_enabled()
