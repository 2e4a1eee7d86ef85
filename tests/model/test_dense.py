"""Dense products for one network, against a slow float64 one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from depsim.kernels.arguments import NO_NOISE
from depsim.model import StandingState, products
from depsim.model.dense import DenseNetwork
from depsim.model.state import NO_DRUG
from depsim.streams import Purpose, Streams
from tests import reference
from tests.tiny import CPU, STATES, initial, with_random_masks


def points(count: int) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(0).randn(1, count, 2).astype(np.float32) * 3)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sigma", [0.0, 0.7])
@pytest.mark.parametrize("hidden", [(40, 30), (17,), (9, 33, 5)])
def test_a_network_answers_what_the_reference_answers(
    hidden: tuple[int, ...], sigma: float, state: StandingState
) -> None:
    cohort, x = replace(with_random_masks(initial((5,), hidden), 0.4), state=state), points(33)
    noise, blocks = (Streams((5,)).noise(34, sum(hidden), CPU, Purpose.EXAM, 1) for _ in range(2))
    weights, biases = reference.parameters(cohort, 0)
    for _ in range(2):
        block = blocks.block()[0, :33].double()
        expected = reference.logits(weights, biases, x[0].double(), state, sigma, block).detach()
        (address,) = noise.addresses()
        found = DenseNetwork(cohort).logits(x, state, sigma, address if sigma > 0 else NO_NOISE)
        assert found.dtype == torch.float32
        torch.testing.assert_close(found[0].double(), expected, rtol=1e-5, atol=2e-5)


def test_noise_has_to_be_there_and_to_be_enough() -> None:
    network = DenseNetwork(initial((5,), (6,)))
    with pytest.raises(ValueError, match="no noise was given"):
        network.logits(points(3), NO_DRUG, 0.5, NO_NOISE)
    (short,) = Streams((5,)).noise(4, 6, CPU, Purpose.EXAM).addresses()
    with pytest.raises(ValueError, match="5 samples, but noise for 4 only"):
        network.logits(points(5), NO_DRUG, 0.5, short)


@pytest.mark.parametrize("numpy_is_faster", [False, True])
def test_products_follow_a_gradient_where_one_is_asked_for(
    numpy_is_faster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "numpy_is_faster", lambda: numpy_is_faster)
    random = np.random.RandomState(0)
    bias, left, right = (torch.from_numpy(random.randn(2, *s).astype(np.float32)) for s in ((1, 4), (5, 3), (3, 4)))
    expected = bias + torch.einsum("nak,nkb->nab", left, right)
    torch.testing.assert_close(products.affine(bias, left, right), expected)
    out = torch.empty(2, 5, 4)
    products.multiply(left, right, out)
    torch.testing.assert_close(out, expected - bias)
    right.requires_grad_()
    products.affine(bias, left, right).sum().backward()
    assert right.grad is not None
    torch.testing.assert_close(right.grad, left.sum(1).unsqueeze(-1).expand(2, 3, 4))
    with torch.no_grad():
        assert products.by_numpy(left, right) is numpy_is_faster
