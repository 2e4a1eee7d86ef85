from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from depsim.model import Cohort, Model, StandingState, initial_cohort
from depsim.model.state import Activity
from depsim.streams import Position, Purpose, Section, Streams
from depsim.task import Points
from depsim.testing import copied, same
from depsim.training import Phase, Trained, Trainer
from depsim.training import trainer as trainer_module
from depsim.training.compact import CompactLearner
from depsim.training.dense import DenseLearner
from depsim.training.schedules import Layers
from depsim.training.sparse import SparseLearner
from tests import reference, tiny
from tests.tiny import BASELINE, STATES, TREATMENT, drug, initial, ragged, run_epoch, with_random_masks

SEEDS = (3, 7, 9)


def trainer(seeds: tuple[int, ...] = SEEDS, batch_size: int = 64, hold: dict[Purpose, int] | None = None) -> Trainer:
    return Trainer(tiny.task().draw(seeds, "individual").train, Streams(seeds, hold or {}), batch_size)


def epochs_by_the_rule(
    points: Points, index: int, seed: int, position: Position, use: int, count: int
) -> list[list[int]]:
    """The order of the samples in each epoch."""
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, int(position.section), use)))
    return [generator.permutation(points.y.shape[1]).tolist() for _ in range(count)]


def batches_by_the_rule(points: Points, index: int, orders: list[list[int]], size: int) -> list[tuple]:
    return [
        (points.x[[index]][:, order[first : first + size]], points.y[[index]][:, order[first : first + size]])
        for order in orders
        for first in range(0, len(order), size)
    ]


def test_an_epoch_of_several_passes_goes_through_the_points_as_often_each_time_in_a_new_order() -> None:
    once = trainer((3,))
    cohort, twice = initial((3,)), replace(once, passes=2)
    orders = epochs_by_the_rule(once.points, 0, 3, TREATMENT, 0, 4)
    epochs = [orders[0] + orders[1], orders[2] + orders[3]]
    batches = batches_by_the_rule(once.points, 0, epochs, 64)
    assert [x.shape[1] for x, _ in batches] == [64] * 6 + [16] + [64] * 6 + [16]
    assert (once.batches, twice.batches) == (4, 7)
    trained = twice.train(cohort, TREATMENT, Phase(1e-3, (0.0, 0.0)))
    weights, biases, loss = reference.train(cohort, 0, batches, 1e-3)
    for found, expected in zip((*trained.cohort.weights, *trained.cohort.biases), (*weights, *biases), strict=True):
        torch.testing.assert_close(found[0].double(), expected, rtol=0, atol=2e-5)
    assert trained.losses.shape == (1, 2)
    assert float(trained.losses.mean()) == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize("sparsity", [0.0, 0.9])
def test_training_is_adam_over_reshuffled_epochs_with_the_remainder_last(sparsity: float) -> None:
    cohort, teaching = with_random_masks(initial((3,)), sparsity), trainer((3,))
    trained = teaching.train(cohort, TREATMENT, Phase(1e-3, (0.0, 0.0)))
    orders = epochs_by_the_rule(teaching.points, 0, 3, TREATMENT, 0, 2)
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

    cohort = initial_cohort(Counting(hidden=(1,)), Streams((42,)), 2, 4)
    Trainer(points, Streams((42,)), 128).gradient_magnitudes(cohort, TREATMENT, 94)
    assert sizes == [128] * 93 + [96]


def test_noise_of_each_epoch_comes_from_the_treatment_stream_block_by_block() -> None:
    cohort, teaching = initial((3,)), trainer((3,))
    trained = teaching.train(cohort, TREATMENT, Phase(1e-3, (0.5, 0.25, 0.0)))
    noise = Streams((3,)).noise(64, 14, tiny.CPU, Purpose.TREATMENT, 2)
    orders = epochs_by_the_rule(teaching.points, 0, 3, TREATMENT, 0, 3)
    learner = DenseLearner(cohort, 1e-3)
    losses = []
    for order, sigma in zip(orders, (0.5, 0.25, 0.0), strict=True):
        blocks = [noise.block().clone() for _ in range(4)] if sigma else []
        batches = batches_by_the_rule(teaching.points, 0, [order], 64)
        losses.append(float(run_epoch(learner, batches, sigma, reference.RecordedNoise(blocks))))  # type: ignore[arg-type]
    assert same(trained.cohort, learner.cohort())
    assert trained.losses.tolist() == [losses]


