"""Sparse arithmetic against a slow float64 network: answers and gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from depsim.model import Activity, Cohort
from depsim.model.answers import answers_of
from depsim.model.sparse import NOWHERE, WORTHWHILE, SparseNetwork, applies_to, backward, forward
from depsim.model.wiring import reaching_units
from depsim.streams import CpuNoise, Noise, Purpose, Streams
from tests import reference
from tests.tiny import CPU, by_hand, newborns, ragged, with_random_masks

ACTIVITIES = [Activity(), Activity(0.7, True), Activity(0.7), Activity(1.0, True)]


def cpu_noise(cohort: Cohort, rows: int) -> CpuNoise:
    noise = Streams(cohort.seeds).noise(rows, cohort.hidden_units, CPU, Purpose.EXAM)
    assert isinstance(noise, CpuNoise)
    return noise


def inputs(individuals: int, rows: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(seed).randn(individuals, rows, 2).astype(np.float32) * 3)


def without_the_way_out(cohort: Cohort) -> Cohort:
    return cohort.with_masks([*cohort.masks[:-1], torch.zeros_like(cohort.masks[-1])])


def with_a_silent_layer(cohort: Cohort, layer: int) -> Cohort:
    """No unit of this layer has synapses of its own."""
    masks = list(cohort.masks)
    masks[layer] = torch.zeros_like(masks[layer])
    return cohort.with_masks(masks)


NETWORKS = {
    "dense": newborns((5,), (12, 10)),
    "one hidden layer": ragged(newborns((5,), (11,)), 0.4),
    "half": ragged(newborns((5,), (12, 10)), 0.5),
    "three hidden layers": ragged(newborns((5,), (13, 10, 9)), 0.6),
    "sparse": ragged(newborns((5,), (40, 30)), 0.95),
    "outputs unconnected": without_the_way_out(newborns((5,), (12, 10))),
    "first layer silent": with_a_silent_layer(newborns((5,), (12, 10)), 0),
    "second layer silent": with_a_silent_layer(with_random_masks(newborns((5,), (12, 10, 9)), 0.4), 1),
    "last hidden layer silent": with_a_silent_layer(newborns((5,), (12, 10)), 1),
    "nothing": with_random_masks(newborns((5,), (12, 10)), 1.1),
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
    cohort: Cohort, x: torch.Tensor, y: torch.Tensor, sigma: float, noise: CpuNoise
) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
    """Logits (B, O) and, put back in their layers, the gradients that the sparse passes find; elsewhere NaN."""
    network = SparseNetwork(cohort)
    wiring, rows = network.wiring, x.shape[1]
    traces = network.traces(rows)
    for array in (traces.response, traces.signal):
        array[:] = np.nan  # nothing may be read that was not written
    traces.signal[: wiring.inputs] = x[0].numpy().T
    disturbance = network.disturbance(sigma, noise.addresses()[0] if sigma > 0 else NOWHERE, rows)
    forward(wiring, network.weights, network.biases, disturbance, traces)
    logits = torch.from_numpy(traces.signal[-wiring.outputs :].T.copy())
    error = np.full_like(traces.signal, np.nan)
    known = torch.softmax(logits.double(), 1)
    known[torch.arange(rows), y[0]] -= 1
    error[-wiring.outputs :] = (known / rows).numpy().T
    found = np.full(network.weights.size, np.nan, dtype=np.float32)
    found_biases = np.full(network.biases.size, np.nan, dtype=np.float32)
    backward(wiring, network.weights, network.biases, disturbance, traces, error, found, found_biases)
    parts = []
    for index, values, like in (
        (wiring.weight_index, found, cohort.weights),
        (wiring.bias_index, found_biases, cohort.biases),
    ):
        flat = np.full(sum(tensor.numel() for tensor in like), np.nan, dtype=np.float32)
        flat[index] = values
        pieces = torch.from_numpy(flat).split([tensor.numel() for tensor in like])
        parts.append([piece.view_as(tensor[0]) for piece, tensor in zip(pieces, like, strict=True)])
    return logits, parts[0], parts[1]


@pytest.mark.parametrize("rows", [1, 3, 96, 128])
@pytest.mark.parametrize("sigma", [0.0, 0.5])
@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize("name", NETWORKS)
def test_answers_and_gradients_are_the_slow_networks(name: str, activity: Activity, sigma: float, rows: int) -> None:
    cohort = replace(NETWORKS[name], activity=activity)
    x, y = inputs(1, rows), torch.from_numpy(np.random.RandomState(1).randint(0, 4, (1, rows)))
    found, found_gradients, found_bias_gradients = answers_and_gradients(cohort, x, y, sigma, cpu_noise(cohort, rows))
    weights, biases = reference.parameters(cohort, 0)
    block = cpu_noise(cohort, rows).block()[0].double()
    logits = reference.answers(weights, biases, x[0].double(), activity, sigma, block)
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


@pytest.mark.parametrize("seed", range(12))
def test_answers_and_gradients_of_any_network(seed: int) -> None:
    random = np.random.RandomState(seed)
    hidden = tuple(int(size) for size in random.randint(5, 30, random.randint(1, 4)))
    activity = Activity(float(random.choice([1.0, 0.7, 0.3])), bool(random.randint(2)))
    sigma, rows = float(random.choice([0.0, 0.3, 2.5])), int(random.randint(1, 40))
    cohort = replace(ragged(newborns((seed,), hidden), random.rand(), seed), activity=activity)
    x, y = inputs(1, rows, seed), torch.from_numpy(random.randint(0, 4, (1, rows)))
    found, found_gradients, found_bias_gradients = answers_and_gradients(cohort, x, y, sigma, cpu_noise(cohort, rows))
    weights, biases = reference.parameters(cohort, 0)
    logits = reference.answers(
        weights, biases, x[0].double(), activity, sigma, cpu_noise(cohort, rows).block()[0].double()
    )
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
    logits = SparseNetwork(without_the_way_out(cohort)).logits(torch.ones(1, 3, 2), 0.0, NOWHERE)
    assert logits.tolist() == [[[60.0, 70.0]] * 3]


def test_a_silent_unit_sends_its_bias_to_everyone() -> None:
    layers = [[[[1.0, 2.0], [3.0, 4.0]]], [[[1.0, 1.0], [0.0, 10.0]]]]
    cohort = by_hand(layers, biases=[[[5.0, 6.0]], [[0.0, 100.0]]])
    cohort = cohort.with_masks([torch.tensor([[[True, True], [False, False]]]), torch.ones(1, 2, 2, dtype=torch.bool)])
    x = torch.tensor([[[1.0, 1.0], [0.0, -10.0]]])
    # The first unit answers 8 and, below 0, 0; the second, silent, 6 to both.
    assert SparseNetwork(cohort).logits(x, 0.0, NOWHERE).tolist() == [[[14.0, 160.0], [6.0, 160.0]]]
    damped = replace(cohort, activity=Activity(0.5))
    assert SparseNetwork(damped).logits(x, 0.0, NOWHERE).tolist() == [[[7.0, 130.0], [3.0, 130.0]]]


def test_noise_reaches_each_unit_by_its_number_in_the_whole_network() -> None:
    # Two of six hidden units are left; what they hear is what units 1 and 5 of the block hear.
    first = torch.zeros(1, 3, 2, dtype=torch.bool)
    second, last = torch.zeros(1, 3, 3, dtype=torch.bool), torch.zeros(1, 4, 3, dtype=torch.bool)
    first[0, 1, 0] = second[0, 2, 1] = last[0, 0, 2] = True
    cohort = newborns((5,), (3, 3)).with_masks([first, second, last])
    x = inputs(1, 6)
    block = cpu_noise(cohort, 6).block()[0]
    response = torch.relu(x[0, :, 0] * cohort.weights[0][0, 1, 0] + cohort.biases[0][0, 1]) + 0.5 * block[:, 1]
    response = torch.relu(response * cohort.weights[1][0, 2, 1] + cohort.biases[1][0, 2]) + 0.5 * block[:, 5]
    expected = response * cohort.weights[2][0, 0, 2] + cohort.biases[2][0, 0]
    found = SparseNetwork(cohort).logits(x, 0.5, cpu_noise(cohort, 6).addresses()[0])
    torch.testing.assert_close(found[0, :, 0], expected, rtol=1e-6, atol=1e-6)


def test_noise_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"internal_noise is 0\.5"):
        SparseNetwork(newborns()).logits(torch.zeros(1, 2, 2), 0.5, NOWHERE)


def test_an_address_matters_only_where_there_is_noise() -> None:
    network, x = SparseNetwork(ragged(newborns((5,), (12, 10)), 0.5)), inputs(1, 6)
    one, other = cpu_noise(newborns((5,), (12, 10)), 6), cpu_noise(newborns((6,), (12, 10)), 6)
    quiet = [network.logits(x, 0.0, address) for address in (NOWHERE, *one.addresses(), *other.addresses())]
    assert torch.equal(quiet[0], quiet[1])
    assert torch.equal(quiet[0], quiet[2])
    loud = [network.logits(x, 0.5, noise.addresses()[0]) for noise in (one, other)]
    assert not torch.equal(loud[0], loud[1])


def test_a_network_answers_again_with_the_same_bits() -> None:
    cohort = ragged(newborns((5,), (12, 10)), 0.5)
    network, x = SparseNetwork(cohort), inputs(1, 9)
    (address,) = cpu_noise(cohort, 9).addresses()
    for sigma in (0.0, 0.5):
        first = network.logits(x, sigma, address)
        network.logits(inputs(1, 5, seed=1), 2.5, address)
        assert torch.equal(network.logits(x, sigma, address), first)


def with_exactly_masked(counts: list[int]) -> Cohort:
    """One layer of 20 weights per individual, so many of them masked."""
    weights = np.random.RandomState(0).randn(len(counts), 4, 5).tolist()
    masks = [[[index >= count for index in range(row * 5, row * 5 + 5)] for row in range(4)] for count in counts]
    cohort = by_hand([weights])
    return cohort.with_masks([torch.tensor(masks)])


def test_sparse_arithmetic_applies_from_80_per_cent() -> None:
    assert WORTHWHILE == 0.8
    assert not applies_to(with_exactly_masked([15]))
    assert applies_to(with_exactly_masked([16]))
    assert applies_to(with_exactly_masked([20]))


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_a_cohort_answers_with_the_bits_of_each_individual_alone(sparsity: float, sigma: float) -> None:
    cohort, x = with_random_masks(newborns((5, 6, 7), (40, 30)), sparsity), inputs(3, 33)
    noise = cpu_noise(cohort, 40)
    together = [answers_of(cohort)(x, sigma, noise) for _ in range(2)]
    assert torch.equal(together[0], together[1]) == (sigma == 0)
    for index in range(3):
        own, answers = cpu_noise(cohort.individual(index), 40), answers_of(cohort.individual(index))
        for block in together:
            assert torch.equal(block[index], answers(x[[index]], sigma, own)[0])


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("count", [1, 2])
def test_answers_take_one_block_of_noise_each_time(sparsity: float, count: int) -> None:
    cohort, x = with_random_masks(newborns((5, 6)[:count], (40, 30)), sparsity), inputs(count, 33)
    noise, blocks, answers = cpu_noise(cohort, 40), cpu_noise(cohort, 40), answers_of(cohort)
    for _ in range(3):
        block = blocks.block()[:, :33]
        expected = cohort.model.logits(cohort.weights, cohort.biases, x, cohort.activity, 0.5, block)
        torch.testing.assert_close(answers(x, 0.5, noise), expected, rtol=1e-5, atol=1e-5)


def test_an_individual_just_below_the_border_changes_no_bit_of_one_above_it() -> None:
    # Alone, the sparser one is computed sparsely; whoever stands beside it must not change that.
    cohort = newborns((5, 6), (40, 30))
    random = np.random.RandomState(1)
    shares = np.array([0.78, 0.82]).reshape(2, 1, 1)
    cohort = cohort.with_masks([torch.from_numpy(random.rand(*mask.shape) >= shares) for mask in cohort.masks])
    assert [applies_to(cohort.individual(index)) for index in (0, 1)] == [False, True]
    x = torch.from_numpy(random.randn(2, 500, 2).astype(np.float32) * 3)
    together = answers_of(cohort)(x, 0.0, None)
    for index in (0, 1):
        assert torch.equal(together[index], answers_of(cohort.individual(index))(x[[index]], 0.0, None)[0])


def test_answers_take_the_activity_of_the_cohort() -> None:
    cohort = with_random_masks(newborns((5,), (40, 30)), 0.5)
    sparse = with_random_masks(cohort, 0.9)
    x = torch.ones(1, 4, 2)
    for one in (cohort, sparse):
        damped = replace(one, activity=Activity(0.7, True))
        expected = one.model.logits(one.weights, one.biases, x, Activity(0.7, True))
        torch.testing.assert_close(answers_of(damped)(x, 0.0, None), expected, rtol=1e-5, atol=1e-6)
        assert not torch.equal(answers_of(one)(x, 0.0, None), answers_of(damped)(x, 0.0, None))


def test_noise_is_asked_for_only_where_there_is_some() -> None:
    class Forbidden(Noise):
        def block(self) -> torch.Tensor:
            raise AssertionError("a block was taken")

    for sparsity in (0.0, 0.9):
        for seeds in ((5,), (5, 6)):
            cohort, x = with_random_masks(newborns(seeds, (40, 30)), sparsity), inputs(len(seeds), 4)
            assert answers_of(cohort)(x, 0.0, Forbidden()).shape == (len(seeds), 4, 4)
            untouched = cpu_noise(cohort, 4)
            answers_of(cohort)(x, 0.0, untouched)
            assert untouched.addresses()[0].step == 0


def test_more_samples_than_the_noise_has_rows_are_refused() -> None:
    (address,) = Streams((5,)).noise(4, 14, CPU, Purpose.EXAM).addresses()
    with pytest.raises(ValueError, match="10 samples, but noise for 4 only"):
        SparseNetwork(newborns()).logits(torch.zeros(1, 10, 2), 0.5, address)
