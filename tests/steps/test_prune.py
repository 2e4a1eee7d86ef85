from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch

from depsim.model import Cohort
from depsim.model.masks import kept
from depsim.pathology import NoPathology
from depsim.steps import NetworkEstimate, Prune, number_steps
from depsim.steps.prune import prune
from depsim.steps.pruning_criteria import magnitude
from depsim.steps.pruning_criteria import random as random_criterion
from depsim.streams import FIRST, Position, Section
from depsim.testing import copied, same
from tests.tiny import ON_DRUG, after, by_hand, initial, overpruned, paper_sized, path, with_random_masks


def magnitudes(cohort: Cohort) -> tuple[torch.Tensor, ...]:
    return magnitude.scores(path(cohort), FIRST[Section.PATHOLOGY])


def alive(weights: list[float], sparsity: float, mask: list[bool] | None = None) -> list[bool]:
    """Which weights of one layer stay."""
    cohort = by_hand([[[weights]]], masks=None if mask is None else [[[mask]]])
    if mask is not None:
        cohort = cohort.with_masks(cohort.masks)
    return overpruned(cohort, sparsity).masks[0].flatten().tolist()


def test_the_papers_counts() -> None:
    pruned = overpruned(paper_sized(), 0.95)
    assert kept(pruned.masks).tolist() == [[52, 13_108, 6_554, 52]]
    assert int(kept(pruned.masks).sum()) == 19_766
    assert float(pruned.sparsity()[0]) == 1 - 19_766 / 395_264
    assert f"{float(pruned.sparsity()[0]):.4%}" == "94.9993%"


def test_the_weakest_go_whatever_their_sign() -> None:
    # Median of five: those of at least the third-smallest magnitude stay.
    assert alive([-5.0, 1.0, -2.0, 3.0, -4.0], 0.5) == [True, False, False, True, True]


def test_between_two_ranks_the_quantile_lies_below_the_upper_one() -> None:
    # 0.5-quantile of 1, 2, 3, 4 is 2.5.
    assert alive([1.0, 2.0, 3.0, 4.0], 0.5) == [False, False, True, True]


def test_sparsity_0_keeps_everything() -> None:
    assert alive([1.0, 2.0, 3.0, 4.0], 0.0) == [True] * 4
    assert alive([0.0, 0.0, 3.0], 0.0) == [True] * 3


def test_sparsity_1_keeps_the_strongest_alone() -> None:
    assert alive([1.0, -4.0, 3.0, 2.0], 1.0) == [False, True, False, False]


def test_a_layer_of_one_weight_keeps_it() -> None:
    assert alive([0.5], 0.95) == [True]


def test_equal_magnitudes_at_the_threshold_all_stay() -> None:
    assert alive([1.0, 2.0, -2.0, 2.0, 3.0], 0.5) == [False, True, True, True, True]
    assert alive([2.0, -2.0, 2.0, 2.0], 0.75) == [True] * 4
    # A threshold of 0 takes nothing, not even a synapse whose weight is 0.
    assert alive([0.0, 0.0, 0.0, 1.0], 0.5) == [True] * 4


def test_an_already_sparser_mask_stays_as_it_is() -> None:
    mask = [False, True, False, False, False, True, False, False]
    assert alive([9.0, 1.0, 9.0, 9.0, 9.0, 2.0, 9.0, 9.0], 0.5, mask) == mask


def test_masked_synapses_count_in_the_quantile_as_zeros_and_never_return() -> None:
    # |w| = 0 0 1 2 3 4, its 0.5-quantile is 1.5.
    mask = [False, True, True, False, True, True]
    assert alive([9.0, 1.0, 2.0, 9.0, 3.0, 4.0], 0.5, mask) == [False, False, True, False, True, True]


def test_ties_with_masked_zeros_are_not_unpruned() -> None:
    mask = [False, True, False, True]
    assert alive([0.0, 0.0, 0.0, 1.0], 0.5, mask) == mask


