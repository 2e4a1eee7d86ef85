from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from depsim.model import Mlp, Model, StandingState, initial_cohort
from depsim.model.state import NO_DRUG
from depsim.streams import Purpose, Streams
from depsim.testing import copied, same
from tests import reference, tiny
from tests.tiny import CPU, ON_DRUG, STATES, by_hand, drug, initial, with_random_masks


def test_the_papers_network_has_396548_parameters() -> None:
    cohort = initial((42,), tiny.PAPER_HIDDEN)
    assert [tuple(weight.shape[1:]) for weight in cohort.weights] == list(tiny.PAPER_SHAPES)
    assert [tuple(bias.shape[1:]) for bias in cohort.biases] == [(512,), (512,), (256,), (4,)]
    assert sum(weight.numel() for weight in cohort.weights) == 395_264
    assert sum(tensor.numel() for tensor in (*cohort.weights, *cohort.biases)) == 396_548
    assert cohort.is_dense
    assert {tensor.dtype for tensor in (*cohort.weights, *cohort.biases)} == {torch.float32}


def test_initial_parameters_are_uniform_within_one_over_the_root_of_the_fan_in() -> None:
    cohort = initial((42,), tiny.PAPER_HIDDEN)
    for weight, bias in zip(cohort.weights, cohort.biases, strict=True):
        bound = weight.shape[2] ** -0.5
        for values in (weight.flatten().double(), bias.flatten().double()):
            n = values.numel()
            assert float(values.abs().max()) <= bound
            assert float(values.max()) > bound * (1 - 12 / n)
            assert float(values.min()) < -bound * (1 - 12 / n)
            assert abs(float(values.mean())) < 4.5 * bound / (3 * n) ** 0.5
            assert abs(float((values**2).mean()) - bound**2 / 3) < 4.5 * bound**2 * (4 / 45 / n) ** 0.5


def test_a_newborn_is_the_same_alone_and_in_company_and_differs_from_the_others() -> None:
    company = initial((3, 7, 9))
    assert same(company.individual(1), initial((7,)))
    for one, other in itertools.combinations(range(3), 2):
        assert not any((weight[one] == weight[other]).any() for weight in company.weights)


def test_a_held_initialisation_is_the_holders() -> None:
    held = initial_cohort(Mlp(hidden=(8, 6)), Streams((3, 4), {Purpose.INIT: 9}), 2, 4)
    for index in (0, 1):
        for mine, nine in zip(held.weights, initial((9,)).weights, strict=True):
            assert torch.equal(mine[index], nine[0])


def test_a_forward_pass_by_hand() -> None:
    # Two inputs, two hidden units, one output.
    cohort = by_hand([[[[1.0, 2.0], [-1.0, 0.0]]], [[[3.0, 5.0]]]], biases=[[[0.5, 0.0]], [[-1.0]]])
    x = torch.tensor([[[1.0, 1.0], [-2.0, 0.0]]])
    logits = cohort.model.logits(cohort.weights, cohort.biases, x, NO_DRUG)
    assert logits.tolist() == [[[3 * 3.5 - 1], [5 * 2.0 - 1]]]


def test_noise_comes_after_the_activation_and_before_the_damping_and_spares_the_output() -> None:
    cohort = by_hand([[[[1.0]]], [[[1.0]]]])
    x, noise = torch.tensor([[[-4.0]]]), torch.tensor([[[8.0]]])
    # relu(-4) = 0, + 0.5 * 8 = 4, * 0.25 = 1; noise before the relu would give 0, after the damping 4.
    logits = cohort.model.logits(cohort.weights, cohort.biases, x, drug(0.25), 0.5, noise)
    assert logits.tolist() == [[[1.0]]]