class OtherModel(Model):
    """A model without fast paths."""

    def architecture(self, inputs: int, outputs: int) -> Any:
        raise NotImplementedError

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
def test_the_arithmetic_of_a_phase_is_picked_by_sparsity_and_noise(
    sparsity: float, noise: tuple[float, ...], expected: type, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    picked: list[object] = []

    def noting(cohort: Cohort, quiet: bool, layers: Layers) -> Callable[[Cohort, float], Any]:
        picked.append(pick(cohort, quiet, layers))
        return pick(cohort, quiet, layers)

    pick = trainer_module._learner_for
    monkeypatch.setattr(trainer_module, "_learner_for", noting)
    cohort = with_random_masks(initial(SEEDS[:count], (20, 16)), sparsity)
    trainer(SEEDS[:count]).train(cohort, TREATMENT, Phase(1e-3, noise))
    assert picked == [expected] * count  # each individual as if it were alone


def test_the_border_between_sparse_and_other_arithmetic_is_80_per_cent() -> None:
    cohort = initial((3,), (5, 5))  # 55 weights, 44 of them masked or 43
    for masked, expected in ((44, SparseLearner), (43, CompactLearner)):
        flat = torch.arange(55) >= masked
        masks = [part.view_as(mask) for part, mask in zip(flat.split([10, 25, 20]), cohort.masks, strict=True)]
        assert trainer_module._learner_for(cohort.with_masks(masks), quiet=True) is expected


def test_cohorts_that_only_dense_arithmetic_knows_get_it() -> None:
    company = with_random_masks(initial(SEEDS), 0.9)
    assert trainer_module._learner_for(company, quiet=True) is DenseLearner
    elsewhere = with_random_masks(initial((3,)), 0.9).to(torch.device("meta"))
    assert trainer_module._learner_for(elsewhere, quiet=True) is DenseLearner
    for sparsity in (0.0, 0.9):
        other = replace(with_random_masks(initial((3,)), sparsity), model=OtherModel())
        assert trainer_module._learner_for(other, quiet=True) is DenseLearner


@pytest.mark.slow
@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_picked_learns_what_dense_arithmetic_learns(
    sparsity: float, state: StandingState, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, teaching = replace(ragged(initial((3,), (40, 35)), sparsity, seed), state=state), trainer((3,))

    def train() -> Trained:
        return teaching.train(cohort, TREATMENT, Phase(1e-3, (0.0, 0.0, 0.0)))

    picked = train()
    monkeypatch.setattr(trainer_module, "_learner_for", lambda *_, **__: DenseLearner)
    dense = train()
    torch.testing.assert_close(picked.losses, dense.losses, rtol=1e-5, atol=0)
    assert not same(picked.cohort, cohort)
    for found, expected in zip(
        (*picked.cohort.weights, *picked.cohort.biases), (*dense.cohort.weights, *dense.cohort.biases), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=2e-5)


def test_individuals_may_differ_in_their_noise() -> None:
    gains, means = (1.0, 2.0, 0.5), (0.0, 0.25, -0.1)
    state = StandingState(None, gains, means)
    for sparsity in (0.0, 0.9):
        cohort = replace(with_random_masks(initial(SEEDS, (20, 16)), sparsity), state=state)
        together = trainer().train(cohort, TREATMENT, Phase(1e-3, (0.5, 0.0)))
        assert together.cohort.state == state
        for index, seed in enumerate(SEEDS):
            own = replace(cohort.individual(index), state=StandingState(None, gains[index], means[index]))
            alone = trainer((seed,)).train(own, TREATMENT, Phase(1e-3, (0.5, 0.0)))
            assert same(together.cohort.individual(index), alone.cohort)
            assert torch.equal(together.losses[[index]], alone.losses)


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("noise", [(0.0, 0.0), (0.5, 0.0)])
def test_an_individual_trains_to_the_same_bits_alone_and_in_company(sparsity: float, noise: tuple[float, ...]) -> None:
    cohort = with_random_masks(initial(SEEDS), sparsity)
    together = trainer().train(cohort, TREATMENT, Phase(1e-3, noise))
    for index, seed in enumerate(SEEDS):
        alone = trainer((seed,)).train(cohort.individual(index), TREATMENT, Phase(1e-3, noise))
        assert same(together.cohort.individual(index), alone.cohort)
        assert torch.equal(together.losses[[index]], alone.losses)
    assert together.losses.shape == (3, 2)
    assert together.losses.dtype == torch.float64


def test_no_epoch_changes_nothing() -> None:
    cohort = with_random_masks(initial(SEEDS), 0.5)
    trained = trainer().train(cohort, TREATMENT, Phase(1e-3, ()))
    assert same(trained.cohort, cohort)
    assert trained.losses.shape == (3, 0)


def test_training_leaves_its_input_and_holds_the_mask() -> None:
    cohort = with_random_masks(initial(SEEDS), 0.5)
    before = copied(cohort)
    trained = trainer().train(cohort, TREATMENT, Phase(1e-2, (0.0,)))
    assert same(cohort, before)
    for weight, mask, old in zip(trained.cohort.weights, trained.cohort.masks, before.masks, strict=True):
        assert torch.equal(mask, old)
        assert not weight[~mask].any()


def test_every_phase_of_a_course_has_an_order_of_its_own() -> None:
    cohort = initial((3,))
    positions = [BASELINE, TREATMENT, Position(Section.TREATMENT, 1), Position(Section.TREATMENT, 2)]
    trained = [trainer((3,)).train(cohort, position, Phase(1e-2, (0.0,))).cohort for position in positions]
    assert not any(same(one, other) for one, other in itertools.combinations(trained, 2))


def test_every_noisy_phase_of_a_course_has_noise_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []
    real = Streams.noise

    def noting(self: Streams, rows: int, units: int, device: torch.device, purpose: Purpose, *key: int) -> Any:
        asked.append((int(purpose), *key))
        return real(self, rows, units, device, purpose, *key)

    monkeypatch.setattr(Streams, "noise", noting)
    for number in range(3):
        trainer((3,)).train(initial((3,)), Position(Section.TREATMENT, number), Phase(1e-2, (0.5,)))
    assert asked == [(4, 2), (4, 2, 0, 1), (4, 2, 0, 2)]


def test_the_activity_of_each_epoch_is_the_schedules_and_the_state_stays() -> None:
    cohort, teaching = replace(initial((3,)), state=drug(0.7, True, noise_mean=0.2)), trainer((3,))
    schedule = (Activity(0.8, False), Activity(0.9, False), Activity(1.2, True))
    trained = teaching.train(cohort, TREATMENT, Phase(1e-3, (0.0, 0.5, 0.0), schedule))
    assert trained.cohort.state == cohort.state
    orders = epochs_by_the_rule(teaching.points, 0, 3, TREATMENT, 0, 3)
    learner, noise = DenseLearner(cohort, 1e-3), Streams((3,)).noise(64, 14, tiny.CPU, Purpose.TREATMENT, 2)
    for order, sigma, activity in zip(orders, (0.0, 0.5, 0.0), schedule, strict=True):
        batches = batches_by_the_rule(teaching.points, 0, [order], 64)
        run_epoch(learner, batches, sigma, noise, replace(cohort.state, activity=activity))
    assert same(trained.cohort, learner.cohort())


QUIET, NOISY = (0.0, 0.0, 0.0), (0.5, 0.25, 0.0)


@pytest.mark.parametrize(
    ("sparsity", "noise", "expected"),
    [
        (0.0, QUIET, CompactLearner),
        (0.5, QUIET, CompactLearner),
        (0.0, NOISY, DenseLearner),
        (0.9, QUIET, SparseLearner),
        (0.9, NOISY, SparseLearner),
    ],
)
@pytest.mark.parametrize("bounded", [False, True])
def test_damping_that_changes_by_epoch_reaches_every_learner_equally(
    sparsity: float, noise: tuple[float, ...], expected: type, bounded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = drug(0.7, True, noise_gain=(2.0, 0.5), noise_mean=(0.2, -0.1))
    cohort, teaching = replace(ragged(initial((3, 7), (40, 35)), sparsity), state=own), trainer((3, 7))
    assert trainer_module._learner_for(cohort.individual(0), quiet=not any(noise)) is expected
    schedule = (Activity(0.5, bounded), Activity(0.8, not bounded), Activity(1.2, bounded))

    def train(activity: tuple[Activity, ...] | None) -> Trained:
        return teaching.train(cohort, TREATMENT, Phase(1e-3, noise, activity))

    picked = train(schedule)
    others = [None, schedule[:1] * 3, (*schedule[:2], schedule[1]), (schedule[0], *schedule[:0:-1])]
    assert not any(same(train(other).cohort, picked.cohort) for other in others)
    assert picked.cohort.state == own
    calm = teaching.train(replace(cohort, state=StandingState()), TREATMENT, Phase(1e-3, noise, schedule)).cohort
    assert not any(torch.equal(one, other) for one, other in zip(calm.biases, picked.cohort.biases, strict=True))
    monkeypatch.setattr(trainer_module, "_learner_for", lambda *_, **__: DenseLearner)
    dense = train(schedule)
    torch.testing.assert_close(picked.losses, dense.losses, rtol=1e-5, atol=0)
    for found, wanted in zip(
        (*picked.cohort.weights, *picked.cohort.biases), (*dense.cohort.weights, *dense.cohort.biases), strict=True
    ):
        torch.testing.assert_close(found, wanted, rtol=0, atol=2e-5)


def test_a_held_order_is_the_same_permutation_for_everyone() -> None:
    points = tiny.task().draw((3, 4), "shared").train
    cohort = initial((3, 3))  # twice the same network
    held = Trainer(points, Streams((3, 4), {Purpose.ORDER: 9}), 64)
    free = Trainer(points, Streams((3, 4)), 64)
    alike = held.train(cohort, BASELINE, Phase(1e-2, (0.0,))).cohort
    apart = free.train(cohort, BASELINE, Phase(1e-2, (0.0,))).cohort
    assert all(torch.equal(weight[0], weight[1]) for weight in alike.weights)
    assert not any(torch.equal(weight[0], weight[1]) for weight in apart.weights)


def scored_by_the_reference(cohort: Cohort, index: int, batches: list[tuple]) -> list[torch.Tensor]:
    sums = [torch.zeros(weight.shape[1:], dtype=torch.float64) for weight in cohort.weights]
    for x, y in batches:
        weights, biases = reference.parameters(cohort, index)
        logits = reference.logits(weights, biases, x[0].double(), cohort.state)
        torch.nn.functional.cross_entropy(logits, y[0]).backward()
        for total, weight in zip(sums, weights, strict=True):
            assert weight.grad is not None
            total += weight.grad.abs()
    return sums


def test_gradient_magnitudes_sum_absolute_batch_gradients_at_masked_weights_too() -> None:
    cohort, teaching = with_random_masks(initial((3, 7), (12, 10)), 0.6), trainer((3, 7))
    before = copied(cohort)
    found = teaching.gradient_magnitudes(cohort, TREATMENT, 6)  # one epoch of 4 batches and 2 of the next
    assert same(cohort, before)
    for index, seed in enumerate((3, 7)):
        orders = epochs_by_the_rule(teaching.points, index, seed, TREATMENT, 1, 2)
        batches = batches_by_the_rule(teaching.points, index, orders, 64)[:6]
        for score, expected, mask in zip(
            found, scored_by_the_reference(cohort, index, batches), cohort.masks, strict=True
        ):
            torch.testing.assert_close(score[index].double(), expected, rtol=1e-4, atol=1e-6)
            assert float(score[index][~mask[index]].max()) > 1e-3


def test_gradient_magnitudes_are_the_same_bits_alone_and_in_company() -> None:
    cohort = with_random_masks(initial(SEEDS, (20, 16)), 0.9)
    together = trainer().gradient_magnitudes(cohort, TREATMENT, 5)
    for index, seed in enumerate(SEEDS):
        alone = trainer((seed,)).gradient_magnitudes(cohort.individual(index), TREATMENT, 5)
        assert all(torch.equal(whole[index], part[0]) for whole, part in zip(together, alone, strict=True))


def test_scoring_does_not_shift_the_order_of_the_training() -> None:
    cohort, teaching = initial((3,)), trainer((3,))
    plain = teaching.train(cohort, TREATMENT, Phase(1e-2, (0.0,)))
    teaching.gradient_magnitudes(cohort, TREATMENT, 3)
    again = teaching.train(cohort, TREATMENT, Phase(1e-2, (0.0,)))
    assert same(plain.cohort, again.cohort)