def test_everything_masked_stays_masked() -> None:
    assert alive([1.0, 2.0], 0.5, [False, False]) == [False, False]
    assert alive([1.0, 2.0], 0.0, [False, False]) == [False, False]


@pytest.mark.parametrize("seed", range(60))
def test_the_rule_is_numpys_linear_quantile(seed: int) -> None:
    random = np.random.RandomState(seed)
    size = int(random.randint(2, 400))
    weights = random.randn(size).astype(np.float32)
    mask = random.rand(size) >= random.choice([0.0, 0.3, 0.9])
    sparsity = float(np.round(random.rand(), 3))
    scores = np.where(mask, np.abs(weights), 0).astype(np.float64)
    # At a whole rank NumPy's own position may miss the weight by a rounding error; the protocol's does not.
    rank = Fraction(str(sparsity)) * (size - 1)
    threshold = np.sort(scores)[int(rank)] if rank.denominator == 1 else np.quantile(scores, sparsity)
    assert alive(weights.tolist(), sparsity, mask.tolist()) == (mask & (scores >= threshold)).tolist()


@pytest.mark.parametrize("size", [2, 3, 10, 11, 101, 1024, 1001])
def test_without_ties_the_count_is_exact_for_every_sparsity_in_thousandths(size: int) -> None:
    cohort = by_hand([[[[float(k + 1) for k in range(size)]]]])
    scores = magnitudes(cohort)
    for thousandths in range(0, 1001, 7 if size > 100 else 1):
        share = Fraction(thousandths, 1000)
        pruned = prune(cohort, scores, [float(share)])
        assert int(kept(pruned.masks)) == size - math.ceil(share * (size - 1)), share


def test_every_layer_and_individual_is_pruned_by_itself() -> None:
    weights = [[[[1.0, 2.0, 3.0, 4.0]], [[40.0, 30.0, 20.0, 10.0]]], [[[0.1], [0.2]], [[0.4], [0.3]]]]
    pruned = overpruned(by_hand(weights), 0.5)
    assert pruned.masks[0].tolist() == [[[False, False, True, True]], [[True, True, False, False]]]
    assert pruned.masks[1].tolist() == [[[False], [True]], [[True], [False]]]


def test_each_individual_may_have_its_own_target() -> None:
    cohort = by_hand([[[[1.0, 2.0, 3.0, 4.0]], [[1.0, 2.0, 3.0, 4.0]]]])
    assert kept(prune(cohort, magnitudes(cohort), [0.25, 1.0]).masks).tolist() == [[3], [1]]


def test_pruned_weights_are_0_the_others_and_the_biases_untouched() -> None:
    cohort = initial((1, 2))
    before = copied(cohort)
    pruned = overpruned(cohort, 0.8)
    assert same(cohort, before)
    for new, old, mask in zip(pruned.weights, before.weights, pruned.masks, strict=True):
        assert not new[~mask].any()
        assert torch.equal(new[mask], old[mask])
    assert all(torch.equal(new, old) for new, old in zip(pruned.biases, before.biases, strict=True))


def test_pruning_deeper_removes_ever_more() -> None:
    cohort = initial((1,), (20, 16))
    steps = [overpruned(cohort, s).masks for s in (0.0, 0.3, 0.31, 0.9, 0.99, 1.0)]
    for milder, harsher in pairwise(steps):
        assert all(bool((one | ~other).all()) for one, other in zip(milder, harsher, strict=True))


def test_magnitude_scores_ignore_a_masked_weight_that_is_not_0() -> None:
    cohort = by_hand([[[[-3.0, 5.0]]]], masks=[[[[True, False]]]])
    assert magnitudes(cohort)[0].tolist() == [[[3.0, 0.0]]]


def test_random_pruning_removes_as_many_but_others() -> None:
    cohort = initial((1,), (40, 30))
    by_size, by_chance = (overpruned(cohort, 0.9, how) for how in ("magnitude", "random"))
    assert kept(by_chance.masks).tolist() == kept(by_size.masks).tolist() == [[8, 120, 12]]
    assert not any(torch.equal(one, other) for one, other in zip(by_size.masks, by_chance.masks, strict=True))


