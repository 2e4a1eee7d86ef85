from __future__ import annotations

import pytest
import torch
from torch import nn

from depsim.factory import described
from depsim.model.torch_hooks import ModuleError
from depsim.model.torch_module import TorchModule
from depsim.model.torch_refusals import require_alike, require_no_draws, require_plain
from tests.torch_models import always_the_same, fails, layered, needs_something


def frozen() -> nn.Module:
    module = layered()
    module[0].bias.requires_grad = False
    return module


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), r"1: BatchNorm1d keeps statistics of batches.* LayerNorm"),
        (nn.Sequential(nn.InstanceNorm2d(3, track_running_stats=True)), "0: InstanceNorm2d keeps statistics"),
        (nn.Sequential(nn.Sequential(nn.Dropout(0.1))), r"0\.0: Dropout draws while the network computes; leave it"),
        (nn.Sequential(nn.RReLU()), "0: RReLU draws"),
        (nn.Sequential(nn.LazyLinear(3)), r"0\.weight: has no shape yet"),
        (nn.Sequential(nn.Linear(2, 3, device="meta")), r"0\.weight: is on meta; must be on the CPU"),
        (nn.Sequential(nn.Linear(2, 3, dtype=torch.float64)), r"0\.weight: is torch\.float64; must be torch\.float32"),
        (frozen(), r"0\.bias: does not learn"),
    ],
)  # fmt: skip
def test_layers_and_parameters_that_no_cohort_can_have(module: nn.Module, why: str) -> None:
    with pytest.raises(ModuleError, match=why):
        require_plain(module)


def test_statistics_of_one_sample_are_allowed() -> None:
    require_plain(nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3), nn.GroupNorm(1, 3), nn.InstanceNorm1d(3)))


class Drawing(nn.Module):
    """Draws, counts, or both."""

    def __init__(self, draws: bool, counts: bool) -> None:
        super().__init__()
        self._draws, self._counts = draws, counts
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._counts:
            self.get_buffer("seen").add_(1)
        return x + torch.randn(1) if self._draws else x


def test_a_module_that_draws_or_changes_itself_is_refused_and_leaves_the_generator_as_it_was() -> None:
    x, before = torch.zeros(3, 2), torch.get_rng_state()
    require_no_draws(Drawing(draws=False, counts=False), x)
    with pytest.raises(ModuleError, match=r"forward\(\) draws random numbers"):
        require_no_draws(Drawing(draws=True, counts=False), x)
    with pytest.raises(ModuleError, match=r"seen: forward\(\) changes this buffer"):
        require_no_draws(Drawing(draws=False, counts=True), x)
    assert torch.equal(torch.get_rng_state(), before)


def with_buffer(value: float) -> nn.Module:
    module = layered()
    module.register_buffer("scale", torch.full((1,), value))
    return module


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (nn.Sequential(nn.Linear(2, 3)), "made modules with different parameters"),
        (with_buffer(2.0), "scale: this buffer is drawn at random"),
    ],
)
def test_modules_of_two_individuals_differ_in_the_values_of_parameters_only(other: nn.Module, why: str) -> None:
    require_alike(with_buffer(1.0), with_buffer(1.0))
    with pytest.raises(ModuleError, match=why):
        require_alike(with_buffer(1.0), other)


def test_what_a_factory_does_wrong_is_said_with_its_place() -> None:
    for factory, why in (
        (always_the_same, "returned the same module twice"),
        (
            needs_something,
            r"cannot be called without arguments \(missing a .*: 'size'\); must take none",
        ),
        (fails, r"raised FileNotFoundError: no weights here \(torch_models\.py, line \d+\)"),
    ):
        with pytest.raises(ModuleError, match=why):
            TorchModule(factory=factory, hidden=None, shape=None).architecture(2, 4)


def test_an_error_inside_pytorch_is_placed_where_it_was_called() -> None:
    with pytest.raises(RuntimeError) as raised:
        nn.Linear(2, 3)(torch.zeros(1, 5))
    assert "test_torch_refusals.py, line" in described(raised.value)
