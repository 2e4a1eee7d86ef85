from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch

from depsim.assessment.accuracies import area_under_curve
from depsim.assessment.structure import Structure
from depsim.model import Cohort, Recurrent, initial_cohort
from depsim.stages import TREATED
from depsim.steps import Exam, Examine
from depsim.steps.examine import NoiseKind
from depsim.streams import Streams
from depsim.testing import copied, same
from depsim.training import Phase
from tests import tiny
from tests.tiny import BASELINE, battery, by_hand, with_random_masks

pytestmark = pytest.mark.slow  # networks that are really trained

SEEDS = (3, 7)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    trainer = tiny.chunk(SEEDS).trainer
    trained = trainer.train(tiny.initial(SEEDS, (20, 16)), BASELINE, Phase(1e-2, (0.0,))).cohort
    return with_random_masks(trained, 0.3)


def examined(levels: tuple[float, ...], cohort: Cohort, name: str = TREATED) -> dict[str, torch.Tensor]:
    return dict(Examine(name, battery(levels).probes())(tiny.path(cohort)).metrics)


def test_a_stage_has_these_metrics(cohort: Cohort) -> None:
    assert sorted(examined((0.3, 0.5, 1.0, 1.5, 2.0, 2.5), cohort)) == sorted([
        "treated/clean",
        "treated/standard",
        "treated/combined",
        "treated/internal_noise_0.3",
        "treated/internal_noise_0.5",
        "treated/internal_noise_1.0",
        "treated/internal_noise_1.5",
        "treated/internal_noise_2.0",
        "treated/internal_noise_2.5",
        "treated/resilience_auc",
        "treated/sparsity",
        "treated/sparsity/layer_1",
        "treated/sparsity/layer_2",
        "treated/sparsity/layer_3",
        "treated/units_without_input/layer_1",
        "treated/units_without_output/layer_1",
        "treated/units_without_input/layer_2",
        "treated/units_without_output/layer_2",
    ])  # fmt: skip


def test_each_exam_is_what_it_says(cohort: Cohort) -> None:
    found = examined((0.5, 2.5), cohort)
    chunk = tiny.chunk(SEEDS)
    exam, data = Exam(TREATED, 0, cohort, chunk, {}, {}), chunk.data
    assert torch.equal(found["treated/clean"], exam.accuracy(data.clean))
    assert torch.equal(found["treated/standard"], exam.accuracy(data.standard))
    assert torch.equal(found["treated/internal_noise_2.5"], exam.accuracy(data.standard, internal=2.5))
    combined = exam.accuracy(data.standard, NoiseKind.COMBINED, internal=0.5, external=1.0)
    assert torch.equal(found["treated/combined"], combined)
    assert not torch.equal(found["treated/internal_noise_2.5"], found["treated/standard"])
    assert float(found["treated/standard"].min()) > 25


def test_a_probe_needs_points_where_it_says_that_it_passes_some(cohort: Cohort) -> None:
    chunk, metrics = tiny.chunk(SEEDS), dict[str, torch.Tensor]()
    for probe in battery((0.5, 2.5)).probes():
        metrics |= probe(Exam(TREATED, 0, cohort, chunk, {}, metrics)).metrics
        with nullcontext() if probe.passes == 0 else pytest.raises(AttributeError):
            probe(Exam(TREATED, 0, cohort, replace(chunk, data=None), {}, metrics))


def test_leaving_an_exam_out_changes_no_other(cohort: Cohort) -> None:
    few, many = examined((1.5,), cohort), examined((0.3, 0.5, 1.5, 2.5), cohort)
    shared = (few.keys() & many.keys()) - {"treated/resilience_auc"}
    assert "treated/internal_noise_1.5" in shared
    assert all(torch.equal(few[name], many[name]) for name in shared)


def test_noisy_exams_are_independent_between_stages_and_quiet_ones_equal(cohort: Cohort) -> None:
    levels = (0.5, 1.0, 1.5, 2.0, 2.5)
    one, other = examined(levels, cohort), examined(levels, cohort, "withdrawn")
    assert torch.equal(one["treated/standard"], other["withdrawn/standard"])
    assert torch.equal(one["treated/clean"], other["withdrawn/clean"])
    noisy = [
        torch.stack([m[f"{s}/internal_noise_{k}"] for k in levels]) for m, s in ((one, "treated"), (other, "withdrawn"))
    ]
    assert not torch.equal(*noisy)


