"""Adam on one flat buffer against PyTorch's, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from depsim.training.adam import Adam


def gradients(count: int, size: int, scale: float = 1.0, seed: int = 0) -> np.ndarray:
    return (np.random.RandomState(seed).randn(count, size) * scale).astype(np.float32)


def by_torch(start: np.ndarray, steps: np.ndarray, learning_rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Parameters after each step, and both moments at the end."""
    parameters = torch.from_numpy(start.astype(np.float64)).requires_grad_()
    adam = torch.optim.Adam([parameters], lr=learning_rate)
    path = []
    for gradient in steps:
        parameters.grad = torch.from_numpy(gradient.astype(np.float64))
        adam.step()
        path.append(parameters.detach().numpy().copy())
    state = adam.state[parameters]
    return np.stack(path), np.stack([state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()])


@pytest.mark.slow  # 300 steps, 48 times
@pytest.mark.parametrize("size", [1, 3, 16, 37])
@pytest.mark.parametrize("scale", [1e-10, 1e-6, 1.0, 1e4])
@pytest.mark.parametrize("learning_rate", [1e-5, 1e-3, 0.3])
def test_every_step_is_torchs(size: int, scale: float, learning_rate: float) -> None:
    parameters, steps = gradients(1, size, seed=1)[0], gradients(300, size, scale)
    steps[:, 0] = 0  # a parameter without a gradient
    expected, moments = by_torch(parameters, steps, learning_rate)
    start, adam = parameters.copy(), Adam(size, learning_rate)
    for step, (gradient, exact) in enumerate(zip(steps, expected, strict=True), 1):
        given = gradient.copy()
        adam.step(parameters, given)
        assert (given == gradient).all()
        moved = np.abs(exact - start).max()
        np.testing.assert_allclose(parameters, exact, rtol=0, atol=1e-6 * (moved + step**0.5 * np.abs(start).max()))
    np.testing.assert_allclose(adam.moments, moments, rtol=1e-4, atol=1e-6 * scale * min(scale, 1))
    assert parameters[0] == start[0]
    assert adam.moments.dtype == parameters.dtype == np.float32


def test_the_first_step_goes_by_the_learning_rate_against_the_gradient() -> None:
    parameters = np.zeros(4, dtype=np.float32)
    Adam(4, 0.25).step(parameters, np.array([3, -1e-3, 0, 1e-8], dtype=np.float32))
    assert parameters.tolist() == pytest.approx([-0.25, 0.25, 0, -0.125], rel=2e-5)


def test_a_gradient_that_ends_is_remembered() -> None:
    parameters, adam = np.zeros(1, dtype=np.float32), Adam(1, 0.1)
    for gradient in (1.0, 0.0, 0.0):
        before = parameters.copy()
        adam.step(parameters, np.array([gradient], dtype=np.float32))
        assert (parameters < before).all()


def test_optimisers_share_no_state() -> None:
    one, other = Adam(2, 0.1), Adam(2, 0.1)
    first, second = np.zeros(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
    one.step(first, np.ones(2, dtype=np.float32))
    assert not other.moments.any()
    other.step(second, np.ones(2, dtype=np.float32))
    assert (first == second).all()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_gradient_that_is_not_finite_shows_in_its_parameter_and_nowhere_else(bad: float) -> None:
    parameters = np.ones(19, dtype=np.float32)
    steps = np.ones(19, dtype=np.float32)
    steps[7] = bad
    adam = Adam(19, 1e-3)
    for _ in range(2):
        adam.step(parameters, steps)
    assert np.flatnonzero(~np.isfinite(parameters)).tolist() == [7]


def test_reordering_parameters_and_moments_together_changes_nothing() -> None:
    steps, order = gradients(6, 37), np.random.RandomState(3).permutation(37)
    plain, shuffled = gradients(1, 37, seed=2)[0], gradients(1, 37, seed=2)[0]
    one, other = Adam(37, 1e-2), Adam(37, 1e-2)
    for number, gradient in enumerate(steps):
        one.step(plain, gradient)
        if number == 3:
            shuffled, other.moments[:] = shuffled[order], other.moments[:, order]
        other.step(shuffled, gradient if number < 3 else gradient[order])
    assert (shuffled == plain[order]).all()


def test_what_may_not_change_holds_still_whatever_its_gradient_and_the_rest_moves_as_ever() -> None:
    start, steps = gradients(1, 37, seed=1)[0], gradients(20, 37)
    may_change = np.random.RandomState(2).rand(37) < 0.5
    held, free, adam, plain = start.copy(), start.copy(), Adam(37, 0.1), Adam(37, 0.1)
    for gradient in steps:
        adam.step(held, gradient, may_change)
        plain.step(free, gradient)
    assert held[~may_change].tobytes() == start[~may_change].tobytes()
    assert held[may_change].tobytes() == free[may_change].tobytes()
    assert not adam.moments[:, ~may_change].any()
