from __future__ import annotations

import numpy as np
import pytest
import torch

from depsim.model import Cohort
from depsim.model.masks import kept
from depsim.pathology import Overpruning
from depsim.streams import Stage, Streams
from depsim.training import Trainer
from depsim.treatment.regrowth import highest
from tests import tiny
from tests.tiny import by_hand, copied, newborns, overpruning, paper_sized, regrowth, same


class Scorer:
    """Stands in for a trainer whose gradients are known; remembers what it was asked."""

    def __init__(self, scores: list[list[list[list[float]]]], seeds: tuple[int, ...] = (0,)) -> None:
        self.streams = Streams(seeds)
        self._scores = tuple(torch.tensor(layer) for layer in scores)
        self.asked: list[tuple[Stage, int]] = []

    def gradient_magnitudes(self, cohort: Cohort, stage: Stage, batches: int) -> tuple[torch.Tensor, ...]:
        self.asked.append((stage, batches))
        return self._scores


def grown(mask: list[bool], scores: list[float], **changes: object) -> list[bool]:
    """Which synapses of one layer are there after a regrowth."""
    cohort = by_hand([[[[1.0 if present else 0.0 for present in mask]]]], masks=[[[mask]]])
    return regrowth(**changes).regrow(cohort, Scorer([[[scores]]])).masks[0].flatten().tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize("criterion", ["gradient", "random"])
def test_the_papers_counts(criterion: str) -> None:
    depressed = Overpruning(sparsity=0.95, criterion="magnitude")(paper_sized(), Streams((0,)))
    data = tiny.task().draw((0,), "individual").train
    teaching = Trainer(data, Streams((0,)), 64)
    treated = regrowth(criterion=criterion, scoring_batches=1).regrow(depressed, teaching)
    before, after = kept(depressed.masks)[0], kept(treated.masks)[0]
    assert (after - before).tolist() == [486, 124_518, 62_259, 486]
    assert int((after - before).sum()) == 187_749
    assert f"{float(treated.sparsity()[0]):.4%}" == "47.4996%"


def test_the_highest_scores_among_the_masked_regrow() -> None:
    mask = [True, False, False, False, False]
    assert grown(mask, [99.0, 1.0, 4.0, 2.0, 3.0]) == [True, False, True, False, True]


def test_an_odd_number_is_rounded_down() -> None:
    assert sum(grown([False] * 5, [1.0, 2.0, 3.0, 4.0, 5.0])) == 2
    assert sum(grown([False] * 10, list(map(float, range(10))), regrow_fraction=0.19)) == 1


def test_at_least_one_regrows_where_any_is_masked() -> None:
    assert grown([True, False, True, False], [0.0, 1.0, 0.0, 2.0], regrow_fraction=0.01) == [True, False, True, True]
    assert grown([True, False], [0.0, 0.0]) == [True, True]


def test_nothing_regrows_where_nothing_is_masked() -> None:
    assert grown([True, True], [1.0, 2.0]) == [True, True]


def test_everything_regrows_at_a_fraction_of_1() -> None:
    assert grown([False, True, False], [0.0, 0.0, 0.0], regrow_fraction=1) == [True] * 3


@pytest.mark.parametrize("criterion", ["gradient", "random"])
def test_ties_are_drawn_by_lot_and_counts_stay_exact(criterion: str) -> None:
    chosen = np.zeros(8)
    for seed in range(400):
        cohort = by_hand([[[[0.0] * 8]]], masks=[[[[False] * 8]]])
        scorer = Scorer([[[[5.0] * 8]]], (seed,))
        mask = regrowth(criterion=criterion).regrow(cohort, scorer).masks[0].flatten()  # type: ignore[arg-type]
        assert int(mask.sum()) == 4
        chosen += mask.numpy()
    assert np.abs(chosen / 400 - 0.5).max() < 4 * (0.25 / 400) ** 0.5


def test_a_tie_at_the_border_never_displaces_a_higher_score() -> None:
    for seed in range(20):
        picked = highest(np.array([1.0, 7.0, 1.0, 9.0, 1.0, 0.0]), 3, np.random.default_rng(seed)).tolist()
        assert {1, 3} < set(picked)
        assert 5 not in picked
        assert picked == sorted(picked)
        assert len(picked) == 3


@pytest.mark.parametrize("count", range(6))
def test_highest_picks_exactly_as_many_as_asked(count: int) -> None:
    assert len(highest(np.array([2.0, 2.0, 1.0, 0.0, 0.0]), count, np.random.default_rng(0))) == count


def test_new_weights_are_normal_with_the_given_deviation_and_old_ones_stay() -> None:
    depressed = Overpruning(sparsity=0.95, criterion="magnitude")(paper_sized(), Streams((0,)))
    before = copied(depressed)
    treated = regrowth(criterion="random").regrow(depressed, Scorer([]))  # type: ignore[arg-type]
    assert same(depressed, before)
    for old, new, was, now in zip(before.weights, treated.weights, before.masks, treated.masks, strict=True):
        assert bool((now | ~was).all())
        assert torch.equal(new[was], old[was])
        assert not new[~now].any()
        fresh = new[now & ~was].double()
        assert abs(float(fresh.mean())) < 4 * 0.03 / fresh.numel() ** 0.5
        assert abs(float(fresh.std()) - 0.03) < 4 * 0.03 / (2 * fresh.numel()) ** 0.5
        assert bool((fresh != 0).all())
    assert all(torch.equal(new, old) for new, old in zip(treated.biases, before.biases, strict=True))


def test_a_new_weight_of_0_is_a_synapse_all_the_same() -> None:
    assert grown([False] * 4, [1.0, 2.0, 3.0, 4.0], init_scale=0) == [False, False, True, True]


def test_the_gradients_are_asked_for_as_configured_and_only_when_they_matter() -> None:
    cohort = by_hand([[[[0.0, 0.0]]]], masks=[[[[False, False]]]])
    scorer = Scorer([[[[1.0, 2.0]]]])
    regrowth(scoring_batches=30).regrow(cohort, scorer)  # type: ignore[arg-type]
    assert scorer.asked == [(Stage.TREATED, 30)]
    regrowth(criterion="random").regrow(cohort, scorer)  # type: ignore[arg-type]
    assert len(scorer.asked) == 1


def test_a_regrown_network_is_the_same_alone_and_in_company() -> None:
    seeds = (3, 7, 9)
    depressed = overpruning(0.9)(newborns(seeds, (20, 16)), Streams(seeds))
    together = regrowth().regrow(depressed, tiny.person(seeds).trainer)
    for index, seed in enumerate(seeds):
        alone = regrowth().regrow(depressed.individual(index), tiny.person((seed,)).trainer)
        assert same(together.individual(index), alone)


def test_regrowth_is_followed_by_consolidation_of_the_richer_network() -> None:
    depressed = overpruning(0.9)(newborns((3,)), Streams((3,)))
    trainer = tiny.person((3,)).trainer
    treatment = regrowth(epochs=2, learning_rate=5e-3)
    expected = trainer.train(
        treatment.regrow(depressed, trainer), Stage.TREATED, learning_rate=5e-3, internal_noise=(0.0, 0.0)
    )
    found = treatment(depressed, trainer)
    assert same(found.cohort, expected.cohort)
    assert torch.equal(found.losses, expected.losses)
    assert treatment.withdraw(found.cohort) is None
