"""The fast learners, step by step against slow float64 Adam that masks after every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from depsim.model import Cohort, StandingState
from depsim.model.state import NO_DRUG
from depsim.streams import CpuNoise, Purpose, Streams
from depsim.testing import copied, same
from depsim.training.compact import CompactLearner
from depsim.training.dense import DenseLearner
from depsim.training.sparse import SparseLearner
from tests import reference
from tests.pairs import every_pair
from tests.tiny import CPU, STATES, drug, initial, ragged, run_epoch, with_random_masks

Batches = list[tuple[torch.Tensor, torch.Tensor]]
Learner = Callable[[Cohort, float], DenseLearner | SparseLearner | CompactLearner]
LEARNING_RATE = 1e-2
LEARNERS = [DenseLearner, SparseLearner, CompactLearner]
NOISY_LEARNERS = [DenseLearner, SparseLearner]


def batches_for(individuals: int, sizes: tuple[int, ...] = (16, 16, 16, 16, 9), seed: int = 0) -> Batches:
    random = np.random.RandomState(seed)
    return [
        (
            torch.from_numpy(random.randn(individuals, size, 2).astype(np.float32) * 2),
            torch.from_numpy(random.randint(0, 4, (individuals, size))),
        )
        for size in sizes
    ]


def noise_for(cohort: Cohort, rows: int = 16) -> CpuNoise:
    noise = Streams(cohort.seeds).noise(rows, cohort.architecture.noise_units, CPU, Purpose.TREATMENT, 2)
    assert isinstance(noise, CpuNoise)
    return noise


def assert_learned(
    learned: Cohort, index: int, before: Cohort, weights: list[torch.Tensor], biases: list[torch.Tensor], steps: int
) -> None:
    """One individual's parameters are the reference's, and exactly 0 where the mask says so."""
    for found, expected, start in zip(
        (*learned.weights, *learned.biases), (*weights, *biases), (*before.weights, *before.biases), strict=True
    ):
        torch.testing.assert_close(found[index].double(), expected, rtol=0, atol=steps * LEARNING_RATE * 1e-3)
        assert found.dtype == start.dtype
    for weight, mask in zip(learned.weights, learned.masks, strict=True):
        assert not weight[index][~mask[index]].any()


def assert_learned_like_the_reference(learner: Learner, cohort: Cohort, sigma: float) -> None:
    batches, source = batches_for(len(cohort)), noise_for(cohort)
    blocks = [source.block().clone() for _ in batches]
    before = copied(cohort)
    for steps in range(1, 6):
        learning = learner(cohort, LEARNING_RATE)
        losses = run_epoch(learning, batches[:steps], sigma, noise_for(cohort))
        learned = learning.cohort()
        assert same(cohort, before)
        assert losses.shape == (len(cohort),)
        for index in range(len(cohort)):
            weights, biases, loss = reference.train(cohort, index, batches[:steps], LEARNING_RATE, sigma, blocks)
            assert float(losses[index]) == pytest.approx(loss, rel=1e-5)
            assert_learned(learned, index, before, weights, biases, steps)
        assert any(not torch.equal(new, old) for new, old in zip(learned.weights, before.weights, strict=True))


@every_pair(state=STATES, sigma=[0.0, 0.5], sparsity=[0.0, 0.4, 0.9])
def test_dense_learning_is_plain_adam_under_a_mask(state: StandingState, sigma: float, sparsity: float) -> None:
    cohort = replace(with_random_masks(initial((3, 4), (12, 10)), sparsity), state=state)
    assert_learned_like_the_reference(DenseLearner, cohort, sigma)


@every_pair(state=STATES, sigma=[0.0, 0.5], sparsity=[0.0, 0.4, 0.9])
def test_sparse_learning_is_plain_adam_under_a_mask(state: StandingState, sigma: float, sparsity: float) -> None:
    cohort = replace(with_random_masks(initial((3,), (12, 10)), sparsity), state=state)
    assert_learned_like_the_reference(SparseLearner, cohort, sigma)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sparsity", [0.0, 0.4, 0.9])
def test_compact_learning_is_plain_adam_under_a_mask(state: StandingState, sparsity: float) -> None:
    cohort = replace(with_random_masks(initial((3,), (12, 10)), sparsity), state=state)
    assert_learned_like_the_reference(CompactLearner, cohort, 0.0)


def assert_follows_the_reference(learner: Learner, cohort: Cohort, epochs: list[Batches], sigmas: list[float]) -> None:
    """Epoch after epoch of one learner; the reference starts anew each time and takes all batches at once."""
    before, learning, noise, source = copied(cohort), learner(cohort, LEARNING_RATE), noise_for(cohort), None
    weights, biases = reference.parameters(cohort, 0)
    adam = torch.optim.Adam([*weights, *biases], lr=LEARNING_RATE)
    source, steps = noise_for(cohort), 0
    for batches, sigma in zip(epochs, sigmas, strict=True):
        loss = float(run_epoch(learning, batches, sigma, noise))
        total = 0.0
        for x, y in batches:
            block = source.block()[0, : x.shape[1]].double() if sigma > 0 else None
            own = reference.step(cohort, 0, adam, weights, biases, x[0], y[0], sigma, block)
            total += own * x.shape[1] / sum(size.shape[1] for size, _ in batches)
            steps += 1
        assert loss == pytest.approx(total, rel=2e-5)
        assert_learned(learning.cohort(), 0, before, [w.detach() for w in weights], [b.detach() for b in biases], steps)


@every_pair(learner=LEARNERS, sparsity=[0.0, 0.5, 0.9], hidden=[(9,), (12, 10), (20, 17, 9)], state=STATES)
def test_several_epochs_of_ragged_networks(
    learner: Learner, sparsity: float, hidden: tuple[int, ...], state: StandingState
) -> None:
    cohort = replace(ragged(initial((3,), hidden), sparsity), state=state)
    epochs = [batches_for(1, (16, 16, 9), seed) for seed in range(4)]
    sigmas = [0.0] * 4 if learner is CompactLearner else [0.5, 0.0, 0.25, 0.0]
    assert_follows_the_reference(learner, cohort, epochs, sigmas)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("learner", LEARNERS)
def test_any_network_learns_like_the_reference(learner: Learner, seed: int) -> None:
    random = np.random.RandomState(seed)
    hidden = tuple(int(size) for size in random.randint(5, 40, random.randint(1, 4)))
    state = drug(float(random.choice([1.0, 0.7, 0.3])), bool(random.randint(2)))
    cohort = replace(ragged(initial((seed,), hidden), random.rand(), seed), state=state)
    epochs = [batches_for(1, tuple(random.randint(1, 17, 3)), seed + epoch) for epoch in range(3)]
    sigmas = [0.0] * 3 if learner is CompactLearner else random.choice([0.0, 0.5], 3).tolist()
    assert_follows_the_reference(learner, cohort, epochs, sigmas)


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("sparsity", [0.0, 0.9])
def test_learners_agree_where_they_all_apply(learner: Learner, sparsity: float) -> None:
    # Closer than either can be held to float64: after one batch of the paper's size, before rounding adds up.
    cohort, (batch,) = ragged(initial((3,), (64, 48)), sparsity), batches_for(1, (128,))
    one, other = learner(cohort, 1e-3), DenseLearner(cohort, 1e-3)
    assert float(run_epoch(one, [batch], 0.0, None)) == pytest.approx(
        float(run_epoch(other, [batch], 0.0, None)), rel=1e-6
    )
    for found, expected in zip(
        (*one.cohort().weights, *one.cohort().biases), (*other.cohort().weights, *other.cohort().biases), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_network_whose_outputs_are_cut_off_learns_its_last_biases_only(learner: Learner) -> None:
    cohort = initial((3,))
    cohort = cohort.with_masks([*cohort.masks[:-1], torch.zeros_like(cohort.masks[-1])])
    learning = learner(cohort, LEARNING_RATE)
    for _ in range(2):
        run_epoch(learning, batches_for(1), 0.0, None)
    learned = learning.cohort()
    for new, old in zip((*learned.weights, *learned.biases[:-1]), (*cohort.weights, *cohort.biases[:-1]), strict=True):
        assert torch.equal(new, old)
    assert bool((learned.biases[-1] != cohort.biases[-1]).all())


@every_pair(learner=LEARNERS, state=STATES, layer=[0, 1, 2])
def test_a_network_with_a_layer_that_receives_nothing_learns_all_the_same(
    learner: Learner, state: StandingState, layer: int
) -> None:
    cohort = replace(with_random_masks(initial((3,), (12, 10, 9)), 0.3), state=state)
    masks = list(cohort.masks)
    masks[layer] = torch.zeros_like(masks[layer])
    epochs = [batches_for(1, (16, 9), seed) for seed in range(3)]
    assert_follows_the_reference(learner, cohort.with_masks(masks), epochs, [0.0] * 3)


@pytest.mark.parametrize("learner", LEARNERS)
def test_units_that_reach_no_output_keep_every_bit(learner: Learner) -> None:
    cohort = ragged(initial((3,), (12, 10)), 0.5)
    idle = [~above[0].any(0) for above in cohort.masks[1:]]
    assert all(int(units.sum()) >= 2 for units in idle)
    learning = learner(cohort, LEARNING_RATE)
    for seed in range(3):
        run_epoch(learning, batches_for(1, seed=seed), 0.0, None)
    learned = learning.cohort()
    for new, old, units in zip(learned.weights[:-1], cohort.weights[:-1], idle, strict=True):
        assert torch.equal(new[0][units], old[0][units])
        assert not torch.equal(new[0][~units], old[0][~units])
    for new, old, units in zip(learned.biases[:-1], cohort.biases[:-1], idle, strict=True):
        assert torch.equal(new[0][units], old[0][units])


@pytest.mark.parametrize("learner", LEARNERS)
def test_adam_goes_on_from_epoch_to_epoch(learner: Learner) -> None:
    cohort, batches = replace(with_random_masks(initial((3,), (12, 10)), 0.5)), batches_for(1)
    together, apart = learner(cohort, LEARNING_RATE), learner(cohort, LEARNING_RATE)
    run_epoch(together, batches, 0.0, None)
    run_epoch(apart, batches[:2], 0.0, None)
    run_epoch(apart, batches[2:], 0.0, None)
    if learner is not CompactLearner:  # which may add up in another order after an epoch
        assert same(together.cohort(), apart.cohort())
    for one, other in zip(together.cohort().weights, apart.cohort().weights, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("state", STATES)
def test_learning_again_gives_the_same_bits(learner: Learner, state: StandingState) -> None:
    cohort = replace(ragged(initial((3,), (40, 35)), 0.5), state=state)
    one, other = learner(cohort, LEARNING_RATE), learner(cohort, LEARNING_RATE)
    for seed in range(4):
        losses = [run_epoch(learning, batches_for(1, seed=seed), 0.0, None) for learning in (one, other)]
        assert torch.equal(*losses)
    assert same(one.cohort(), other.cohort())


@pytest.mark.parametrize("learner", LEARNERS)
def test_an_epoch_without_noise_takes_no_block(learner: Learner) -> None:
    cohort = with_random_masks(initial((3,), (12, 10)), 0.5)
    noisy, constant, noise = learner(cohort, LEARNING_RATE), learner(cohort, LEARNING_RATE), noise_for(cohort)
    run_epoch(noisy, batches_for(1), 0.0, noise)
    run_epoch(constant, batches_for(1), 0.0, None)
    assert same(noisy.cohort(), constant.cohort())
    assert torch.equal(noise.block(), noise_for(cohort).block())


@pytest.mark.parametrize("learner", NOISY_LEARNERS)
def test_an_epoch_with_noise_takes_a_block_a_batch(learner: Learner) -> None:
    cohort = with_random_masks(initial((3,), (12, 10)), 0.5)
    noise, blocks = noise_for(cohort), noise_for(cohort)
    run_epoch(learner(cohort, LEARNING_RATE), batches_for(1), 0.5, noise)
    for _ in batches_for(1):
        blocks.block()
    assert torch.equal(noise.block(), blocks.block())


def test_a_learner_that_knows_no_noise_refuses_noise() -> None:
    cohort = initial((3,))
    with pytest.raises(ValueError, match=r"the internal noise is 0\.5"):
        run_epoch(CompactLearner(cohort, LEARNING_RATE), batches_for(1), 0.5, noise_for(cohort))


@pytest.mark.parametrize("learner", NOISY_LEARNERS)
def test_noise_without_numbers_is_refused(learner: Learner) -> None:
    learning = learner(initial((3,)), LEARNING_RATE)
    with pytest.raises(ValueError, match=r"the internal noise is 0\.5"):
        run_epoch(learning, batches_for(1), 0.5)


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("learner", LEARNERS)
def test_the_state_may_change_from_epoch_to_epoch(learner: Learner, sparsity: float) -> None:
    cohort = ragged(initial((3,), (20, 17)), sparsity)
    states = [NO_DRUG, drug(0.7, True), drug(0.8), drug(1.4, noise_mean=0.2), drug(1.0, True), NO_DRUG]
    learning, (weights, biases) = learner(cohort, LEARNING_RATE), reference.parameters(cohort, 0)
    adam = torch.optim.Adam([*weights, *biases], lr=LEARNING_RATE)
    for number, state in enumerate(states, start=1):
        for x, y in batches_for(1, (16, 9), number):
            reference.step(replace(cohort, state=state), 0, adam, weights, biases, x[0], y[0], 0.0, None)
        run_epoch(learning, batches_for(1, (16, 9), number), state=state)
        learned = learning.cohort()
        assert learned.state == cohort.state
        assert_learned(learned, 0, cohort, [w.detach() for w in weights], [b.detach() for b in biases], 2 * number)


@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_dense_learning_knows_individuals_that_differ_in_their_noise(sigma: float) -> None:
    cohort = replace(initial((3, 4), (12, 10)), state=StandingState(None, (1.0, 2.0), (0.25, 0.0)))
    assert_learned_like_the_reference(DenseLearner, cohort, sigma)


def test_what_a_learner_hands_out_does_not_change_as_it_learns_on() -> None:
    for learner in LEARNERS:
        learning = learner(initial((3,)), LEARNING_RATE)
        now = learning.cohort()
        before = copied(now)
        assert same(now, initial((3,)))
        run_epoch(learning, batches_for(1), 0.0, None)
        assert same(now, before)
        assert not same(learning.cohort(), before)


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("learning_rate", [1e30, 1e38])
@pytest.mark.parametrize("sparsity", [0.0, 0.9])
def test_learning_that_overflows_leaves_weights_that_are_not_finite(
    learner: Learner, learning_rate: float, sparsity: float
) -> None:
    cohort = ragged(initial((3,), (20, 17)), sparsity)
    learning = learner(cohort, learning_rate)
    for seed in range(4):
        run_epoch(learning, batches_for(1, seed=seed), 0.0, None)
    assert learning.cohort().diverged() == (3,)


@every_pair(learner=LEARNERS, state=STATES, bad=[float("nan"), float("inf"), float("-inf")], layer=[0, 1, 2])
def test_a_network_that_is_not_finite_does_not_become_finite(
    learner: Learner, state: StandingState, bad: float, layer: int
) -> None:
    cohort = copied(replace(initial((3,), (20, 17)), state=state))
    cohort.weights[layer][0, 0, 0] = bad
    learning = learner(cohort, 1e-3)
    for seed in range(3):
        run_epoch(learning, batches_for(1, seed=seed), 0.0, None)
    assert learning.cohort().diverged() == (3,)
