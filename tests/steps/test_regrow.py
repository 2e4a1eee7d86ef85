from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from depsim.model.masks import kept
from depsim.steps import NetworkEstimate, Path, Prune, Regrow, Train
from depsim.steps.regrow import highest
from depsim.steps.regrowth_criteria import gradient
from depsim.steps.regrowth_criteria import random as random_criterion
from depsim.streams import Position, Section
from depsim.testing import copied, same
from depsim.training import Phase
from tests.tiny import TREATMENT, after, by_hand, initial, overpruned, paper_sized, path, plan, regrowth


def scores_of(values: Any) -> Any:
    """A criterion with known scores that remembers what it was asked."""
    asked: list[tuple[Position, int]] = []

    def scores(_path: Path, position: Position, batches: int) -> tuple[torch.Tensor, ...]:
        asked.append((position, batches))
        return tuple(torch.tensor(layer) for layer in values)

    scores.asked = asked  # type: ignore[attr-defined]
    return scores


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Regrow(0.5, "gradient", 0.03, 5), "Regrow: criterion='gradient' must be a function, such as those of"),  # type: ignore[arg-type]
        (lambda: Prune(0.5, "magnitude"), "Prune: criterion='magnitude' must be a function, such as those of"),  # type: ignore[arg-type]
    ],
)
def test_a_criterion_that_is_only_named_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        make()


def grown(mask: list[bool], scores: list[float], **changes: Any) -> list[bool]:
    """Which synapses of one layer are there after a regrowth."""
    cohort = by_hand([[[[1.0 if present else 0.0 for present in mask]]]], masks=[[[mask]]])
    step = replace(Regrow(0.5, scores_of([[[scores]]]), 0.03, 5), **changes)
    return after(cohort, [step]).masks[0].flatten().tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("criterion", ["gradient", "random"])
def test_the_papers_counts(criterion: str) -> None:
    depressed = overpruned(paper_sized(), 0.95)
    step, _ = plan(regrowth(criterion=criterion, scoring_batches=1))
    treated = after(depressed, [step])
    new = (kept(treated.masks) - kept(depressed.masks))[0]
    assert new.tolist() == [486, 124_518, 62_259, 486]
    assert int(new.sum()) == 187_749
    assert f"{float(treated.sparsity()[0]):.4%}" == "47.4996%"


def test_the_highest_scores_among_the_masked_regrow() -> None:
    mask = [True, False, False, False, False]
    assert grown(mask, [99.0, 1.0, 4.0, 2.0, 3.0]) == [True, False, True, False, True]


def test_an_odd_number_is_rounded_down() -> None:
    assert sum(grown([False] * 5, [1.0, 2.0, 3.0, 4.0, 5.0])) == 2
    assert sum(grown([False] * 10, list(map(float, range(10))), fraction=0.19)) == 1


def test_at_least_one_regrows_where_any_is_masked() -> None:
    assert grown([True, False, True, False], [0.0, 1.0, 0.0, 2.0], fraction=0.01) == [True, False, True, True]
    assert grown([True, False], [0.0, 0.0]) == [True, True]


def test_nothing_regrows_where_nothing_is_masked() -> None:
    assert grown([True, True], [1.0, 2.0]) == [True, True]


def test_everything_regrows_at_a_fraction_of_1() -> None:
    assert grown([False, True, False], [0.0, 0.0, 0.0], fraction=1) == [True] * 3


@pytest.mark.parametrize("criterion", ["gradient", "random"])
def test_ties_are_drawn_at_random_and_counts_stay_exact(criterion: str) -> None:
    seeds = tuple(range(400))
    cohort = by_hand([[[[0.0] * 8]] * 400], masks=[[[[False] * 8]] * 400])
    how = random_criterion.scores if criterion == "random" else scores_of([[[[5.0] * 8]] * 400])
    masks = after(replace(cohort, seeds=seeds), [Regrow(0.5, how, 0.03, 5)]).masks[0].flatten(1)
    assert masks.sum(1).tolist() == [4] * 400
    assert float((masks.double().mean(0) - 0.5).abs().max()) < 4 * (0.25 / 400) ** 0.5


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
    depressed = overpruned(paper_sized(), 0.95)
    before = copied(depressed)
    treated = after(depressed, [Regrow(0.5, random_criterion.scores, 0.03, 1)])
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


def test_the_criterion_is_asked_as_configured() -> None:
    cohort, scores = by_hand([[[[0.0, 0.0]]]], masks=[[[[False, False]]]]), scores_of([[[[1.0, 2.0]]]])
    after(cohort, [Regrow(0.5, scores, 0.03, 30), Regrow(0.5, scores, 0.03, 7, Position(Section.TREATMENT, 1))])
    assert scores.asked == [(TREATMENT, 30), (Position(Section.TREATMENT, 1), 7)]


def test_the_gradient_criterion_scores_by_summed_magnitudes() -> None:
    cohort = overpruned(initial((3, 7)), 0.9)
    own = path(cohort)
    expected = own.chunk.trainer.gradient_magnitudes(cohort, TREATMENT, 6)
    assert all(map(torch.equal, gradient.scores(own, TREATMENT, 6), expected))
    assert not any(score.any() for score in random_criterion.scores(own, TREATMENT, 6))


@pytest.mark.parametrize("criterion", [gradient, random_criterion])
def test_regrowths_of_one_course_draw_their_own_numbers(criterion: Any) -> None:
    cohort = overpruned(initial((3,), (20, 16)), 0.9)
    steps = [Regrow(0.3, criterion.scores, 0.03, 5, Position(Section.TREATMENT, number)) for number in range(3)]
    found = [after(cohort, [step]) for step in steps]
    for one, other in itertools.combinations(found, 2):
        new = [(w != 0) & (v != 0) & ~m for w, v, m in zip(one.weights, other.weights, cohort.masks, strict=True)]
        shared = [(w[there], v[there]) for w, v, there in zip(one.weights, other.weights, new, strict=True)]
        assert sum(len(w) for w, _ in shared) > 10
        assert not any((w == v).any() for w, v in shared)


def test_a_regrown_network_is_the_same_alone_and_in_company() -> None:
    seeds = (3, 7, 9)
    depressed, (step, _) = overpruned(initial(seeds, (20, 16)), 0.9), plan(regrowth())
    together = after(depressed, [step])
    for index in range(len(seeds)):
        assert same(together.individual(index), after(depressed.individual(index), [step]))


def test_an_expected_density_rises() -> None:
    assert (
        Regrow(0.5, gradient.scores, 0.03, 5).expect(NetworkEstimate((100,), 10, 50, 50, density=0.05)).density == 0.525
    )


def test_regrowth_is_followed_by_consolidation_of_the_richer_network() -> None:
    grow, train = plan(regrowth(epochs=2, learning_rate=5e-3, scoring_batches=7, init_scale=0.2, regrow_fraction=0.3))
    assert grow == Regrow(0.3, gradient.scores, 0.2, 7)
    assert train == Train(Phase.plain(2, 5e-3))
    assert plan(regrowth(criterion="random"))[0] == Regrow(0.5, random_criterion.scores, 0.03, 5)
    assert plan(regrowth(epochs=0)) == (Regrow(0.5, gradient.scores, 0.03, 5),)