def test_the_area_is_the_mean_accuracy_over_the_noise(cohort: Cohort) -> None:
    found = examined((0.5, 2.5), cohort)
    nothing, half, extreme = (
        found[f"treated/{name}"] for name in ("standard", "internal_noise_0.5", "internal_noise_2.5")
    )
    expected = ((nothing + half) / 2 * 0.5 + (half + extreme) / 2 * 2.0) / 2.5
    torch.testing.assert_close(found["treated/resilience_auc"], expected, rtol=1e-14, atol=0)


def test_sparsity_is_in_per_cent_overall_and_by_layer() -> None:
    cohort = tiny.initial(SEEDS)
    masks = [torch.ones_like(mask) for mask in cohort.masks]  # 16, 48 and 24 weights
    masks[0][0, :4] = False  # 8 of the first individual's
    masks[2][1, 0] = False  # 6 of the second's
    found = examined((0.5,), cohort.with_masks(masks))
    assert found["treated/sparsity"].tolist() == pytest.approx([100 * 8 / 88, 100 * 6 / 88], rel=1e-14)
    assert found["treated/sparsity/layer_1"].tolist() == [50.0, 0.0]
    assert found["treated/sparsity/layer_2"].tolist() == [0.0, 0.0]
    assert found["treated/sparsity/layer_3"].tolist() == [0.0, 25.0]


def test_examining_leaves_the_cohort(cohort: Cohort) -> None:
    before = copied(cohort)
    examined((0.5, 2.5), cohort)
    assert same(cohort, before)


def test_an_individual_is_examined_alike_alone_and_in_company(cohort: Cohort) -> None:
    for masks in (cohort, with_random_masks(cohort, 0.9)):
        together = examined((0.5, 2.5), masks)
        for index in range(len(SEEDS)):
            alone = examined((0.5, 2.5), masks.individual(index))
            assert {name: float(value[index]) for name, value in together.items()} == {
                name: float(value[0]) for name, value in alone.items()
            }


def test_the_area_is_the_mean_height_by_trapezoids() -> None:
    heights = np.array([[100.0, 80.0, 40.0], [50.0, 50.0, 50.0]])
    assert area_under_curve([0.0, 1.0, 3.0], heights).tolist() == [70.0, 50.0]


def test_the_area_over_the_papers_levels() -> None:
    levels = [0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5]
    line = np.array([[100 - 20 * level for level in levels]])
    assert area_under_curve(levels, line)[0] == pytest.approx(75.0, rel=1e-14)


def test_units_without_input_or_output_by_hand() -> None:
    # Layer 1, individual 0: unit 1 has no input, unit 2 no output; individual 1: all of it is there.
    below = [[[1, 0], [0, 0], [1, 1]], [[1, 1], [1, 1], [1, 1]]]
    above = [[[1, 1, 0]], [[1, 1, 1]]]
    ones = by_hand([[[[1.0] * 2] * 3] * 2, [[[1.0] * 3]] * 2], masks=[below, above])
    found = Structure()(Exam(TREATED, 0, ones, tiny.chunk(ones.seeds), {}, {})).metrics
    assert found["treated/units_without_input/layer_1"].tolist() == [1.0, 0.0]
    assert found["treated/units_without_output/layer_1"].tolist() == [1.0, 0.0]
    assert not any(name.endswith("units_without_input/layer_2") for name in found)  # the outputs are no hidden units


def test_a_recurrent_unit_has_an_input_from_points_or_from_units_and_an_output_to_either() -> None:
    # Unit 0 hears of unit 1 alone, unit 1 of the points; unit 1 is heard by unit 0, unit 0 by the outputs.
    network = initial_cohort(Recurrent(hidden=3, steps=2, delay=0), Streams((0,)), 2, 2)
    masks = ([[[0, 0], [1, 0], [0, 0]]], [[[0, 1, 0], [0, 0, 0], [0, 0, 0]]], [[[1, 0, 0], [0, 0, 0]]])
    held = replace(network, masks=tuple(torch.tensor(mask, dtype=torch.bool) for mask in masks))
    found = Structure()(Exam(TREATED, 0, held, tiny.chunk((0,)), {}, {})).metrics
    assert found["treated/units_without_input/hidden"].tolist() == [1.0]
    assert found["treated/units_without_output/hidden"].tolist() == [1.0]
