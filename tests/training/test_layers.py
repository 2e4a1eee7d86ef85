"""Training of some layers only: the others keep every bit and cost nothing, in every learner."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from depsim.model import Cohort, Mlp, Model, StandingState, mlp
from depsim.model.products import multiply
from depsim.model.state import NO_DRUG
from depsim.testing import copied, same
from depsim.training import Phase, compact, trainer
from depsim.training.compact import CompactLearner
from depsim.training.dense import DenseLearner
from depsim.training.sparse import SparseLearner
from tests import reference
from tests.pairs import every_pair
from tests.tiny import IN_LAYERS, TREATMENT, initial, ragged, run_epoch
from tests.training.test_learners import LEARNERS, LEARNING_RATE, assert_learned, batches_for, noise_for
from tests.training.test_trainer import trainer as teaching

CHOICES = [(1,), (2,), (3,), (4,), (1, 3), (2, 4), (2, 3, 4)]


def network(sparsity: float, state: StandingState = NO_DRUG) -> Cohort:
    """Four layers, with units that are constant and units that reach nothing."""
    return replace(ragged(initial((3,), (20, 17, 9)), sparsity), state=state)


def assert_others_are_as_before(learned: Cohort, before: Cohort, layers: tuple[int, ...]) -> None:
    kinds = ((learned.weights, before.weights), (learned.biases, before.biases))
    for new, old in kinds:
        changed = [not torch.equal(one, other) for one, other in zip(new, old, strict=True)]
        assert changed == [layer in layers for layer in (1, 2, 3, 4)]


@every_pair(learner=LEARNERS, layers=CHOICES, sparsity=[0.0, 0.5, 0.9], state=[NO_DRUG, IN_LAYERS])
def test_only_these_layers_learn_as_they_do_where_only_they_have_gradients(
    learner: Any, layers: tuple[int, ...], sparsity: float, state: StandingState
) -> None:
    cohort = network(sparsity, state)
    before, learning, noise, source = (
        copied(cohort),
        learner(cohort, LEARNING_RATE, layers=layers),
        *(noise_for(cohort) for _ in range(2)),
    )
    weights, biases = reference.parameters(cohort, 0, layers)
    adam = torch.optim.Adam([each for each in (*weights, *biases) if each.requires_grad], lr=LEARNING_RATE)
    sigmas, steps = [0.0] * 4 if learner is CompactLearner else [0.5, 0.0, 0.25, 0.0], 0
    for seed, sigma in enumerate(sigmas):
        batches = batches_for(1, (16, 16, 9), seed)
        loss, total = float(run_epoch(learning, batches, sigma, noise)), 0.0
        for x, y in batches:
            block = source.block()[0, : x.shape[1]].double() if sigma > 0 else None
            total += reference.step(cohort, 0, adam, weights, biases, x[0], y[0], sigma, block) * x.shape[1] / 41
            steps += 1
        assert loss == pytest.approx(total, rel=2e-5)
        learned = learning.cohort()
        assert_learned(learned, 0, before, [w.detach() for w in weights], [b.detach() for b in biases], steps)
    assert same(cohort, before)
    assert_others_are_as_before(learned, before, layers)


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("learner", LEARNERS)
def test_all_layers_by_name_learn_bit_by_bit_as_all_do(learner: Any, sparsity: float) -> None:
    cohort = network(sparsity)
    named, all_of_them = learner(cohort, LEARNING_RATE, layers=(1, 2, 3, 4)), learner(cohort, LEARNING_RATE)
    for seed in range(4):
        losses = [run_epoch(each, batches_for(1, seed=seed)) for each in (named, all_of_them)]
        assert torch.equal(*losses)
    assert same(named.cohort(), all_of_them.cohort())


@pytest.mark.parametrize("layers", [*CHOICES, None])
def test_a_frozen_layer_costs_no_product_of_gradients_and_no_error_passes_below_the_lowest(
    layers: tuple[int, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products of a batch: one a layer forwards, one a layer that learns, one a layer that an error passes into."""
    shapes: list[tuple[int, ...]] = []
    learns = layers or (1, 2, 3, 4)
    cohort, (batch,) = initial((3,), (20, 17, 9)), batches_for(1, (16,))

    def counted(left: Any, right: Any, out: Any) -> None:
        shapes.append(tuple(out.shape)[-2:])
        real(left, right, out)

    real: Any = compact.multiply
    monkeypatch.setattr(compact, "multiply", counted)
    run_epoch(CompactLearner(cohort, LEARNING_RATE, layers=layers), [batch])
    gradients = [shape for place, shape in enumerate(((20, 2), (17, 20), (9, 17), (4, 9)), 1) if place in learns]
    errors = [(16, units) for place, units in enumerate((20, 17, 9), 2) if place > min(learns)]
    forward = [(16, 20), (16, 17), (16, 9)]
    assert sorted(shapes) == sorted([*forward, *gradients, *errors])
    shapes.clear()
    real = multiply
    monkeypatch.setattr(mlp, "multiply", counted)
    run_epoch(DenseLearner(cohort, LEARNING_RATE, layers=layers), [batch])
    assert sorted(shapes) == sorted([*gradients, *errors])


