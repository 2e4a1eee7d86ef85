"""The two fast learners, step by step against slow float64 Adam that masks after every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from depsim.model import Activity, Cohort
from depsim.streams import Noise, Purpose, Streams
from depsim.training.dense import DenseLearner
from depsim.training.sparse import SparseLearner
from tests import reference
from tests.tiny import CPU, copied, newborns, same, with_random_masks

Batches = list[tuple[torch.Tensor, torch.Tensor]]
LEARNING_RATE = 1e-2
ACTIVITIES = [Activity(), Activity(0.7, True), Activity(0.7, False)]


def batches_for(individuals: int, sizes: tuple[int, ...] = (16, 16, 16, 16, 9), seed: int = 0) -> Batches:
    random = np.random.RandomState(seed)
    return [
        (
            torch.from_numpy(random.randn(individuals, size, 2).astype(np.float32) * 2),
            torch.from_numpy(random.randint(0, 4, (individuals, size))),
        )
        for size in sizes
    ]


def blocks_for(seeds: tuple[int, ...], units: int, count: int = 5) -> list[torch.Tensor]:
    noise = Streams(seeds).noise(16, units, CPU, Purpose.TREATMENT, 2)
    return [noise.block().clone() for _ in range(count)]


def recorded(blocks: list[torch.Tensor]) -> Noise:
    return reference.RecordedNoise(blocks)  # type: ignore[return-value]


def assert_learned_like_the_reference(
    learner: Callable[[Cohort, float], DenseLearner | SparseLearner], cohort: Cohort, sigma: float
) -> None:
    batches, blocks = batches_for(len(cohort)), blocks_for(cohort.seeds, cohort.hidden_units)
    before = copied(cohort)
    for steps in range(1, 6):
        learning = learner(cohort, LEARNING_RATE)
        losses = learning.epoch(batches[:steps], sigma, recorded(blocks))
        learned = learning.cohort()
        assert same(cohort, before)
        assert losses.shape == (len(cohort),)
        for index in range(len(cohort)):
            weights, biases, loss = reference.train(cohort, index, batches[:steps], LEARNING_RATE, sigma, blocks)
            assert float(losses[index]) == pytest.approx(loss, rel=1e-5)
            for found, expected, start in zip(
                (*learned.weights, *learned.biases), (*weights, *biases), (*before.weights, *before.biases), strict=True
            ):
                torch.testing.assert_close(found[index].double(), expected, rtol=0, atol=steps * LEARNING_RATE * 1e-3)
                assert found.dtype == start.dtype
            for weight, mask in zip(learned.weights, learned.masks, strict=True):
                assert not weight[index][~mask[index]].any()
        assert any(not torch.equal(new, old) for new, old in zip(learned.weights, before.weights, strict=True))


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize("sigma", [0.0, 0.5])
@pytest.mark.parametrize("sparsity", [0.0, 0.4, 0.9])
def test_dense_learning_is_plain_adam_under_a_mask(activity: Activity, sigma: float, sparsity: float) -> None:
    cohort = replace(with_random_masks(newborns((3, 4), (12, 10)), sparsity), activity=activity)
    assert_learned_like_the_reference(DenseLearner, cohort, sigma)


@pytest.mark.parametrize("activity", ACTIVITIES)
@pytest.mark.parametrize("sigma", [0.0, 0.5])
@pytest.mark.parametrize("sparsity", [0.0, 0.4, 0.9])
def test_sparse_learning_is_plain_adam_under_a_mask(activity: Activity, sigma: float, sparsity: float) -> None:
    cohort = replace(with_random_masks(newborns((3,), (12, 10)), sparsity), activity=activity)
    assert_learned_like_the_reference(SparseLearner, cohort, sigma)


@pytest.mark.parametrize("learner", [DenseLearner, SparseLearner])
def test_a_network_whose_outputs_are_cut_off_learns_its_last_biases_only(
    learner: Callable[[Cohort, float], DenseLearner | SparseLearner],
) -> None:
    cohort = newborns((3,))
    cohort = cohort.with_masks([*cohort.masks[:-1], torch.zeros_like(cohort.masks[-1])])
    learning = learner(cohort, LEARNING_RATE)
    learning.epoch(batches_for(1), 0.0, None)
    learned = learning.cohort()
    for new, old in zip((*learned.weights, *learned.biases[:-1]), (*cohort.weights, *cohort.biases[:-1]), strict=True):
        assert torch.equal(new, old)
    assert bool((learned.biases[-1] != cohort.biases[-1]).all())


@pytest.mark.parametrize("learner", [DenseLearner, SparseLearner])
def test_adam_goes_on_from_epoch_to_epoch(learner: Callable[[Cohort, float], DenseLearner | SparseLearner]) -> None:
    cohort, batches = with_random_masks(newborns((3,), (12, 10)), 0.5), batches_for(1)
    together, apart = learner(cohort, LEARNING_RATE), learner(cohort, LEARNING_RATE)
    together.epoch(batches, 0.0, None)
    apart.epoch(batches[:2], 0.0, None)
    apart.epoch(batches[2:], 0.0, None)
    assert same(together.cohort(), apart.cohort())


@pytest.mark.parametrize("learner", [DenseLearner, SparseLearner])
def test_an_epoch_without_noise_takes_no_block(
    learner: Callable[[Cohort, float], DenseLearner | SparseLearner],
) -> None:
    cohort = with_random_masks(newborns((3,), (12, 10)), 0.5)
    noisy, silent = learner(cohort, LEARNING_RATE), learner(cohort, LEARNING_RATE)
    noisy.epoch(batches_for(1), 0.0, recorded([]))
    silent.epoch(batches_for(1), 0.0, None)
    assert same(noisy.cohort(), silent.cohort())


def test_what_a_learner_hands_out_does_not_change_as_it_learns_on() -> None:
    for learner in (DenseLearner, SparseLearner):
        learning = learner(newborns((3,)), LEARNING_RATE)
        now = learning.cohort()
        before = copied(now)
        learning.epoch(batches_for(1), 0.0, None)
        assert same(now, before)
        assert not same(learning.cohort(), before)
