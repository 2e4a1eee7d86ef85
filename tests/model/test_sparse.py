from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from depsim.model import Activity, Cohort
from depsim.model.answers import answers_of
from depsim.model.sparse import WORTHWHILE, SparseNetwork, Wiring, applies_to
from depsim.streams import Purpose, Streams
from tests.tiny import CPU, by_hand, newborns, with_random_masks


def chain(masks: list[list[list[list[bool]]]]) -> Cohort:
    """One individual, 2-3-2-2, whose weights are numbered 1, 2, 3, ... within each layer."""
    shapes = [(3, 2), (2, 3), (2, 2)]
    weights = [(np.arange(rows * columns) + 1.0).reshape(1, rows, columns).tolist() for rows, columns in shapes]
    cohort = by_hand(weights, biases=[[[10, 20, 30]], [[40, 50]], [[60, 70]]])
    return cohort.with_masks([torch.tensor(mask, dtype=torch.bool) for mask in masks])


def test_units_that_reach_no_output_are_left_out_and_nothing_else() -> None:
    cohort = chain(
        [
            [[[1, 0], [1, 1], [0, 1]]],
            [[[1, 0, 0], [0, 1, 0]]],  # the third unit of the first layer reaches nothing
            [[[1, 0], [0, 0]]],  # nor does the second of the second layer, nor so the second of the first
        ]  # type: ignore[list-item]
    )
    wiring = Wiring.of(cohort)
    # Units: inputs 0, 1; first layer 2-4; second layer 5-6; outputs 7-8.
    assert wiring.computed.tolist() == [2, 5, 7, 8]
    assert wiring.start.tolist() == [0, 1, 2, 3, 3]
    assert wiring.source.tolist() == [0, 2, 5]
    assert wiring.weight_index.tolist() == [0, 6, 12]
    assert wiring.bias_index.tolist() == [0, 3, 5, 6]
    assert (wiring.inputs, wiring.outputs, wiring.units) == (2, 2, 9)


def test_a_dense_network_is_wired_completely() -> None:
    wiring = Wiring.of(newborns((0,), (8, 6)))
    assert wiring.computed.tolist() == list(range(2, 20))
    assert wiring.weight_index.tolist() == list(range(2 * 8 + 8 * 6 + 6 * 4))
    assert wiring.bias_index.tolist() == list(range(18))


def test_outputs_without_synapses_answer_their_bias() -> None:
    cohort = chain([[[[0, 0]] * 3], [[[0, 0, 0]] * 2], [[[0, 0]] * 2]])  # type: ignore[list-item]
    logits = SparseNetwork(cohort).logits(torch.ones(1, 3, 2), Activity(), 0.0, None)
    assert logits.tolist() == [[[60.0, 70.0]] * 3]


@pytest.mark.parametrize("activity", [Activity(), Activity(0.7, True), Activity(0.7), Activity(1.0, True)])
@pytest.mark.parametrize("sigma", [0.0, 0.5])
@pytest.mark.parametrize("sparsity", [0.0, 0.6, 0.95])
def test_sparse_answers_are_the_dense_ones(activity: Activity, sigma: float, sparsity: float) -> None:
    cohort = with_random_masks(newborns((5,), (40, 30)), sparsity)
    x = torch.from_numpy(np.random.RandomState(0).randn(1, 33, 2).astype(np.float32) * 3)
    noise = Streams((5,)).noise(33, 70, CPU, Purpose.EXAM).block()
    dense = cohort.model.logits(cohort.weights, cohort.biases, x, activity, sigma, noise)
    found = SparseNetwork(cohort).logits(x, activity, sigma, noise)
    assert found.shape == (1, 33, 4)
    torch.testing.assert_close(found, dense, rtol=1e-5, atol=1e-5)


def test_noise_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"internal_noise is 0\.5"):
        SparseNetwork(newborns()).logits(torch.zeros(1, 2, 2), Activity(), 0.5, None)


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


def test_a_cohort_answers_with_the_bits_of_each_individual_alone() -> None:
    cohort = with_random_masks(newborns((5, 6, 7), (40, 30)), 0.9)
    x = torch.from_numpy(np.random.RandomState(0).randn(3, 33, 2).astype(np.float32))
    noise = Streams((5, 6, 7)).noise(33, 70, CPU, Purpose.EXAM).block()
    together = answers_of(cohort)(x, 0.5, noise)
    for index in range(3):
        alone = answers_of(cohort.individual(index))(x[[index]], 0.5, noise[[index]])
        assert torch.equal(together[index], alone[0])


def test_an_individual_just_below_the_border_changes_no_bit_of_one_above_it() -> None:
    # Alone, the sparser one is computed sparsely; whoever stands beside it must not change that.
    cohort = newborns((5, 6), (40, 30))
    random = np.random.RandomState(1)
    shares = np.array([0.78, 0.82]).reshape(2, 1, 1)
    cohort = cohort.with_masks([torch.from_numpy(random.rand(*mask.shape) >= shares) for mask in cohort.masks])
    assert [applies_to(cohort.individual(index)) for index in (0, 1)] == [False, True]
    x = torch.from_numpy(random.randn(2, 500, 2).astype(np.float32) * 3)
    together = answers_of(cohort)(x)
    for index in (0, 1):
        assert torch.equal(together[index], answers_of(cohort.individual(index))(x[[index]])[0])


def test_answers_take_the_activity_of_the_cohort() -> None:
    cohort = with_random_masks(newborns((5,), (40, 30)), 0.5)
    sparse = with_random_masks(cohort, 0.9)
    x = torch.ones(1, 4, 2)
    for one in (cohort, sparse):
        damped = replace(one, activity=Activity(0.7, True))
        expected = one.model.logits(one.weights, one.biases, x, Activity(0.7, True))
        torch.testing.assert_close(answers_of(damped)(x), expected, rtol=1e-5, atol=1e-6)
        assert not torch.equal(answers_of(one)(x), answers_of(damped)(x))