def random_batch(cohort_size: int, samples: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = np.random.RandomState(seed)
    x = torch.from_numpy(random.randn(cohort_size, samples, 2).astype(np.float32) * 3)
    return x, torch.from_numpy(random.randint(0, 4, (cohort_size, samples)))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_loss_and_gradients_are_those_of_automatic_differentiation(state: StandingState, sigma: float) -> None:
    cohort = with_random_masks(initial((1, 2, 3), (8, 6)), 0.3)
    x, y = random_batch(3, 11)
    noise = Streams((1, 2, 3)).noise(11, 14, CPU, Purpose.EXAM).block()
    gradients = [torch.full_like(weight, torch.nan) for weight in cohort.weights]
    bias_gradients = [torch.full_like(bias, torch.nan) for bias in cohort.biases]
    loss = cohort.model.loss_and_gradients(
        cohort.weights, cohort.biases, x, y, state, sigma * state.noise_alone[0], noise,
        weight_gradients=gradients, bias_gradients=bias_gradients,
    )  # fmt: skip
    assert loss.shape == (3,)
    for index in range(3):
        weights, biases = reference.parameters(cohort, index)
        logits = reference.logits(weights, biases, x[index].double(), state, sigma, noise[index].double())
        expected = torch.nn.functional.cross_entropy(logits, y[index])
        expected.backward()
        assert float(loss[index]) == pytest.approx(expected.item(), rel=1e-5)
        for found, parameter in zip((*gradients, *bias_gradients), (*weights, *biases), strict=True):
            assert parameter.grad is not None
            assert float(parameter.grad.abs().max()) > 1e-3
            torch.testing.assert_close(found[index].double(), parameter.grad, rtol=1e-4, atol=1e-6)


class WithoutGradients(Mlp):
    """A network that leaves its gradients to PyTorch."""

    loss_and_gradients = Model.loss_and_gradients


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_a_model_without_gradients_of_its_own_has_pytorchs(state: StandingState, sigma: float) -> None:
    cohort = with_random_masks(initial((1, 2, 3), (8, 6)), 0.3)
    x, y = random_batch(3, 11)
    noise = Streams((1, 2, 3)).noise(11, 14, CPU, Purpose.EXAM).block()
    found = []
    for model in (cohort.model, WithoutGradients(hidden=(8, 6))):
        gradients = [torch.full_like(weight, torch.nan) for weight in (*cohort.weights, *cohort.biases)]
        loss = model.loss_and_gradients(
            cohort.weights, cohort.biases, x, y, state, sigma, noise,
            weight_gradients=gradients[:3], bias_gradients=gradients[3:],
        )  # fmt: skip
        assert not loss.requires_grad
        found.append([loss, *gradients])
    for own, expected in zip(*found, strict=True):
        torch.testing.assert_close(own, expected, rtol=1e-5, atol=1e-6)
    assert not any(tensor.requires_grad for tensor in (*cohort.weights, *cohort.biases))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sigma", [0.0, 2.5])
def test_answers_are_the_references(state: StandingState, sigma: float) -> None:
    cohort = initial((1, 2))
    x, _ = random_batch(2, 9)
    noise = Streams((1, 2)).noise(9, 14, CPU, Purpose.EXAM).block()
    sd = sigma * state.noise_alone[0]  # the caller has applied the gain
    logits = cohort.model.logits(cohort.weights, cohort.biases, x, state, sd, noise)
    for index in range(2):
        weights, biases = reference.parameters(cohort, index)
        expected = reference.logits(weights, biases, x[index].double(), state, sigma, noise[index].double())
        torch.testing.assert_close(logits[index].double(), expected.detach(), rtol=1e-5, atol=1e-6)


def test_noise_of_some_deviation_without_numbers_is_refused() -> None:
    cohort = initial()
    with pytest.raises(ValueError, match=r"standard deviation is 0\.5"):
        cohort.model.logits(cohort.weights, cohort.biases, torch.zeros(1, 2, 2), NO_DRUG, 0.5)


def test_a_forward_pass_leaves_its_inputs() -> None:
    cohort = initial()
    before, (x, _) = copied(cohort), random_batch(1, 5)
    noise, kept_x = torch.ones(1, 5, 14), x.clone()
    cohort.model.logits(cohort.weights, cohort.biases, x, ON_DRUG, 0.5, noise)
    assert same(cohort, before)
    assert torch.equal(x, kept_x)
    assert bool((noise == 1).all())


def test_a_masked_weight_has_a_gradient_too() -> None:
    cohort = by_hand([[[[1.0], [1.0]]]], masks=[[[[True], [False]]]]).with_masks([torch.tensor([[[True], [False]]])])
    gradients, bias_gradients = [torch.empty(1, 2, 1)], [torch.empty(1, 2)]
    cohort.model.loss_and_gradients(
        cohort.weights, cohort.biases, torch.tensor([[[2.0]]]), torch.tensor([[0]]), NO_DRUG,
        weight_gradients=gradients, bias_gradients=bias_gradients,
    )  # fmt: skip
    share = float(torch.softmax(torch.tensor([2.0, 0.0]), 0)[1])
    assert gradients[0].flatten().tolist() == pytest.approx([-2 * share, 2 * share], rel=1e-6)


@pytest.mark.parametrize("hidden", [(8, 6), (20, 16), tiny.PAPER_HIDDEN])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("rows", [1, 96, 128, 500])
def test_a_dense_pass_has_the_same_bits_alone_and_in_company(hidden: tuple[int, ...], shared: bool, rows: int) -> None:
    seeds = (3, 7, 9)
    cohort = initial(seeds, hidden)
    data = tiny.task(test=500).draw(seeds, "shared" if shared else "individual").standard
    # Views of whole sets, as exams and scoring take them.
    x, y = data.x.split(rows, 1)[0], data.y.split(rows, 1)[0]
    noise = Streams(seeds).noise(500, cohort.architecture.noise_units, CPU, Purpose.EXAM).block()[:, :rows]

    def compute(who: slice) -> list[torch.Tensor]:
        weights, biases = [w[who] for w in cohort.weights], [b[who] for b in cohort.biases]
        gradients, bias_gradients = [torch.empty_like(w) for w in weights], [torch.empty_like(b) for b in biases]
        logits = cohort.model.logits(weights, biases, x[who], NO_DRUG, 0.5, noise[who])
        loss = cohort.model.loss_and_gradients(
            weights, biases, x[who], y[who], NO_DRUG, weight_gradients=gradients, bias_gradients=bias_gradients
        )
        return [logits, loss, *gradients, *bias_gradients]

    together = compute(slice(None))
    for index in range(3):
        for whole, part in zip(together, compute(slice(index, index + 1)), strict=True):
            assert torch.equal(whole[index], part[0])
