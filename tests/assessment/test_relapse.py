"""The second wave of pruning, as the paper's battery plans it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from depsim.assessment.structure import NOTHING_TO_PRUNE
from depsim.model import Cohort
from depsim.model.masks import kept
from depsim.protocol import Baseline
from depsim.stages import RELAPSED, TREATED, WITHDRAWN
from depsim.steps import Exam, Examine, Path
from depsim.steps.examine import NoiseKind
from depsim.steps.prune import prune
from depsim.steps.pruning_criteria import magnitude
from depsim.testing import copied, same
from tests import tiny
from tests.tiny import (
    ON_DRUG,
    after,
    battery,
    initial,
    overpruned,
    paper_sized,
    plan,
    regrowth,
    structure_metrics,
    with_random_masks,
)

ONE_INPUT = tiny.baseline(
    points=tiny.GaussianClusters(centres=[[0], [1]], spread=0.1, train_size=20, test_size=20, clean_size=20)
)


def relapsed(
    cohort: Cohort, further_pruning: float = 0.4, combined: float = 50.0, where: Baseline | None = None
) -> Path:
    """The path after the relapse of treated networks that had this accuracy."""
    wave = battery(further_pruning=further_pruning)
    start = tiny.path(cohort, where)
    before = {"treated/combined": torch.full((len(cohort),), combined, dtype=torch.float64)}
    path = wave.relapse()(replace(start, exams={TREATED: cohort}, metrics=before))
    return Examine(RELAPSED, wave.relapse_probes())(path)


def test_the_papers_counts_after_a_treatment_that_regrows_nothing() -> None:
    treated = overpruned(paper_sized(), 0.95)
    fallen = relapsed(treated)
    assert kept(fallen.cohort.masks).tolist() == [[31, 7_866, 3_933, 31]]
    assert f"{float(fallen.metrics['relapsed/sparsity'][0]):.4f}" == "96.9992"
    assert fallen.notes[NOTHING_TO_PRUNE].tolist() == [False]


def test_the_papers_counts_after_the_regrowth_of_half_of_what_was_lost() -> None:
    dense = paper_sized()
    regrown = after(overpruned(dense, 0.95), plan(regrowth(criterion="random", epochs=0)))
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
    expected = prune(cohort, magnitude.scores(tiny.path(cohort), tiny.TREATMENT), [0.3 + 0.4 * 0.7])
    assert kept(expected.masks).tolist() == [[4, 4]]  # 10 - ceil(0.58 * 9); the first layer had no more already
    assert same(relapsed(cohort, where=ONE_INPUT).cohort, expected)


def test_every_individual_relapses_from_its_own_sparsity() -> None:
    cohort = initial((1, 2), (20, 16))
    masks = [mask.clone() for mask in cohort.masks]
    for mask, half in zip(masks, with_random_masks(cohort, 0.5).masks, strict=True):
        mask[1] = half[1]
    fallen = relapsed(cohort.with_masks(masks))
    for index in (0, 1):
        alone = relapsed(cohort.with_masks(masks).individual(index))
        assert same(fallen.cohort.individual(index), alone.cohort)
        assert fallen.metrics["relapsed/combined"][index] == alone.metrics["relapsed/combined"][0]


def test_the_drop_is_before_minus_after_and_positive_is_worse() -> None:
    fallen = relapsed(initial((1,), (20, 16)), combined=90.0)
    lower = float(fallen.metrics["relapsed/combined"][0])
    assert fallen.metrics["relapse_drop"].tolist() == [90.0 - lower]
    exam = Exam(RELAPSED, 0, fallen.cohort, fallen.chunk, {}, {})
    again = exam.accuracy(fallen.chunk.data.standard, NoiseKind.COMBINED, internal=0.5, external=1.0)
    assert again.tolist() == [lower]


def test_the_drop_is_since_the_treatment_also_where_a_drug_was_withdrawn_after_it() -> None:
    cohort, wave = initial((1,), (20, 16)), battery()
    before = {f"{exam}/combined": torch.tensor([now]).double() for exam, now in ((TREATED, 90.0), (WITHDRAWN, 10.0))}
    start = replace(tiny.path(cohort), exams={TREATED: cohort, WITHDRAWN: cohort}, metrics=before)
    fallen = Examine(RELAPSED, wave.relapse_probes())(wave.relapse()(start)).metrics
    assert fallen["relapse_drop"].tolist() == [90.0 - float(fallen["relapsed/combined"][0])]


def test_the_treatment_stays_on_and_nothing_is_retrained() -> None:
    cohort = replace(initial((1,), (20, 16)), state=ON_DRUG)
    before = copied(cohort)
    fallen = relapsed(cohort)
    assert same(cohort, before)
    assert fallen.cohort.state == ON_DRUG
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
    fallen = relapsed(sparse_as(alive), where=ONE_INPUT)
    assert kept(fallen.cohort.masks).tolist() == [[left, left]]
    assert fallen.notes[NOTHING_TO_PRUNE].tolist() == [not pruned]


def test_a_relapse_of_nothing_prunes_nothing() -> None:
    cohort = overpruned(initial((1,), (20, 16)), 0.5)
    fallen = relapsed(cohort, further_pruning=0.0)
    assert fallen.notes[NOTHING_TO_PRUNE].tolist() == [True]
    assert same(fallen.cohort, cohort)


def test_the_metrics_of_a_relapse() -> None:
    names = set(relapsed(initial((1,), (20, 16))).metrics) - {"treated/combined"}
    assert names == {"relapsed/combined", "relapse_drop"} | structure_metrics("relapsed")
