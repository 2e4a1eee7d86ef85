"""Networks that do not go with a task, or are none, are refused when a job is composed."""

from __future__ import annotations

from typing import Any

import pytest

from depsim.config import ConfigError, prepare
from depsim.config.networks import fitted
from depsim.model import Mlp
from depsim.model.torch_module import TorchModule
from depsim.task import GaussianClusters, Task
from tests.torch_models import SMALL_DIGITS, convolution

CLUSTERS = GaussianClusters(
    centres=((-3.0, -3.0), (3.0, 3.0), (-3.0, 3.0), (3.0, -3.0)), spread=1.0, train_size=9, test_size=9, clean_size=9
)


def composed(factory: str, *more: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DEPSIM_PLUGINS", "tests")
    overrides = ["model=torch_module", f"model.factory=tests.torch_models:{factory}", *more, "tracking=none"]
    return prepare(overrides).job.arm.baseline.model


@pytest.mark.parametrize(
    ("factory", "more", "why"),
    [
        ("convolution", (), r"does not fit task=four_clusters, whose inputs have the shape \[2\] and which has 4 cl"),
        ("layered", ("task=digits",), r"does not fit task=digits, .* the shape \[64\] or \[1,8,8\] .* has 10 classes"),
        ("convolution", ("task=digits", "model.shape=[1,9,9]"), r"model.shape=\[1,9,9\]: has 81 .*; .* has 64"),
        ("five_classes", (), r"inputs \(3, 2\) give \(3, 5\); must be \(3, 4\), one output for each class"),
        ("normalised", (), "model.factory=tests.torch_models:normalised: 1: BatchNorm1d keeps statistics of batches"),
        ("always_the_same", (), "returned the same module twice; must make a new one"),
        ("fails", (), "model.factory=tests.torch_models:fails: raised FileNotFoundError: no weights here"),
        ("nothing", (), "model.factory=tests.torch_models:nothing: tests.torch_models has no function nothing"),
        ("layered", ("model.hidden=[act,one]",), "model.hidden names act, one, which it does not have; its modules"),
        ("layered", ("model.hidden=[1,3]",), r"""\[1,3\]: names are strings; must be 'model.hidden=\["1","3"\]'"""),
        ("probabilities", (), "torch_models:probabilities: its outputs are those of a softmax, .*; send logits"),
        ("of_larger_images", ("task=digits",), r"10 cl.*s: inputs \(3, 1, 8, 8\): Run.*: mat1 .*; inputs \(3, 64"),
        ("along_a_line", ("task=digits",), r"inputs \(3, 64\): .* \(begin with nn\.Unflatten\(1, \(2, 32\)\)\)"),
        ("layered", ("model.hidden=[]",), r"model\.hidden=\[\]: needs at least 1"),
    ],
)  # fmt: skip
def test_a_module_that_cannot_learn_the_task_is_refused(
    factory: str, more: tuple[str, ...], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=why):
        composed(factory, *more, monkeypatch=monkeypatch)


def test_a_function_that_is_not_set_is_named() -> None:
    for words, why in (
        (["model.factory=null"], r"^model\.factory is not set; must be package\.module:function$"),
        (["task=digits"], r"^model\.factory is not set, and depsim\.model\.torch_networks:paper does not fit task=dig"),
    ):
        with pytest.raises(ConfigError, match=why):
            prepare(["model=torch_module", "tracking=none", *words])


def test_names_that_are_numbers_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert composed("layered", 'model.hidden=["1","3"]', monkeypatch=monkeypatch).hidden == ("1", "3")


def test_a_module_takes_the_shape_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert composed("convolution", "task=digits", monkeypatch=monkeypatch).shape == (1, 8, 8)
    assert composed("layered", monkeypatch=monkeypatch).shape == (2,)
    assert composed("convolution", "task=digits", "model.shape=[1,8,8]", monkeypatch=monkeypatch).shape == (1, 8, 8)


class Unfinished(Mlp):
    """A network of somebody's own that leaves out a bias."""

    def initialise(self, streams: Any, inputs: int, outputs: int) -> Any:
        weights, biases = super().initialise(streams, inputs, outputs)
        return weights, biases[:-1]


class Failing(Mlp):
    """A network that does not compute."""

    def logits(self, *_given: Any, **_more: Any) -> Any:
        raise RuntimeError("stack expects a non-empty TensorList")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Unfinished, r"model=mine: initialise\(\) gives 1 biases; must give one for each of 2 matrices"),
        (Failing, r"model=mine: does not compute: RuntimeError: stack expects .* \(test_networks\.py, line \d+\)"),
    ],
)
def test_what_is_wrong_with_a_model_of_ones_own_is_named(kind: type[Mlp], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        fitted(kind(hidden=(5,)), CLUSTERS, "mine", "four_clusters")


@pytest.mark.parametrize(
    ("model", "task"),
    [
        (Mlp(hidden=(5,)), CLUSTERS),
        (TorchModule(factory=convolution, hidden=None, shape=(1, 8, 8)), SMALL_DIGITS),
    ],
)
def test_what_fits_stays_as_it_is(model: Any, task: Task) -> None:
    assert fitted(model, task, "model", "task") == model
