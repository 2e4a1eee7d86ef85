"""A GPU's coarse products: when they are used, and what they do to a step, emulated on a CPU."""

from __future__ import annotations

import importlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

import depsim
from depsim.model import StandingState
from depsim.model.state import NO_DRUG
from depsim.training.dense import tensor_cores
from tests import reference
from tests.tiny import CPU, ON_DRUG, initial, run_epoch, with_random_masks
from tests.training.test_learners import batches_for, noise_for

_TEN_BITS = 2.0**-10
_COARSE = 2 * 6 * _TEN_BITS
"""Two operands in each of three products forward and three back."""


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``benchmarks/tf32.py``."""
    monkeypatch.syspath_prepend(str(Path(depsim.__file__).parents[1] / "benchmarks"))
    return importlib.import_module("tf32")


def test_training_on_a_gpu_alone_uses_tensor_cores() -> None:
    products = torch.backends.cuda.matmul
    assert not products.allow_tf32
    with tensor_cores(CPU):
        assert not products.allow_tf32
    with suppress(ArithmeticError), tensor_cores(torch.device("cuda")):
        assert products.allow_tf32
        raise ArithmeticError
    assert not products.allow_tf32


def test_an_operand_keeps_ten_bits_of_its_mantissa(emulated: ModuleType) -> None:
    given = torch.tensor([1 + _TEN_BITS, 1 + _TEN_BITS * 1.75, -3.0, -(1 + _TEN_BITS / 2), 0.0])
    kept = torch.tensor([1 + _TEN_BITS, 1 + _TEN_BITS, -3.0, -1.0, 0.0])
    assert torch.equal(emulated.coarse(given), kept)
    assert torch.equal(emulated.coarse(given.reshape(1, 5).T), kept.reshape(1, 5).T)


@pytest.mark.parametrize("state", [NO_DRUG, ON_DRUG])
@pytest.mark.parametrize("sparsity", [0.0, 0.9])
def test_a_coarse_gradient_is_the_references_to_the_bits_that_are_left(
    state: StandingState, sparsity: float, emulated: ModuleType
) -> None:
    cohort = replace(with_random_masks(initial((3, 4), (40, 30)), sparsity), state=state)
    ((x, y),) = batches_for(2, (64,))
    learner = emulated.CoarseLearner(cohort, 1e-3)
    losses = run_epoch(learner, [(x, y)], 0.5, noise_for(cohort, 64))
    block = noise_for(cohort, 64).block()
    for index in range(len(cohort)):
        weights, biases = reference.parameters(cohort, index)
        adam = torch.optim.Adam([*weights, *biases], lr=1e-3)
        loss = reference.step(cohort, index, adam, weights, biases, x[index], y[index], 0.5, block[index].double())
        assert float(losses[index]) == pytest.approx(loss, rel=_COARSE)
        assert float(losses[index]) != pytest.approx(loss, rel=1e-7)
        for found, weight in zip(learner._weight_gradients, weights, strict=True):
            assert weight.grad is not None
            # Samples' gradients cancel in their sum, their errors do not; and a response near 0 may become one of 0.
            error = (found[index].double() - weight.grad).norm() / weight.grad.norm()
            assert 1e-5 < float(error) < 0.1
