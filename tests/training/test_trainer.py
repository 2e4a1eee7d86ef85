from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from depsim.model import Activity, Cohort, Model
from depsim.streams import Purpose, Stage, Streams
from depsim.task import Points
from depsim.training import Trained, Trainer
from depsim.training import trainer as trainer_module
from depsim.training.compact import CompactLearner
from depsim.training.dense import DenseLearner
from depsim.training.sparse import SparseLearner
from tests import reference, tiny
from tests.tiny import copied, newborns, ragged, same, with_random_masks

SEEDS = (3, 7, 9)


def trainer(seeds: tuple[int, ...] = SEEDS, batch_size: int = 64, hold: dict[Purpose, int] | None = None) -> Trainer:
    return Trainer(tiny.task().draw(seeds, "individual").train, Streams(seeds, hold or {}), batch_size)


def epochs_by_the_rule(points: Points, index: int, seed: int, stage: Stage, use: int, count: int) -> list[list[int]]:
    """The order of the samples in each epoch."""
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, int(stage), use)))
    return [generator.permutation(points.y.shape[1]).tolist() for _ in range(count)]


def batches_by_the_rule(points: Points, index: int, orders: list[list[int]], size: int) -> list[tuple]:
    return [
        (points.x[[index]][:, order[first : first + size]], points.y[[index]][:, order[first : first + size]])
        for order in orders
        for first in range(0, len(order), size)
    ]


@pytest.mark.parametrize("sparsity", [0.0, 0.9])
def test_training_is_adam_over_reshuffled_epochs_with_the_remainder_last(sparsity: float) -> None:
    cohort, teaching = with_random_masks(newborns((3,)), sparsity), trainer((3,))
    trained = teaching.train(cohort, Stage.TREATED, learning_rate=1e-3, internal_noise=(0.0, 0.0))
    orders = epochs_by_the_rule(teaching.points, 0, 3, Stage.TREATED, 0, 2)
    assert orders[0] != orders[1]
    batches = batches_by_the_rule(teaching.points, 0, orders, 64)
    assert [x.shape[1] for x, _ in batches] == [64, 64, 64, 8] * 2
    weights, biases, loss = reference.train(cohort, 0, batches, 1e-3)
    for found, expected in zip((*trained.cohort.weights, *trained.cohort.biases), (*weights, *biases), strict=True):
        torch.testing.assert_close(found[0].double(), expected, rtol=0, atol=2e-5)
    assert float(trained.losses.mean()) == pytest.approx(loss, rel=1e-5)


def test_the_paper_has_94_batches_an_epoch_the_last_of_96() -> None:
    points = tiny.task(train=12_000).draw((42,), "shared").train
    sizes: list[int] = []

    class Counting(tiny.Mlp):
        def loss_and_gradients(self, weights, biases, x, y, *args, weight_gradients, **more):  # type: ignore[no-untyped-def]
            sizes.append(x.shape[1])
            for gradient in weight_gradients:
                gradient.zero_()
            return torch.zeros(1)

    cohort = Counting(hidden=(1,)).initialise(Streams((42,)), 2, 4)
    Trainer(points, Streams((42,)), 128).gradient_magnitudes(cohort, Stage.TREATED, 94)
    assert sizes == [128] * 93 + [96]


def test_noise_of_each_epoch_comes_from_the_treatment_stream_block_by_block() -> None:
    cohort, teaching = newborns((3,)), trainer((3,))
    trained = teaching.train(cohort, Stage.TREATED, learning_rate=1e-3, internal_noise=(0.5, 0.25, 0.0))
    noise = Streams((3,)).noise(64, 14, tiny.CPU, Purpose.TREATMENT, int(Stage.TREATED))
    orders = epochs_by_the_rule(teaching.points, 0, 3, Stage.TREATED, 0, 3)
    learner = DenseLearner(cohort, 1e-3)
    losses = []
    for order, sigma in zip(orders, (0.5, 0.25, 0.0), strict=True):
        blocks = [noise.block().clone() for _ in range(4)] if sigma else []
        batches = batches_by_the_rule(teaching.points, 0, [order], 64)
        losses.append(float(learner.epoch(batches, sigma, reference.RecordedNoise(blocks))))  # type: ignore[arg-type]
    assert same(trained.cohort, learner.cohort())
    assert trained.losses.tolist() == [losses]


