"""The recurrent network: by hand, at one step an MLP, gradients through time, and what training shortens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from depsim.model import Cohort, Mlp, Recurrent, StandingState, initial_cohort
from depsim.model.cohort import dense_cohort
from depsim.model.predictor import make_predictor
from depsim.model.sparse import is_sparse
from depsim.model.state import NO_DRUG, Activity
from depsim.model.wiring import wiring_of
from depsim.streams import Purpose, Streams
from depsim.training.dense import DenseLearner
from depsim.training.sparse import SparseLearner
from depsim.training.trainer import _learner_for
from tests.tiny import CPU, with_random_masks

N, B = 3, 9
ON_DRUG = StandingState(Activity(0.6, True))
PUSHED = StandingState(Activity(1.2, False), noise_mean=0.3)


def small(steps: int = 3, delay: int = 0, hidden: int = 7) -> Recurrent:
    return Recurrent(hidden=hidden, steps=steps, delay=delay)


def networks(model: Recurrent) -> Cohort:
    return initial_cohort(model, Streams((3, 7, 9)), 2, 4)


def points(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = np.random.RandomState(seed)
    return torch.from_numpy(random.randn(N, B, 2).astype(np.float32)), torch.from_numpy(random.randint(0, 4, (N, B)))


def noise_for(model: Recurrent) -> torch.Tensor:
    units = model.architecture(2, 4).noise_units
    return torch.from_numpy(np.random.RandomState(1).randn(N, B, units).astype(np.float32))


def test_the_shipped_network_has_67072_weights_and_a_bias_for_each_hidden_unit_and_class() -> None:
    model = small(steps=10, hidden=256)
    parts, cohort = model.architecture(2, 4), networks(model)
    assert (parts.weights, parts.noise_units) == (67_072, 2_560)
    assert parts.matrices == ("input", "recurrent", "output")
    assert [tuple(bias.shape) for bias in cohort.biases] == [(3, 256), (3, 0), (3, 4)]
    for weight, fan_in in zip(cohort.weights, (2, 256, 256), strict=True):
        assert float(weight.abs().max()) <= fan_in**-0.5
        assert float(weight.abs().max()) > 0.99 * fan_in**-0.5
    assert float(cohort.biases[0].abs().max()) > 0.99 * 2**-0.5


def test_two_steps_and_a_silent_one_by_hand() -> None:
    model = small(steps=2, delay=1, hidden=1)
    weights = [torch.tensor([[[2.0, 0.0]]]), torch.tensor([[[0.5]]]), torch.tensor([[[1.0], [-1.0]]])]
    biases = [torch.tensor([[0.25]]), torch.zeros(1, 0), torch.tensor([[0.0, 3.0]])]
    x = torch.tensor([[[1.0, 5.0]]])
    noise = torch.tensor([[[1.0, -1.0, 2.0]]])
    state = StandingState(Activity(0.5, False))
    # sigma 0.1: 2.25 + 0.1 -> 1.175; 2.25 + 0.5875 - 0.1 -> 1.36875; silent: 0.25 + 0.684375 + 0.2 -> 0.5671875
    logits = model.logits(weights, biases, x, state, 0.1, noise)
    torch.testing.assert_close(logits, torch.tensor([[[0.5671875, 3.0 - 0.5671875]]]))


@pytest.mark.parametrize("state", [NO_DRUG, ON_DRUG, PUSHED])
def test_at_one_step_it_is_an_mlp_with_one_hidden_layer(state: StandingState) -> None:
    model, (x, y) = small(steps=1), points()
    cohort, noise = networks(model), noise_for(model)
    mlp, weights, biases = Mlp(hidden=(7,)), cohort.weights[::2], cohort.biases[::2]
    torch.testing.assert_close(
        model.logits(cohort.weights, cohort.biases, x, state, 0.5, noise),
        mlp.logits(weights, biases, x, state, 0.5, noise), rtol=0, atol=1e-6,
    )  # fmt: skip
    found, expected = ([torch.empty_like(t) for t in tensors] for tensors in
                       ((*cohort.weights, *cohort.biases), (*weights, *biases)))  # fmt: skip
    losses = [
        kind.loss_and_gradients(
            own_weights, own_biases, x, y, state, 0.5, noise,
            weight_gradients=places[: len(own_weights)], bias_gradients=places[len(own_weights) :],
        )
        for kind, own_weights, own_biases, places in (
            (model, cohort.weights, cohort.biases, found), (mlp, weights, biases, expected),
        )
    ]  # fmt: skip
    torch.testing.assert_close(losses[0], losses[1])
    assert not found[1].any()
    for own, other in zip((found[0], found[2], found[3], found[5]), expected, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("state", [NO_DRUG, ON_DRUG, PUSHED])
@pytest.mark.parametrize(("steps", "delay"), [(4, 0), (2, 3), (1, 2)])
def test_gradients_are_those_of_automatic_differentiation_in_float64(
    state: StandingState, steps: int, delay: int
) -> None:
    model, (x, y) = small(steps, delay), points()
    cohort, noise = with_random_masks(networks(model), 0.4), noise_for(model)
    exact = [t.double().requires_grad_() for t in (*cohort.weights, *cohort.biases)]
    logits = model.logits(exact[:3], exact[3:], x.double(), state, 0.4, noise.double())
    loss = torch.nn.functional.cross_entropy(logits.mT, y, reduction="none").mean(1)
    expected = torch.autograd.grad(loss.sum(), exact, allow_unused=True)
    places = [torch.full_like(t, torch.nan) for t in (*cohort.weights, *cohort.biases)]
    own = model.loss_and_gradients(
        cohort.weights, cohort.biases, x, y, state, 0.4, noise, weight_gradients=places[:3], bias_gradients=places[3:]
    )
    torch.testing.assert_close(own.double(), loss.detach(), rtol=1e-6, atol=0)
    for place, gradient in zip(places, expected, strict=True):
        wanted = torch.zeros_like(place) if gradient is None else gradient.float()
        torch.testing.assert_close(place, wanted, rtol=2e-5, atol=2e-7)


def test_spectral_radii_are_those_of_the_recurrent_matrix() -> None:
    turn = torch.tensor([[0.0, -2.0], [2.0, 0.0]])
    weights = [torch.zeros(2, 2, 2), torch.stack([turn, torch.full((2, 2), torch.nan)]), torch.zeros(2, 4, 2)]
    radius = small(hidden=2).measures(weights)["spectral_radius"]
    assert radius[0] == pytest.approx(2.0)
    assert torch.isnan(radius[1])
    assert radius.dtype == torch.float64


@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.9])
def test_training_shortens_long_gradients_of_each_individual_for_itself(sparsity: float) -> None:
    model, (x, y) = small(), points()
    cohort = with_random_masks(networks(model), sparsity) if sparsity else networks(model)
    places = [torch.empty_like(t) for t in (*cohort.weights, *cohort.biases)]
    large = dense_cohort(model, cohort.seeds, [40 * w for w in cohort.weights], cohort.biases)
    large = large.with_masks(cohort.masks) if sparsity else large
    own = DenseLearner(large, 0.1)
    model.loss_and_gradients(
        large.weights, large.biases, x, y, NO_DRUG, weight_gradients=places[:3], bias_gradients=places[3:]
    )
    masked = [g * m for g, m in zip(places[:3], large.masks, strict=True)] + places[3:]
    norms = torch.stack([t.flatten(1).square().sum(1) for t in masked]).sum(0).sqrt()
    assert float(norms.max()) > 1
    own._learn(x, y, None)
    gradient = own._learned.grad
    assert gradient is not None
    torch.testing.assert_close(gradient.norm(dim=1), norms.clamp(max=1.0), rtol=1e-4, atol=0)


def test_short_gradients_stay_as_they_are() -> None:
    model, (x, y) = small(), points()
    cohort = networks(model)
    own = DenseLearner(cohort, 0.1)
    places = [torch.empty_like(t) for t in (*cohort.weights, *cohort.biases)]
    model.loss_and_gradients(
        cohort.weights, cohort.biases, x, y, NO_DRUG, weight_gradients=places[:3], bias_gradients=places[3:]
    )
    flat = torch.cat([t.flatten(1) for t in places], 1)
    assert float(flat.norm(dim=1).max()) < 1
    own._learn(x, y, None)
    assert own._learned.grad is not None
    # Sums may be taken in another order where numbers lie elsewhere in memory; a norm of 1 is far from that.
    torch.testing.assert_close(own._learned.grad[:, : flat.shape[1]], flat, rtol=1e-5, atol=1e-7)
    assert Mlp.largest_gradient is None


def sparse_one(model: Recurrent, sparsity: float = 0.85, seed: int = 7) -> Cohort:
    """One network without inputs to some units, and with some that reach no answer."""
    cohort = with_random_masks(initial_cohort(model, Streams((seed,)), 2, 4), sparsity)
    assert is_sparse(cohort)
    return cohort


SPARSE = {
    "long": small(5, 0, 24),
    "silent": small(2, 3, 24),
    "one step": small(1, 0, 30),
    "one, silent": small(1, 2, 24),
}


@pytest.mark.parametrize("name", SPARSE)
@pytest.mark.parametrize("state", [NO_DRUG, ON_DRUG, PUSHED])
@pytest.mark.parametrize("sigma", [0.0, 0.6])
def test_sparse_arithmetic_answers_what_dense_does(name: str, state: StandingState, sigma: float) -> None:
    model = SPARSE[name]
    for seed, sparsity in ((7, 0.85), (9, 0.95)):
        cohort, x = replace(sparse_one(model, sparsity, seed), state=state), points()[0][:1]
        units, streams = model.architecture(2, 4).noise_units, Streams((seed,))
        own, same_noise = (streams.noise(B, units, CPU, Purpose.TREATMENT, 1, 2) for _ in range(2))
        found = make_predictor(cohort)(x, sigma, own)
        noise = same_noise.block()[:, :B] if sigma else None
        expected = model.logits(cohort.weights, cohort.biases, x, state, sigma, noise)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", SPARSE)
@pytest.mark.parametrize(("state", "sigma"), [(NO_DRUG, 0.0), (NO_DRUG, 0.5), (ON_DRUG, 0.0), (PUSHED, 0.5)])
def test_sparse_training_is_dense_training(name: str, state: StandingState, sigma: float) -> None:
    model, seed = SPARSE[name], 7
    cohort = replace(sparse_one(model), state=state)
    cohort = replace(cohort, weights=tuple(4 * w for w in cohort.weights))  # so that some gradients are shortened
    x, y = points()
    batches = [(x[k : k + 1], y[k : k + 1]) for k in range(N)]
    units, found = model.architecture(2, 4).noise_units, []
    for kind in (SparseLearner, DenseLearner):
        learner = kind(cohort, 1e-3)
        noise = Streams((seed,)).noise(B, units, CPU, Purpose.TREATMENT, 1, 2) if sigma else None
        loss = torch.stack([learner.epoch(batches, state, sigma, noise) for _ in range(3)])
        found.append((loss.double(), learner.cohort()))
    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-4, atol=1e-6)
    for kind in ("weights", "biases"):
        for own, other, before in zip(*(getattr(c, kind) for _, c in found), getattr(cohort, kind), strict=True):
            torch.testing.assert_close(own, other, rtol=0, atol=2e-4)
            still = not own.numel() or (own.shape[1:] == (30, 30) and name == "one step")  # nothing comes back
            assert torch.equal(own, before) == still
    assert all(not weight[~mask].any() for weight, mask in zip(found[0][1].weights, cohort.masks, strict=True))


def test_one_learning_matrix_alone_is_learned_densely() -> None:
    cohort = sparse_one(SPARSE["long"])
    assert _learner_for(cohort, True, None) is SparseLearner
    assert _learner_for(cohort, True, (2,)) is DenseLearner


def test_unrolled_synapses_come_again_in_every_step_and_noise_does_not() -> None:
    model = small(3, 0, 2)
    cohort = initial_cohort(model, Streams((7,)), 2, 4)
    # the first unit reads an input, the second the first unit; the answers read the second
    masks = [[[1, 0], [0, 0]], [[0, 0], [1, 0]], [[0, 1]] * 4]
    wiring = wiring_of(cohort.with_masks([torch.tensor([mask], dtype=torch.bool) for mask in masks]))
    # At the last step only the second unit is seen, at the one before only the first, and nothing at the first step.
    assert (wiring.inputs, wiring.outputs) == (2, 4)
    assert wiring.noise_index.tolist() == [2, 5, *range(6, 10)]
    assert wiring.bias_index.tolist() == [0, 1, *range(2, 6)]
    assert wiring.source.tolist() == [0, 2, 3, 3, 3, 3]
    assert wiring.weight_index.tolist() == [0, 4 + 2, *(8 + 2 * row + 1 for row in range(4))]
    assert wiring.layer.tolist() == [0, 0, 1, 1, 1, 1]