def test_random_pruning_is_fair_to_every_place() -> None:
    seeds = tuple(range(400))
    pruned = overpruned(initial(seeds, (4,)), 0.5, "random")
    shares = torch.cat([mask.double().mean(0).flatten() for mask in pruned.masks])
    expected = 0.5 * torch.ones_like(shares)
    assert float((shares - expected).abs().max()) < 4.5 * (0.25 / 400) ** 0.5


def test_random_pruning_never_unprunes() -> None:
    cohort = with_random_masks(initial((1, 2), (20, 16)), 0.8)
    for sparsity in (0.0, 0.5, 0.95):
        pruned = overpruned(cohort, sparsity, "random")
        assert all(bool((old | ~new).all()) for old, new in zip(cohort.masks, pruned.masks, strict=True))


def test_the_healthy_control_is_left_as_it_is() -> None:
    assert NoPathology().plan() == ()


def test_random_pruning_draws_anew_at_every_position_and_never_replays() -> None:
    cohort = initial((1,), (40, 30))
    steps = [Prune(0.5, random_criterion.scores, position=Position(Section.PATHOLOGY, number)) for number in range(3)]
    masks = [after(cohort, [step]).masks for step in steps]
    for one, other in itertools.combinations(masks, 2):
        assert not any(torch.equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))
    # Two prunings in a row are numbered by the plan.
    twice = number_steps(Section.PATHOLOGY, [steps[0], steps[0]])
    assert [step.position.number for step in twice] == [0, 1]


def test_a_share_of_the_survivors_goes_by_the_overall_sparsity_up_to_a_cap() -> None:
    # Matrix 1 has lost 6 of 10, matrix 2 none of 10: 0.3 overall, so 0.4 of the survivors makes 0.3 + 0.4 * 0.7 = 0.58.
    ten = [[float(k + 1)] for k in range(10)]
    cohort = by_hand(
        [[ten], [[[float(k + 1) for k in range(10)]]]], masks=[[[[k >= 6] for k in range(10)]], [[[True] * 10]]]
    )
    cohort = cohort.with_masks(cohort.masks)
    fallen = after(cohort, [Prune(0.4, magnitude.scores, of_survivors=True)])
    assert same(fallen, prune(cohort, magnitudes(cohort), [0.3 + 0.4 * 0.7]))
    assert kept(fallen.masks).tolist() == [[4, 4]]  # 10 - ceil(0.58 * 9); the first one had no more already
    capped = after(cohort, [Prune(0.4, magnitude.scores, of_survivors=True, cap=0.5)])
    assert same(capped, prune(cohort, magnitudes(cohort), [0.5]))


def test_the_state_stays_and_an_expected_density_falls() -> None:
    cohort = replace(initial((1,), (20, 16)), state=ON_DRUG)
    step = Prune(0.4, magnitude.scores, of_survivors=True)
    assert after(cohort, [step]).state == ON_DRUG
    network = NetworkEstimate((100,), 10, 50, 50, density=0.5)
    assert step.expect(network).density == pytest.approx(0.3)
    assert Prune(0.4, magnitude.scores).expect(network).density == 0.5
    assert Prune(0.9, magnitude.scores).expect(network).density == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("position", "address"),
    [
        (Position(Section.PATHOLOGY), (3, 1)),
        (Position(Section.PATHOLOGY, 2), (3, 1, 0, 2)),
        (Position(Section.TREATMENT), (3, 2)),
    ],
)
def test_random_pruning_draws_at_the_documented_address(position: Position, address: tuple[int, ...]) -> None:
    seeds = (3, 8)
    found = random_criterion.scores(path(initial(seeds)), position)
    for index, seed in enumerate(seeds):
        stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=address))
        for scores in found:
            expected = 1 - stream.random(scores.shape[1:], dtype=np.float32)
            assert np.array_equal(scores[index].numpy(), expected)