class Stranger(Model):
    """A model that is no Mlp."""

    def initialise(self, streams: Streams, inputs: int, outputs: int) -> Cohort:
        raise NotImplementedError

    def logits(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        raise NotImplementedError

    def loss_and_gradients(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("sparsity", "noise", "expected"),
    [
        (0.0, (0.0, 0.0), CompactLearner),
        (0.5, (0.0,), CompactLearner),
        (0.0, (), CompactLearner),
        (0.0, (0.5, 0.0), DenseLearner),
        (0.5, (0.0, 0.5), DenseLearner),
        (0.9, (0.0, 0.0), SparseLearner),
        (0.9, (0.5, 0.0), SparseLearner),
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_the_arithmetic_of_a_phase_is_picked_by_sparsity_and_silence(
    sparsity: float, noise: tuple[float, ...], expected: type, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    picked: list[object] = []

    def noting(cohort: Cohort, quiet: bool) -> Callable[[Cohort, float], Any]:
        picked.append(pick(cohort, quiet))
        return pick(cohort, quiet)

    pick = trainer_module._learner_for
    monkeypatch.setattr(trainer_module, "_learner_for", noting)
    cohort = with_random_masks(newborns(SEEDS[:count], (20, 16)), sparsity)
    trainer(SEEDS[:count]).train(cohort, Stage.TREATED, learning_rate=1e-3, internal_noise=noise)
    assert picked == [expected] * count  # each individual as if it were alone


def test_the_border_between_sparse_and_other_arithmetic_is_80_per_cent() -> None:
    cohort = newborns((3,), (5, 5))  # 55 weights, 44 of them masked or 43
    for masked, expected in ((44, SparseLearner), (43, CompactLearner)):
        flat = torch.arange(55) >= masked
        masks = [part.view_as(mask) for part, mask in zip(flat.split([10, 25, 20]), cohort.masks, strict=True)]
        assert trainer_module._learner_for(cohort.with_masks(masks), quiet=True) is expected


def test_cohorts_that_only_dense_arithmetic_knows_get_it() -> None:
    company = with_random_masks(newborns(SEEDS), 0.9)
    assert trainer_module._learner_for(company, quiet=True) is DenseLearner
    elsewhere = with_random_masks(newborns((3,)), 0.9).to(torch.device("meta"))
    assert trainer_module._learner_for(elsewhere, quiet=True) is DenseLearner
    for sparsity in (0.0, 0.9):
        other = replace(with_random_masks(newborns((3,)), sparsity), model=Stranger())
        assert trainer_module._learner_for(other, quiet=True) is DenseLearner


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("activity", [Activity(), Activity(0.7, True), Activity(0.7)])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_picked_learns_what_dense_arithmetic_learns(
    sparsity: float, activity: Activity, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, teaching = replace(ragged(newborns((3,), (40, 35)), sparsity, seed), activity=activity), trainer((3,))

    def train() -> Trained:
        return teaching.train(cohort, Stage.TREATED, learning_rate=1e-3, internal_noise=(0.0, 0.0, 0.0))

    picked = train()
    monkeypatch.setattr(trainer_module, "_learner_for", lambda *_, **__: DenseLearner)
    dense = train()
    torch.testing.assert_close(picked.losses, dense.losses, rtol=1e-5, atol=0)
    assert not same(picked.cohort, cohort)
    for found, expected in zip(
        (*picked.cohort.weights, *picked.cohort.biases), (*dense.cohort.weights, *dense.cohort.biases), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("noise", [(0.0, 0.0), (0.5, 0.0)])
def test_an_individual_trains_to_the_same_bits_alone_and_in_company(sparsity: float, noise: tuple[float, ...]) -> None:
    cohort = with_random_masks(newborns(SEEDS), sparsity)
    together = trainer().train(cohort, Stage.TREATED, learning_rate=1e-3, internal_noise=noise)
    for index, seed in enumerate(SEEDS):
        alone = trainer((seed,)).train(
            cohort.individual(index), Stage.TREATED, learning_rate=1e-3, internal_noise=noise
        )
        assert same(together.cohort.individual(index), alone.cohort)
        assert torch.equal(together.losses[[index]], alone.losses)
    assert together.losses.shape == (3, 2)
    assert together.losses.dtype == torch.float64


def test_no_epoch_changes_nothing() -> None:
    cohort = with_random_masks(newborns(SEEDS), 0.5)
    trained = trainer().train(cohort, Stage.TREATED, learning_rate=1e-3, internal_noise=())
    assert same(trained.cohort, cohort)
    assert trained.losses.shape == (3, 0)


def test_training_leaves_its_input_and_holds_the_mask() -> None:
    cohort = with_random_masks(newborns(SEEDS), 0.5)
    before = copied(cohort)
    trained = trainer().train(cohort, Stage.TREATED, learning_rate=1e-2, internal_noise=(0.0,))
    assert same(cohort, before)
    for weight, mask, old in zip(trained.cohort.weights, trained.cohort.masks, before.masks, strict=True):
        assert torch.equal(mask, old)
        assert not weight[~mask].any()


def test_stages_have_orders_of_their_own() -> None:
    cohort = newborns((3,))
    one, other = (
        trainer((3,)).train(cohort, stage, learning_rate=1e-2, internal_noise=(0.0,)).cohort
        for stage in (Stage.HEALTHY, Stage.TREATED)
    )
    assert not same(one, other)


def test_a_held_order_is_the_same_permutation_for_everyone() -> None:
    points = tiny.task().draw((3, 4), "shared").train
    cohort = newborns((3, 3))  # twice the same network
    held = Trainer(points, Streams((3, 4), {Purpose.ORDER: 9}), 64)
    free = Trainer(points, Streams((3, 4)), 64)
    alike = held.train(cohort, Stage.HEALTHY, learning_rate=1e-2, internal_noise=(0.0,)).cohort
    apart = free.train(cohort, Stage.HEALTHY, learning_rate=1e-2, internal_noise=(0.0,)).cohort
    assert all(torch.equal(weight[0], weight[1]) for weight in alike.weights)
    assert not any(torch.equal(weight[0], weight[1]) for weight in apart.weights)


def scored_by_the_reference(cohort: Cohort, index: int, batches: list[tuple]) -> list[torch.Tensor]:
    sums = [torch.zeros(weight.shape[1:], dtype=torch.float64) for weight in cohort.weights]
    for x, y in batches:
        weights, biases = reference.parameters(cohort, index)
        logits = reference.answers(weights, biases, x[0].double(), cohort.activity)
        torch.nn.functional.cross_entropy(logits, y[0]).backward()
        for total, weight in zip(sums, weights, strict=True):
            assert weight.grad is not None
            total += weight.grad.abs()
    return sums


def test_gradient_magnitudes_sum_absolute_batch_gradients_at_masked_weights_too() -> None:
    cohort, teaching = with_random_masks(newborns((3, 7), (12, 10)), 0.6), trainer((3, 7))
    before = copied(cohort)
    found = teaching.gradient_magnitudes(cohort, Stage.TREATED, 6)  # one epoch of 4 batches and 2 of the next
    assert same(cohort, before)
    for index, seed in enumerate((3, 7)):
        orders = epochs_by_the_rule(teaching.points, index, seed, Stage.TREATED, 1, 2)
        batches = batches_by_the_rule(teaching.points, index, orders, 64)[:6]
        for score, expected, mask in zip(
            found, scored_by_the_reference(cohort, index, batches), cohort.masks, strict=True
        ):
            torch.testing.assert_close(score[index].double(), expected, rtol=1e-4, atol=1e-6)
            assert float(score[index][~mask[index]].max()) > 1e-3


def test_gradient_magnitudes_are_the_same_bits_alone_and_in_company() -> None:
    cohort = with_random_masks(newborns(SEEDS, (20, 16)), 0.9)
    together = trainer().gradient_magnitudes(cohort, Stage.TREATED, 5)
    for index, seed in enumerate(SEEDS):
        alone = trainer((seed,)).gradient_magnitudes(cohort.individual(index), Stage.TREATED, 5)
        assert all(torch.equal(whole[index], part[0]) for whole, part in zip(together, alone, strict=True))


def test_scoring_does_not_shift_the_order_of_the_training() -> None:
    cohort, teaching = newborns((3,)), trainer((3,))
    plain = teaching.train(cohort, Stage.TREATED, learning_rate=1e-2, internal_noise=(0.0,))
    teaching.gradient_magnitudes(cohort, Stage.TREATED, 3)
    again = teaching.train(cohort, Stage.TREATED, learning_rate=1e-2, internal_noise=(0.0,))
    assert same(plain.cohort, again.cohort)
