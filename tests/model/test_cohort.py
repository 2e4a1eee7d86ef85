from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
import torch

from depsim.testing import copied, same
from tests.tiny import ON_DRUG, by_hand, initial, with_random_masks


def test_a_mask_that_is_not_boolean_makes_no_cohort() -> None:
    cohort = initial()
    with pytest.raises(TypeError, match="layer 1 must be boolean"):
        replace(cohort, masks=tuple(mask.float() for mask in cohort.masks))


def test_a_cohort_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        initial().seeds = (1,)  # type: ignore[misc]


def test_length_is_the_number_of_individuals_and_hidden_units_leave_the_outputs_out() -> None:
    cohort = initial((4, 5, 6), (8, 6))
    assert len(cohort) == 3
    assert cohort.architecture.noise_units == 14
    assert cohort.device == torch.device("cpu")


def test_new_masks_set_the_weights_they_mask_to_0_and_leave_the_input() -> None:
    cohort = by_hand([[[[1.0, -2.0], [3.0, 4.0]]]])
    before = copied(cohort)
    masked = cohort.with_masks([torch.tensor([[[True, False], [False, True]]])])
    assert masked.weights[0].tolist() == [[[1.0, 0.0], [0.0, 4.0]]]
    assert masked.masks[0].tolist() == [[[True, False], [False, True]]]
    assert same(cohort, before)


def test_a_mask_is_not_inferred_from_a_weight_of_0() -> None:
    cohort = by_hand([[[[0.0, 1.0]]]])
    assert cohort.is_dense
    assert cohort.sparsity().tolist() == [0.0]


def test_one_missing_synapse_of_one_individual_ends_density() -> None:
    assert not by_hand([[[[1.0]], [[1.0]]]], masks=[[[[True]], [[False]]]]).is_dense


def test_an_individual_is_a_cohort_of_its_own() -> None:
    cohort = with_random_masks(initial((4, 5, 6)), 0.5)
    cohort = replace(cohort, state=ON_DRUG)
    five = cohort.individual(1)
    assert five.seeds == (5,)
    assert five.state == ON_DRUG
    for part, whole in zip(
        (*five.weights, *five.biases, *five.masks), (*cohort.weights, *cohort.biases, *cohort.masks), strict=True
    ):
        assert part.shape[0] == 1
        assert torch.equal(part[0], whole[1])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("part", ["weights", "biases"])
def test_the_diverged_are_named_by_seed(value: float, part: str) -> None:
    cohort = copied(initial((4, 5, 6)))
    assert cohort.diverged() == ()
    getattr(cohort, part)[1][1].view(-1)[3] = value
    assert cohort.diverged() == (5,)


def test_moving_a_cohort_keeps_it() -> None:
    cohort = with_random_masks(initial((4, 5)), 0.5)
    assert same(cohort.to(torch.device("cpu")), cohort)
