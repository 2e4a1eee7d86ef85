from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from depsim.model.base import HiddenLayer
from depsim.model.torch_hooks import ModuleError
from depsim.model.torch_module import TorchModule
from depsim.model.torch_networks import paper, small_convolution
from depsim.model.torch_parts import ModuleParts, Parameter, Sent, parts_of
from depsim.model.torch_trace import FitError
from tests.torch_models import Recurrent, Repeated, Residual, Tied, with_a_linear_layer


def parts(
    module: nn.Module, hidden: tuple[str, ...] | None = None, shape: tuple[int, ...] = (2,), classes: int = 4
) -> ModuleParts:
    return parts_of(module, hidden, shape, classes)


def test_the_papers_network_has_the_matrices_and_counts_of_the_mlp() -> None:
    architecture = parts(paper()).architecture
    assert architecture.matrices == ("0.weight", "2.weight", "4.weight", "6.weight")
    assert architecture.shapes == ((512, 2), (512, 512), (256, 512), (4, 256))
    assert (architecture.weights, architecture.biases, architecture.noise_units, architecture.times) == (
        395_264 - 1_284 + 1_284,
        1_284,
        1_280,
        1,
    )
    assert architecture.hidden == (
        HiddenLayer("1", 512, (0,), (1,)), HiddenLayer("3", 512, (1,), (2,)), HiddenLayer("5", 256, (2,), (3,)),
    )  # fmt: skip


def test_a_convolution_is_a_matrix_with_a_column_for_each_place_of_its_kernel() -> None:
    taken = parts(small_convolution(), shape=(1, 8, 8), classes=10)
    assert taken.architecture.shapes == ((8, 9), (16, 72), (32, 64), (10, 32))
    assert taken.matrices[1] == Parameter("3.weight", (16, 8, 3, 3))
    assert taken.sent == (Sent(1, 0, 512), Sent(2, 512, 256), Sent(3, 768, 32))
    assert taken.architecture.hidden[1] == HiddenLayer("4", 16, (1,), (2,))
    assert (taken.architecture.products, taken.architecture.calls) == (64 * 72 + 16 * 16 * 72 + 2048 + 320, 7)


def test_an_activation_that_is_used_three_times_is_three_layers() -> None:
    architecture = parts(Residual()).architecture
    assert architecture.matrices == ("first.weight", "second.weight", "third.weight", "output.weight")
    assert architecture.hidden == (
        HiddenLayer("act", 6, (0,), (1,)),
        HiddenLayer("act_2", 6, (0, 1), (2,)),
        HiddenLayer("act_3", 6, (0, 1, 2), (3,)),
    )


def test_a_layer_that_a_matrix_feeds_again_and_again_is_one_layer_with_noise_at_each_time() -> None:
    taken = parts(Repeated())
    assert taken.architecture.matrices == ("read.weight", "back.weight", "answer.weight")
    assert taken.architecture.hidden == (HiddenLayer("act", 6, (0, 1), (1, 2)),)
    assert taken.sent == (Sent(1, 0, 6), Sent(1, 6, 6), Sent(1, 12, 6), Sent(1, 18, 6))


def test_shared_weights_are_one_matrix_and_other_parameters_stay_beside_the_matrix_before_them() -> None:
    taken = parts(Tied())
    assert taken.architecture.matrices == ("read.weight", "one.weight", "answer.weight")
    assert [[other.name for other in group] for group in taken.others] == [
        ["scale", "read.bias"], ["one.bias", "two.bias"], ["answer.bias"],
    ]  # fmt: skip
    assert [layer.name for layer in taken.architecture.hidden] == ["acts.0", "acts.1", "acts.2"]
    assert taken.architecture.hidden[1:] == (HiddenLayer("acts.1", 5, (1,), (1,)), HiddenLayer("acts.2", 5, (1,), (2,)))
    normed = parts(Residual())
    assert [[other.name for other in group] for group in normed.others] == [
        ["first.bias"], ["second.bias"], ["third.bias", "norm.weight", "norm.bias"], [],
    ]  # fmt: skip


def test_where_noise_acts_is_said_of_modules_that_keep_most_parameters_or_have_layers_without_an_activation() -> None:
    assert [parts(module).architecture.remark for module in (paper(), Residual(), Repeated(), Tied())] == [""] * 4
    assert parts(Recurrent()).architecture.remark == (
        "1,290 of 1,410 parameters are never pruned; noise and drugs act at: layers.1"
    )
    assert parts(with_a_linear_layer()).architecture.remark == (
        "15 of 77 parameters are never pruned; noise and drugs act at: 2, and not behind 0.weight"
    )


