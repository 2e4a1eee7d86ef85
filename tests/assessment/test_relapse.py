from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from depsim.assessment import relapse
from depsim.assessment.relapse import Relapse
from depsim.model import Activity, Cohort
from depsim.model.answers import answers_of
from depsim.model.masks import kept
from depsim.pathology import prune
from depsim.pathology.criteria import magnitude
from depsim.streams import Stage, Streams
from tests import tiny
from tests.tiny import (
    battery,
    copied,
    newborns,
    overpruning,
    paper_sized,
    regrowth,
    same,
    structure_metrics,
    with_random_masks,
)


def relapsed(cohort: Cohort, further_pruning: float = 0.4, combined: float = 50.0) -> Relapse:
    people = tiny.person(cohort.seeds)
    before = torch.full((len(cohort),), combined, dtype=torch.float64)
    return relapse(battery(further_pruning=further_pruning), cohort, people.data, people.streams, before)


def test_the_papers_counts_after_a_treatment_that_regrows_nothing() -> None:
    treated = overpruning(0.95)(paper_sized(), Streams((0,)))
    fallen = relapsed(treated)
    assert kept(fallen.cohort.masks).tolist() == [[31, 7_866, 3_933, 31]]
    assert f"{float(fallen.metrics['relapsed/sparsity'][0]):.4f}" == "96.9992"
    assert fallen.pruned.tolist() == [True]


def test_the_papers_counts_after_the_regrowth_of_half_of_what_was_lost() -> None:
    dense = paper_sized()
    depressed = overpruning(0.95)(dense, Streams((0,)))
    trainer = tiny.person((0,)).trainer
    regrown = regrowth(criterion="random").regrow(depressed, trainer)
    treated = replace(dense, masks=regrown.masks).with_masks(regrown.masks)  # tie-free weights again
    assert f"{float(treated.sparsity()[0]):.4%}" == "47.4996%"
    fallen = relapsed(treated)
    assert kept(fallen.cohort.masks).tolist() == [[323, 82_576, 41_288, 323]]
    assert f"{float(fallen.metrics['relapsed/sparsity'][0]):.4f}" == "68.4995"


def test_each_layer_goes_to_the_target_that_the_overall_sparsity_sets() -> None:
    # Layer 1 has lost 6 of 10, layer 2 none of 10: 0.3 overall, so the target is 0.3 + 0.4 * 0.7 = 0.58.
    ten = [[float(k + 1)] for k in range(10)]
    mask = [[[k >= 6] for k in range(10)]]
    cohort = tiny.by_hand([[ten], [[[float(k + 1) for k in range(10)]]]], masks=[mask, [[[True] * 10]]])
    cohort = cohort.with_masks(cohort.masks)
    target = 0.3 + 0.4 * 0.7
    expected = prune(cohort, magnitude(cohort, Streams((0,))), [target])
    assert kept(expected.masks).tolist() == [[4, 4]]  # 10 - ceil(0.58 * 9); the first layer had no more already
    people = tiny.person((0,), tiny.origin(points=one_input()))
    found = relapse(battery(), cohort, people.data, people.streams, torch.zeros(1).double())
    assert same(found.cohort, expected)


def one_input() -> tiny.GaussianClusters:
    return tiny.GaussianClusters(centres=[[0], [1]], spread=0.1, train_size=20, test_size=20, clean_size=20)


def test_every_individual_relapses_from_its_own_sparsity() -> None:
    cohort = newborns((1, 2), (20, 16))
    masks = [mask.clone() for mask in cohort.masks]
    for mask, half in zip(masks, with_random_masks(cohort, 0.5).masks, strict=True):
        mask[1] = half[1]
    fallen = relapsed(cohort.with_masks(masks))
    for index in (0, 1):
        alone = relapsed(cohort.with_masks(masks).individual(index))
        assert same(fallen.cohort.individual(index), alone.cohort)
        assert fallen.metrics["relapsed/combined"][index] == alone.metrics["relapsed/combined"][0]


def test_the_drop_is_before_minus_after_and_positive_is_worse() -> None:
    fallen = relapsed(newborns((1,), (20, 16)), combined=90.0)
    after = float(fallen.metrics["relapsed/combined"][0])
    assert fallen.metrics["relapse_drop"].tolist() == [90.0 - after]
    people = tiny.person((1,))
    again = battery().combined(
        answers_of(fallen.cohort), fallen.cohort.hidden_units, people.data, people.streams, Stage.RELAPSED
    )
    assert again.tolist() == [after]


def test_the_treatment_stays_on_and_nothing_is_retrained() -> None:
    cohort = replace(newborns((1,), (20, 16)), activity=Activity(0.7, True))
    before = copied(cohort)
    fallen = relapsed(cohort)
    assert same(cohort, before)
    assert fallen.cohort.activity == Activity(0.7, True)
    for new, old, mask in zip(fallen.cohort.weights, cohort.weights, fallen.cohort.masks, strict=True):
        assert torch.equal(new, old * mask)


def sparse_as(kept_in_layer: int) -> Cohort:
    """One individual whose two layers of 1,000 weights keep so many each."""
    first = [[[float(k + 1) / 1000] for k in range(1000)]]
    second = [[[float(k + 1) / 1000 for k in range(1000)]]]
    cohort = tiny.by_hand([first, second])
    masks = [(weight > 1 - kept_in_layer / 1000 + 5e-4) for weight in cohort.weights]
    cohort = cohort.with_masks(masks)
    assert kept(cohort.masks).tolist() == [[kept_in_layer] * 2]
    return cohort


@pytest.mark.parametrize(
    ("alive", "left", "pruned"),
    # 0.98 + 0.4 * 0.02 = 0.988; from 0.984 on the cap of 0.99 holds; below ten synapses there is nothing left to take.
    [(20, 12, True), (15, 10, True), (10, 10, False), (5, 5, False)],
)
def test_the_cap_limits_the_relapse_and_says_where_nothing_was_left(alive: int, left: int, pruned: bool) -> None:
    people = tiny.person((0,), tiny.origin(points=one_input()))
    fallen = relapse(battery(), sparse_as(alive), people.data, people.streams, torch.zeros(1).double())
    assert kept(fallen.cohort.masks).tolist() == [[left, left]]
    assert fallen.pruned.tolist() == [pruned]


def test_a_relapse_of_nothing_prunes_nothing() -> None:
    cohort = overpruning(0.5)(newborns((1,), (20, 16)), Streams((1,)))
    fallen = relapsed(cohort, further_pruning=0.0)
    assert fallen.pruned.tolist() == [False]
    assert same(fallen.cohort, cohort)


def test_the_metrics_of_a_relapse() -> None:
    names = set(relapsed(newborns((1,), (20, 16))).metrics)
    assert names == {"relapsed/combined", "relapse_drop"} | structure_metrics("relapsed")
