"""Sparse arithmetic against a slow float64 network: answers and gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from depsim.kernels.arguments import NO_NOISE
from depsim.kernels.sparse import backward, forward
from depsim.model import Cohort, StandingState
from depsim.model.predictor import make_predictor
from depsim.model.sparse import SPARSE_FROM, SparseNetwork, forward_settings, is_sparse
from depsim.model.state import NO_DRUG
from depsim.model.wiring import reaching_units
from depsim.streams import CpuNoise, Noise, Purpose, Streams
from tests import reference
from tests.pairs import every_pair
from tests.tiny import CPU, IN_LAYERS, ON_DRUG, STATES, by_hand, drug, initial, ragged, with_random_masks


def cpu_noise(cohort: Cohort, rows: int) -> CpuNoise:
    noise = Streams(cohort.seeds).noise(rows, cohort.architecture.noise_units, CPU, Purpose.EXAM)
    assert isinstance(noise, CpuNoise)
    return noise


def inputs(individuals: int, rows: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(seed).randn(individuals, rows, 2).astype(np.float32) * 3)


def without_the_way_out(cohort: Cohort) -> Cohort:
    return cohort.with_masks([*cohort.masks[:-1], torch.zeros_like(cohort.masks[-1])])


def with_a_constant_layer(cohort: Cohort, layer: int) -> Cohort:
    """No unit of this layer has synapses of its own."""
    masks = list(cohort.masks)
    masks[layer] = torch.zeros_like(masks[layer])
    return cohort.with_masks(masks)


NETWORKS = {
    "dense": initial((5,), (12, 10)),
    "one hidden layer": ragged(initial((5,), (11,)), 0.4),
    "half": ragged(initial((5,), (12, 10)), 0.5),
    "three hidden layers": ragged(initial((5,), (13, 10, 9)), 0.6),
    "sparse": ragged(initial((5,), (40, 30)), 0.95),
    "outputs unconnected": without_the_way_out(initial((5,), (12, 10))),
    "first layer constant": with_a_constant_layer(initial((5,), (12, 10)), 0),
    "second layer constant": with_a_constant_layer(with_random_masks(initial((5,), (12, 10, 9)), 0.4), 1),
    "last hidden layer constant": with_a_constant_layer(initial((5,), (12, 10)), 1),
    "nothing": with_random_masks(initial((5,), (12, 10)), 1.1),
}


def test_the_networks_are_what_they_are_called() -> None:
    for name in ("one hidden layer", "half", "three hidden layers", "sparse"):
        reaching = reaching_units(NETWORKS[name])
        for mask, reaches in zip(NETWORKS[name].masks[:-1], reaching, strict=False):
            assert (~mask[0].any(1).numpy() & reaches).any()
            assert not reaches.all()
    assert NETWORKS["dense"].is_dense
    assert float(NETWORKS["nothing"].sparsity()[0]) == 1


def answers_and_gradients(
    cohort: Cohort,
    x: torch.Tensor,
    y: torch.Tensor,
    sigma: float,
    noise: CpuNoise,
    learns: Sequence[bool] | None = None,
) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor], np.ndarray]:
    """Logits (B, O) and, put back in their layers, the gradients that the sparse passes find, elsewhere NaN; errors."""
    network = SparseNetwork(cohort)
    wiring, rows = network.wiring, x.shape[1]
    activations = network.activations(rows)
    for array in (activations.response, activations.signal):
        array[:] = np.nan  # nothing may be read that was not written
    activations.signal[: wiring.inputs] = x[0].numpy().T
    address = noise.addresses()[0] if sigma > 0 else NO_NOISE
    settings = forward_settings(cohort.state, len(cohort.weights), sigma, address, rows)
    forward(wiring, network.weights, network.biases, settings, activations)
    logits = torch.from_numpy(activations.signal[-wiring.outputs :].T.copy())
    error = np.full_like(activations.signal, np.nan)
    known = torch.softmax(logits.double(), 1)
    known[torch.arange(rows), y[0]] -= 1
    error[-wiring.outputs :] = (known / rows).numpy().T
    found = np.full(network.weights.size, np.nan, dtype=np.float32)
    found_biases = np.full(network.biases.size, np.nan, dtype=np.float32)
    own = np.array(learns or [True] * len(cohort.weights))
    backward(wiring, network.weights, network.biases, settings, activations, own, error, found, found_biases)
    parts = []
    for index, values, like in (
        (wiring.weight_index, found, cohort.weights),
        (wiring.bias_index, found_biases, cohort.biases),
    ):
        flat = np.full(sum(tensor.numel() for tensor in like), np.nan, dtype=np.float32)
        flat[index] = values
        pieces = torch.from_numpy(flat).split([tensor.numel() for tensor in like])
        parts.append([piece.view_as(tensor[0]) for piece, tensor in zip(pieces, like, strict=True)])
    return logits, parts[0], parts[1], error


@every_pair(name=NETWORKS, state=STATES, sigma=[0.0, 0.5], rows=[1, 3, 96, 128])
def test_answers_and_gradients_are_the_slow_networks(name: str, state: StandingState, sigma: float, rows: int) -> None:
    cohort = replace(NETWORKS[name], state=state)
    x, y = inputs(1, rows), torch.from_numpy(np.random.RandomState(1).randint(0, 4, (1, rows)))
    noise = cpu_noise(cohort, rows)
    found, found_gradients, found_bias_gradients, _ = answers_and_gradients(cohort, x, y, sigma, noise)
    weights, biases = reference.parameters(cohort, 0)
    block = cpu_noise(cohort, rows).block()[0].double()
    logits = reference.logits(weights, biases, x[0].double(), state, sigma, block)
    torch.testing.assert_close(found.double(), logits.detach(), rtol=1e-5, atol=1e-5)
    gradients = torch.autograd.grad(functional.cross_entropy(logits, y[0]), [*weights, *biases])
    weight_gradients, bias_gradients = gradients[: len(weights)], gradients[len(weights) :]
    reaching = [torch.from_numpy(units) for units in reaching_units(cohort)]
    for own, exact, mask, reaches in zip(found_gradients, weight_gradients, cohort.masks, reaching, strict=True):
        there = mask[0] & reaches[:, None]
        assert torch.equal(~own.isnan(), there)
        torch.testing.assert_close(own[there].double(), exact[there], rtol=1e-4, atol=2e-6)
        assert not exact[mask[0] & ~there].any()
    for own, exact, reaches in zip(found_bias_gradients, bias_gradients, reaching, strict=True):
        assert torch.equal(~own.isnan(), reaches)
        torch.testing.assert_close(own[reaches].double(), exact[reaches], rtol=1e-4, atol=2e-6)
        assert not exact[~reaches].any()


@pytest.mark.parametrize("learning", [(1,), (2,), (3,), (4,), (1, 3), (2, 4), (1, 2, 3, 4)])
@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_layers_that_do_not_learn_have_no_gradient_and_pass_no_error_below_the_lowest(
    learning: tuple[int, ...], sigma: float
) -> None:
    cohort, rows = replace(ragged(initial((3,), (20, 17, 9)), 0.7), state=IN_LAYERS), 96
    x, y = inputs(1, rows), torch.from_numpy(np.random.RandomState(1).randint(0, 4, (1, rows)))
    learns = [layer in learning for layer in (1, 2, 3, 4)]
    _, *whole, _ = answers_and_gradients(cohort, x, y, sigma, cpu_noise(cohort, rows))
    _, *some, error = answers_and_gradients(cohort, x, y, sigma, cpu_noise(cohort, rows), learns)
    for all_gradients, gradients in zip(whole, some, strict=True):
        for expected, found, own in zip(all_gradients, gradients, learns, strict=True):
            if own:
                torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-7, equal_nan=True)
            else:
                assert bool(found.isnan().all())
    layer = np.concatenate([[0, 0], 1 + SparseNetwork(cohort).wiring.layer])  # the inputs count as layer 0
    below = error[layer < min(learning)]
    assert (below == 0).all() == (min(learning) > 1)  # the loop of the first layer writes to the inputs
    assert error[layer >= min(learning)].any()


@pytest.mark.parametrize("seed", range(12))
def test_answers_and_gradients_of_any_network(seed: int) -> None:
    random = np.random.RandomState(seed)
    hidden = tuple(int(size) for size in random.randint(5, 30, random.randint(1, 4)))
    noise = {"noise_gain": float(random.choice([1.0, 2.0])), "noise_mean": float(random.choice([0.0, 0.25, -0.5]))}
    state = drug(float(random.choice([1.0, 0.7, 1.3])), bool(random.randint(2)), **noise)
    sigma, rows = float(random.choice([0.0, 0.3, 2.5])), int(random.randint(1, 40))
    cohort = replace(ragged(initial((seed,), hidden), random.rand(), seed), state=state)
    x, y = inputs(1, rows, seed), torch.from_numpy(random.randint(0, 4, (1, rows)))
    noise = cpu_noise(cohort, rows)
    found, found_gradients, found_bias_gradients, _ = answers_and_gradients(cohort, x, y, sigma, noise)
    weights, biases = reference.parameters(cohort, 0)
    logits = reference.logits(weights, biases, x[0].double(), state, sigma, cpu_noise(cohort, rows).block()[0].double())
    torch.testing.assert_close(found.double(), logits.detach(), rtol=1e-5, atol=1e-5)
    exact = torch.autograd.grad(functional.cross_entropy(logits, y[0]), [*weights, *biases])
    seen = 0
    for own, gradient in zip((*found_gradients, *found_bias_gradients), exact, strict=True):
        there = ~own.isnan()
        torch.testing.assert_close(own[there].double(), gradient[there], rtol=1e-4, atol=5e-6)
        seen += int(there.sum())
    assert seen >= 4


def test_outputs_without_synapses_answer_their_bias() -> None:
    cohort = by_hand([[[[1.0, 2.0]]], [[[3.0], [4.0]]]], biases=[[[5.0]], [[60.0, 70.0]]])
    logits = SparseNetwork(without_the_way_out(cohort)).logits(torch.ones(1, 3, 2), NO_DRUG, 0.0, NO_NOISE)
    assert logits.tolist() == [[[60.0, 70.0]] * 3]


def test_a_constant_unit_sends_its_bias_to_everyone() -> None:
    layers = [[[[1.0, 2.0], [3.0, 4.0]]], [[[1.0, 1.0], [0.0, 10.0]]]]
    cohort = by_hand(layers, biases=[[[5.0, 6.0]], [[0.0, 100.0]]])
    cohort = cohort.with_masks([torch.tensor([[[True, True], [False, False]]]), torch.ones(1, 2, 2, dtype=torch.bool)])
    x = torch.tensor([[[1.0, 1.0], [0.0, -10.0]]])
    # The first unit answers 8 and, below 0, 0; the second, constant, 6 to both.
    assert SparseNetwork(cohort).logits(x, NO_DRUG, 0.0, NO_NOISE).tolist() == [[[14.0, 160.0], [6.0, 160.0]]]
    damped = replace(cohort, state=drug(0.5))
    assert SparseNetwork(damped).logits(x, damped.state, 0.0, NO_NOISE).tolist() == [[[7.0, 130.0], [3.0, 130.0]]]


def test_noise_reaches_each_unit_by_its_number_in_the_whole_network() -> None:
    # Two of six hidden units are left; what they hear is what units 1 and 5 of the block hear.
    first = torch.zeros(1, 3, 2, dtype=torch.bool)
    second, last = torch.zeros(1, 3, 3, dtype=torch.bool), torch.zeros(1, 4, 3, dtype=torch.bool)
    first[0, 1, 0] = second[0, 2, 1] = last[0, 0, 2] = True
    cohort = initial((5,), (3, 3)).with_masks([first, second, last])
    x = inputs(1, 6)
    block = cpu_noise(cohort, 6).block()[0]
    response = torch.relu(x[0, :, 0] * cohort.weights[0][0, 1, 0] + cohort.biases[0][0, 1]) + 0.5 * block[:, 1]
    response = torch.relu(response * cohort.weights[1][0, 2, 1] + cohort.biases[1][0, 2]) + 0.5 * block[:, 5]
    expected = response * cohort.weights[2][0, 0, 2] + cohort.biases[2][0, 0]
    found = SparseNetwork(cohort).logits(x, NO_DRUG, 0.5, cpu_noise(cohort, 6).addresses()[0])
    torch.testing.assert_close(found[0, :, 0], expected, rtol=1e-6, atol=1e-6)


def test_noise_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the internal noise is 0\.5"):
        SparseNetwork(initial()).logits(torch.zeros(1, 2, 2), NO_DRUG, 0.5, NO_NOISE)


def test_an_address_matters_only_where_there_is_noise() -> None:
    network, x = SparseNetwork(ragged(initial((5,), (12, 10)), 0.5)), inputs(1, 6)
    one, other = cpu_noise(initial((5,), (12, 10)), 6), cpu_noise(initial((6,), (12, 10)), 6)
    quiet = [network.logits(x, NO_DRUG, 0.0, address) for address in (NO_NOISE, *one.addresses(), *other.addresses())]
    assert torch.equal(quiet[0], quiet[1])
    assert torch.equal(quiet[0], quiet[2])
    loud = [network.logits(x, NO_DRUG, 0.5, noise.addresses()[0]) for noise in (one, other)]
    assert not torch.equal(loud[0], loud[1])


def test_a_network_answers_again_with_the_same_bits() -> None:
    cohort = ragged(initial((5,), (12, 10)), 0.5)
    network, x = SparseNetwork(cohort), inputs(1, 9)
    (address,) = cpu_noise(cohort, 9).addresses()
    for sigma in (0.0, 0.5):
        first = network.logits(x, NO_DRUG, sigma, address)
        network.logits(inputs(1, 5, seed=1), NO_DRUG, 2.5, address)
        assert torch.equal(network.logits(x, NO_DRUG, sigma, address), first)


def with_exactly_masked(counts: list[int]) -> Cohort:
    """One layer of 20 weights per individual, so many of them masked."""
    weights = np.random.RandomState(0).randn(len(counts), 4, 5).tolist()
    masks = [[[index >= count for index in range(row * 5, row * 5 + 5)] for row in range(4)] for count in counts]
    cohort = by_hand([weights])
    return cohort.with_masks([torch.tensor(masks)])


def test_sparse_arithmetic_applies_from_80_per_cent() -> None:
    assert SPARSE_FROM == 0.8
    assert not is_sparse(with_exactly_masked([15]))
    assert is_sparse(with_exactly_masked([16]))
    assert is_sparse(with_exactly_masked([20]))


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_a_cohort_answers_with_the_bits_of_each_individual_alone(sparsity: float, sigma: float) -> None:
    cohort, x = with_random_masks(initial((5, 6, 7), (40, 30)), sparsity), inputs(3, 33)
    noise = cpu_noise(cohort, 40)
    together = [make_predictor(cohort)(x, sigma, noise) for _ in range(2)]
    assert torch.equal(together[0], together[1]) == (sigma == 0)
    for index in range(3):
        own, answers = cpu_noise(cohort.individual(index), 40), make_predictor(cohort.individual(index))
        for block in together:
            assert torch.equal(block[index], answers(x[[index]], sigma, own)[0])


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("count", [1, 2])
def test_answers_take_one_block_of_noise_each_time(sparsity: float, count: int) -> None:
    cohort, x = with_random_masks(initial((5, 6)[:count], (40, 30)), sparsity), inputs(count, 33)
    noise, blocks, answers = cpu_noise(cohort, 40), cpu_noise(cohort, 40), make_predictor(cohort)
    for _ in range(3):
        block = blocks.block()[:, :33]
        expected = cohort.model.logits(cohort.weights, cohort.biases, x, cohort.state, 0.5, block)
        torch.testing.assert_close(answers(x, 0.5, noise), expected, rtol=1e-5, atol=1e-5)


def test_an_individual_just_below_the_border_changes_no_bit_of_one_above_it() -> None:
    # Alone, the sparser one is computed sparsely; whoever stands beside it must not change that.
    cohort = initial((5, 6), (40, 30))
    random = np.random.RandomState(1)
    shares = np.array([0.78, 0.82]).reshape(2, 1, 1)
    cohort = cohort.with_masks([torch.from_numpy(random.rand(*mask.shape) >= shares) for mask in cohort.masks])
    assert [is_sparse(cohort.individual(index)) for index in (0, 1)] == [False, True]
    x = torch.from_numpy(random.randn(2, 500, 2).astype(np.float32) * 3)
    together = make_predictor(cohort)(x, 0.0, None)
    for index in (0, 1):
        assert torch.equal(together[index], make_predictor(cohort.individual(index))(x[[index]], 0.0, None)[0])


def test_answers_take_the_activity_of_the_cohort() -> None:
    cohort = with_random_masks(initial((5,), (40, 30)), 0.5)
    sparse = with_random_masks(cohort, 0.9)
    x = torch.ones(1, 4, 2)
    for one in (cohort, sparse):
        damped = replace(one, state=ON_DRUG)
        expected = one.model.logits(one.weights, one.biases, x, ON_DRUG)
        torch.testing.assert_close(make_predictor(damped)(x, 0.0, None), expected, rtol=1e-5, atol=1e-6)
        assert not torch.equal(make_predictor(one)(x, 0.0, None), make_predictor(damped)(x, 0.0, None))


def test_noise_is_asked_for_only_where_there_is_some() -> None:
    class Forbidden(Noise):
        def block(self) -> torch.Tensor:
            raise AssertionError("a block was taken")

    for sparsity in (0.0, 0.9):
        for seeds in ((5,), (5, 6)):
            cohort, x = with_random_masks(initial(seeds, (40, 30)), sparsity), inputs(len(seeds), 4)
            assert make_predictor(cohort)(x, 0.0, Forbidden()).shape == (len(seeds), 4, 4)
            untouched = cpu_noise(cohort, 4)
            make_predictor(cohort)(x, 0.0, untouched)
            assert untouched.addresses()[0].step == 0


def test_more_samples_than_the_noise_has_rows_are_refused() -> None:
    (address,) = Streams((5,)).noise(4, 14, CPU, Purpose.EXAM).addresses()
    with pytest.raises(ValueError, match="10 samples, but noise for 4 only"):
        SparseNetwork(initial()).logits(torch.zeros(1, 10, 2), NO_DRUG, 0.5, address)