@pytest.mark.parametrize("kind", [Repeated, Residual, Tied])
def test_parameters_of_a_module_come_back_as_they_were(kind: Callable[[], nn.Module]) -> None:
    module = kind()
    taken, values = parts(module), dict(module.named_parameters())
    stacked = {name: torch.stack([value, value + 1]) for name, value in values.items()}
    weights, biases = taken.as_tensors(stacked)
    again = taken.as_parameters([weight[1] for weight in weights], [bias[1] for bias in biases])
    assert again.keys() == values.keys()
    assert all(torch.equal(again[name], value + 1) for name, value in values.items())


def test_named_modules_are_the_activations() -> None:
    def module() -> nn.Module:
        return nn.Sequential(nn.Linear(2, 3), nn.Softplus(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 4))

    assert [layer.name for layer in parts(module(), ("1",)).architecture.hidden] == ["1"]
    assert [layer.name for layer in parts(module()).architecture.hidden] == ["3"]


class Careless(nn.Module):
    """A layer that nobody calls."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.act, self.answer, self.unused = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4), nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.answer(self.act(self.used(x)))
        return answer


def in_between(*modules: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), *modules, nn.Linear(3, 4))


@pytest.mark.parametrize(
    ("module", "hidden", "why"),
    [
        (nn.Sequential(nn.Flatten(), nn.ReLU()), None, "no layer whose weights are synapses; one must be among Linear"),
        (in_between(nn.Sigmoid()), None, "no activation: noise and drugs act at modules of type ReLU"),
        (in_between(nn.ReLU()), ("act",), "names act, which it does not have; its modules are 0, 1, 2"),
        (in_between(nn.ReLU()), ("2",), "names 2, which has weights; must name activations only"),
        (in_between(nn.ReLU(inplace=True)), None, "1: works in place, on what noise and drugs need; make it with inp"),
        (in_between(nn.GLU()), ("1",), r"takes \(3, 3\) and returns|inputs"),
        (in_between(nn.Flatten(0), nn.Unflatten(0, (3, 3))), ("1",), r"1: takes \(3, 3\) and returns \(9,\)"),
        (nn.Sequential(in_between(nn.ReLU()), nn.Tanh()), None, "1: no layer with weights follows it"),
        (nn.Sequential(nn.Tanh(), in_between()), None, "0: no layer with weights leads to it"),
        (nn.Sequential(in_between(nn.ReLU()), nn.LogSoftmax(-1)), None, "outputs are those of a softmax"),
        (Careless(), None, r"unused: forward\(\) never calls this layer"),
        (nn.utils.parametrizations.weight_norm(nn.Linear(2, 4)), None, "its weight is no parameter, but computed"),
    ],
)  # fmt: skip
def test_a_module_that_cannot_be_a_network_is_refused(
    module: nn.Module, hidden: tuple[str, ...] | None, why: str
) -> None:
    with pytest.raises(ModuleError, match=why):
        parts(module, hidden)


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (nn.Sequential(nn.Linear(5, 3), nn.ReLU(), nn.Linear(3, 4)), r"inputs \(3, 2\): RuntimeError: mat1 and mat2"),
        (nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 7)), r"\(3, 2\) give \(3, 7\); must be \(3, 4\), one"),
        (nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.MaxPool1d(2)), "layer with one row for each c"),
    ],
)
def test_a_module_that_does_not_fit_the_task_is_refused(module: nn.Module, why: str) -> None:
    with pytest.raises(FitError, match=why):
        parts(module)


def test_a_factory_has_to_make_a_module() -> None:
    with pytest.raises(ModuleError, match=r"returned a dict; must return a torch\.nn\.Module"):
        TorchModule(factory=dict, hidden=None, shape=None).architecture(2, 4)


class Scaled(nn.Module):
    """Multiplies its inputs by a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = in_between(nn.ReLU())
        self.register_buffer("factor", torch.tensor([2.0, 3.0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.layers(x * self.get_buffer("factor"))
        return answer


def test_a_buffer_is_a_constant_where_the_inputs_are() -> None:
    module, x = Scaled(), torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    expected = module(x)
    network = parts(module).network
    assert torch.equal(
        network(dict(module.named_parameters()), x, lambda _call, _received, response: response, 1), expected
    )
    assert {tensor.device.type for tensor in network._buffers_on(torch.device("meta")).values()} == {"meta"}


class Moody(nn.Module):
    """Goes another way with large inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = in_between(nn.ReLU())
        self.more = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.layers(self.more(x) if x.max() > 100 else x)
        return answer


def test_a_module_that_goes_another_way_later_says_so() -> None:
    taken = parts_of(Moody(), ("layers.1", "more"), (2,), 4)
    values = dict(Moody().named_parameters())
    with pytest.raises(ModuleError, match="its activations are called 2 times, and were 1 times"):
        taken.network(values, torch.full((1, 2), 200.0), lambda _call, _received, response: response, 1)
