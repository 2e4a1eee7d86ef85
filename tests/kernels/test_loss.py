from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from depsim.kernels.loss import cross_entropy

NAN, INF = float("nan"), float("inf")


def room_for(logits: np.ndarray) -> np.ndarray:
    return np.full((2, logits.shape[1]), NAN, dtype=np.float32)


def found(logits: np.ndarray, labels: list[int]) -> tuple[float, np.ndarray]:
    """Loss and gradient (O, B) of logits (O, B)."""
    error = np.full_like(logits, 7)
    return cross_entropy(logits, np.array(labels), error, room_for(logits)), error


def expected(logits: np.ndarray, labels: list[int]) -> tuple[float, np.ndarray]:
    exact = torch.from_numpy(logits.T).double().requires_grad_()
    loss = functional.cross_entropy(exact, torch.tensor(labels))
    loss.backward()
    assert exact.grad is not None
    return float(loss.detach()), exact.grad.numpy().T


@pytest.mark.parametrize("outputs", [1, 2, 4, 10])
@pytest.mark.parametrize("samples", [1, 3, 96, 128])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 10.0, 60.0])
def test_loss_and_gradient_are_those_of_float64(outputs: int, samples: int, scale: float) -> None:
    random = np.random.RandomState(0)
    logits = (random.randn(outputs, samples) * scale).astype(np.float32)
    labels = random.randint(0, outputs, samples).tolist()
    loss, error = found(logits, labels)
    exact_loss, exact_error = expected(logits, labels)
    assert loss == pytest.approx(exact_loss, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(error, exact_error, rtol=1e-5, atol=2e-7 / samples)


def test_by_hand() -> None:
    loss, error = found(np.array([[0.0, np.log(3)], [0.0, 0.0]], dtype=np.float32), [0, 1])
    assert loss == pytest.approx((np.log(2) + np.log(4)) / 2, rel=1e-6)
    assert error.tolist() == [pytest.approx([-0.25, 0.375], rel=1e-6), pytest.approx([0.25, -0.375], rel=1e-6)]


@pytest.mark.parametrize("shift", [-1e6, 1e4, 1e30, 3e38])
def test_large_logits_do_not_overflow(shift: float) -> None:
    logits = np.array([[1.0, 1.0], [1.0, 1.0]], dtype=np.float32) * np.float32(shift)
    loss, error = found(logits, [0, 1])
    assert loss == pytest.approx(np.log(2), rel=1e-6)
    assert error.tolist() == [[-0.25, 0.25], [0.25, -0.25]]


def test_a_hopeless_answer_costs_what_it_is_below_the_best() -> None:
    loss, error = found(np.array([[0.0], [1000.0], [-1000.0]], dtype=np.float32), [2])
    assert loss == 2000
    assert error[:, 0].tolist() == pytest.approx([0, 1, -1], abs=1e-30)


@pytest.mark.parametrize("order", ["C", "F"])
def test_any_layout_will_do(order: str) -> None:
    random = np.random.RandomState(0)
    logits = np.asarray(random.randn(4, 9).astype(np.float32), order=order)
    whole = np.zeros((8, 18), dtype=np.float32)
    view = whole[::2, ::2]
    loss = cross_entropy(logits, np.arange(9) % 4, view, room_for(logits))
    exact_loss, exact_error = expected(np.ascontiguousarray(logits), [index % 4 for index in range(9)])
    assert loss == pytest.approx(exact_loss, rel=1e-6)
    np.testing.assert_allclose(whole[::2, ::2], exact_error, rtol=1e-5, atol=1e-7)
    assert not whole[1::2].any()


@pytest.mark.parametrize("label", range(3))
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("bad", [NAN, INF])
def test_logits_that_are_not_finite_make_a_loss_and_gradients_that_are_not(bad: float, place: int, label: int) -> None:
    logits = np.zeros((3, 2), dtype=np.float32)
    logits[place, 1] = bad
    loss, error = found(logits, [0, label])
    assert not np.isfinite(loss)
    assert np.isnan(error[:, 1]).all()
    np.testing.assert_allclose(error[:, 0], [-1 / 3, 1 / 6, 1 / 6], rtol=1e-6)


def test_a_sample_without_any_finite_logit_is_no_better() -> None:
    logits = np.full((3, 2), -INF, dtype=np.float32)
    loss, error = found(logits, [0, 1])
    assert not np.isfinite(loss)
    assert np.isnan(error).all()


def test_an_infinitely_bad_answer_costs_infinitely_much_and_the_others_are_as_they_would_be() -> None:
    logits = np.array([[-INF], [0.0], [0.0]], dtype=np.float32)
    assert found(logits, [0])[0] == INF
    loss, error = found(logits, [1])
    assert loss == pytest.approx(np.log(2), rel=1e-6)
    assert error[:, 0].tolist() == pytest.approx([0, -0.5, 0.5], abs=1e-30)
