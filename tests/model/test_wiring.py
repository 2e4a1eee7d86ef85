"""The index that sparse arithmetic runs along, on masks small enough to write the answer by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from depsim.model import Cohort
from depsim.model.wiring import flatten, reaching_units, wiring_of
from tests.tiny import by_hand, initial, ragged, with_random_masks


def chain(masks: list[list[list[int]]]) -> Cohort:
    """One individual, 2-3-2-2, whose weights are numbered 1, 2, 3, ... within each layer."""
    shapes = [(3, 2), (2, 3), (2, 2)]
    weights = [(np.arange(rows * columns) + 1.0).reshape(1, rows, columns).tolist() for rows, columns in shapes]
    cohort = by_hand(weights, biases=[[[10, 20, 30]], [[40, 50]], [[60, 70]]])
    return cohort.with_masks([torch.tensor([mask], dtype=torch.bool) for mask in masks])


def test_units_that_reach_no_output_are_left_out_and_nothing_else() -> None:
    cohort = chain(
        [
            [[1, 0], [1, 1], [0, 1]],
            [[1, 0, 0], [0, 1, 0]],  # the third unit of the first layer reaches nothing
            [[1, 0], [0, 0]],  # nor does the second of the second layer, nor so the second of the first
        ]
    )
    assert [reaching.tolist() for reaching in reaching_units(cohort)] == [
        [True, False, False],
        [True, False],
        [True, True],
    ]
    wiring = wiring_of(cohort)
    # Units: inputs 0, 1; the first of the first layer 2; the first of the second 3; outputs 4, 5.
    assert (wiring.inputs, wiring.outputs, wiring.units) == (2, 2, 6)
    assert wiring.start.tolist() == [0, 1, 2, 3, 3]
    assert wiring.constant.tolist() == [1, 2, 3, 3]
    assert wiring.source.tolist() == [0, 2, 3]
    assert wiring.weight_index.tolist() == [0, 6, 12]
    assert wiring.bias_index.tolist() == [0, 3, 5, 6]


def test_in_each_row_synapses_from_constant_units_come_last() -> None:
    cohort = chain(
        [
            [[0, 0], [1, 1], [0, 0]],  # the first and the third unit have no synapses of their own
            [[1, 1, 1], [0, 0, 1]],
            [[1, 1], [0, 1]],
        ]
    )
    wiring = wiring_of(cohort)
    # Units: inputs 0, 1; first layer 2, 3, 4, of which 3 is driven; second layer 5, 6; outputs 7, 8.
    assert wiring.units == 9
    assert wiring.start.tolist() == [0, 0, 2, 2, 5, 6, 8, 9]
    assert wiring.constant.tolist() == [0, 2, 2, 3, 5, 8, 9]
    assert wiring.source.tolist() == [0, 1, 3, 2, 4, 4, 5, 6, 6]
    # The second layer's first row takes its weights 2, then 1 and 3.
    assert flatten(cohort.weights)[wiring.weight_index].tolist() == [3, 4, 2, 1, 3, 6, 1, 2, 4]
    assert flatten(cohort.biases)[wiring.bias_index].tolist() == [10, 20, 30, 40, 50, 60, 70]


def test_a_unit_driven_by_constant_units_alone_is_not_constant() -> None:
    cohort = chain([[[0, 0]] * 3, [[1, 0, 0], [0, 0, 0]], [[1, 1], [1, 0]]])
    wiring = wiring_of(cohort)
    # Units: inputs 0, 1; the first of the first layer 2, constant; second layer 3 (driven by it) and 4 (constant).
    assert wiring.units == 7
    assert wiring.source.tolist() == [2, 3, 4, 3]
    assert wiring.start.tolist() == [0, 0, 1, 1, 3, 4]
    assert wiring.constant.tolist() == [0, 0, 1, 2, 4]


def test_outputs_without_synapses_are_computed_all_the_same() -> None:
    wiring = wiring_of(chain([[[0, 0]] * 3, [[0, 0, 0]] * 2, [[0, 0]] * 2]))
    assert (wiring.inputs, wiring.outputs, wiring.units) == (2, 2, 4)
    assert wiring.start.tolist() == [0, 0, 0]
    assert wiring.constant.tolist() == [0, 0]
    assert wiring.bias_index.tolist() == [5, 6]
    assert wiring.source.size == wiring.weight_index.size == 0


def test_a_dense_network_is_wired_completely_and_has_no_constant_units() -> None:
    wiring = wiring_of(initial((0,), (8, 6)))
    assert wiring.units == 2 + 8 + 6 + 4
    assert wiring.weight_index.tolist() == list(range(2 * 8 + 8 * 6 + 6 * 4))
    assert wiring.bias_index.tolist() == list(range(18))
    assert wiring.constant.tolist() == wiring.start[1:].tolist()
    assert wiring.source.tolist() == [*[0, 1] * 8, *list(range(2, 10)) * 6, *list(range(10, 16)) * 4]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("hidden", [(9,), (12, 10), (9, 8, 7)])
def test_every_synapse_between_units_that_matter_is_there_once(seed: int, hidden: tuple[int, ...]) -> None:
    cohort = ragged(initial((seed,), hidden), 0.7, seed)
    wiring = wiring_of(cohort)
    reaching = [np.ones(2, dtype=bool), *reaching_units(cohort)]
    number = np.cumsum(np.concatenate(reaching)) - 1
    offset = np.cumsum([0, 2, *hidden])
    expected, flat = set(), 0
    for layer, mask in enumerate(cohort.masks):
        rows, columns = mask.shape[1:]
        for row, column in np.argwhere(mask[0].numpy()):
            if reaching[layer + 1][row]:
                assert reaching[layer][column]  # what reaches a unit that matters matters
                target, source = number[offset[layer + 1] + row], number[offset[layer] + column]
                expected.add((int(target), int(source), int(flat + row * columns + column)))
        flat += rows * columns
    targets = wiring.inputs + np.repeat(np.arange(wiring.bias_index.size), np.diff(wiring.start))
    found = list(zip(targets.tolist(), wiring.source.tolist(), wiring.weight_index.tolist(), strict=True))
    assert len(found) == wiring.start[-1] == len(expected) > 0
    assert set(found) == expected
    own = np.concatenate([np.ones(2, dtype=int), np.diff(wiring.start)])  # inputs are driven
    for row in range(wiring.bias_index.size):
        first, constant, last = wiring.start[row], wiring.constant[row], wiring.start[row + 1]
        assert first <= constant <= last
        assert (own[wiring.source[first:constant]] > 0).all()
        assert (own[wiring.source[constant:last]] == 0).all()


def test_ragged_networks_have_what_they_are_meant_to_have() -> None:
    for seed in range(5):
        cohort = ragged(initial((seed,), (12, 10)), 0.7, seed)
        masks = [mask[0] for mask in cohort.masks]
        for mask, above in pairwise(masks):
            constant, idle = ~mask.any(1), ~above.any(0)
            assert bool((constant & ~idle).any())
            assert bool((idle & ~constant).any())


def test_flatten_takes_layer_after_layer_and_copies() -> None:
    cohort = with_random_masks(initial((0,), (3, 2)), 0.5)
    flat = flatten(cohort.weights)
    assert flat.tolist() == [number for weight in cohort.weights for number in weight.flatten().tolist()]
    flat[:] = 7
    assert not any((weight == 7).any() for weight in cohort.weights)