@pytest.mark.parametrize("layers", [*CHOICES, None])
@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
def test_adam_knows_the_parameters_that_learn_and_no_other(layers: tuple[int, ...] | None, sparsity: float) -> None:
    cohort = network(sparsity)
    learns = layers or (1, 2, 3, 4)
    there = [int(mask.sum()) + mask.shape[1] for mask in cohort.masks]
    every = sum(mask[0].numel() + mask.shape[1] for place, mask in enumerate(cohort.masks, 1) if place in learns)
    dense = DenseLearner(cohort, LEARNING_RATE, layers=layers)
    few = float(cohort.sparsity()[0]) >= 0.5
    assert dense._learned.shape[1] == (sum(there[place - 1] for place in learns) if few else -(-(every + 1) // 16) * 16)
    sparse = SparseLearner(cohort, LEARNING_RATE, layers=layers)
    wiring = sparse._network.wiring
    rows = np.isin(wiring.layer + 1, learns)
    moved = sum(adam.moments.shape[1] for _, adam in sparse._parts)
    assert moved == int(np.diff(wiring.start)[rows].sum() + rows.sum())
    compacted = CompactLearner(cohort, LEARNING_RATE, layers=layers)
    assert [layer.learns for layer in compacted._layers] == [place in learns for place in (1, 2, 3, 4)]


def test_autograd_makes_no_gradient_that_nobody_wants() -> None:
    cohort, (batch,) = initial((3, 4), (9, 7)), batches_for(2, (16,))
    found = {}
    for kind, layers in itertools.product((Mlp, Model), ((2,), (1, 2, 3))):
        places = [
            [torch.full_like(each, torch.nan) if layer in layers else None for layer, each in enumerate(own, 1)]
            for own in (cohort.weights, cohort.biases)
        ]
        loss = kind.loss_and_gradients(
            cohort.model, cohort.weights, cohort.biases, *batch, NO_DRUG,
            weight_gradients=places[0], bias_gradients=places[1],
        )  # fmt: skip
        assert not loss.requires_grad
        found[kind, layers] = places[0][1], places[1][1]
    for own in found.values():
        torch.testing.assert_close(own, found[Model, (1, 2, 3)], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("sparsity", "noise"), [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.9, 0.0), (0.9, 0.5)])
def test_a_phase_trains_its_layers_alone_as_in_company(sparsity: float, noise: float) -> None:
    everyone = replace(ragged(initial((3, 7), (20, 17, 9)), sparsity), state=IN_LAYERS)
    phase = Phase(LEARNING_RATE, (noise, 0.0), layers=(2, 3))
    together = teaching((3, 7)).train(everyone, TREATMENT, phase).cohort
    assert_others_are_as_before(together, everyone, (2, 3))
    for index, seed in enumerate((3, 7)):
        alone = teaching((seed,)).train(everyone.individual(index), TREATMENT, phase).cohort
        assert same(alone, together.individual(index))


def test_each_arithmetic_trains_the_same_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    phase = Phase(1e-3, (0.0, 0.0), layers=(3,))
    for sparsity in (0.5, 0.9):
        cohort = network(sparsity, IN_LAYERS)
        picked = teaching((3,)).train(cohort, TREATMENT, phase).cohort
        with monkeypatch.context() as patch:
            patch.setattr(trainer, "_learner_for", lambda *_, **__: DenseLearner)
            dense = teaching((3,)).train(cohort, TREATMENT, phase).cohort
        for found, wanted in zip((*picked.weights, *picked.biases), (*dense.weights, *dense.biases), strict=True):
            torch.testing.assert_close(found, wanted, rtol=0, atol=2e-6)
