from __future__ import annotations

import numpy as np
import pytest
import torch

from depsim.assessment.battery import area_under_curve, structure
from depsim.assessment.probes import Probe, accuracy
from depsim.model import Cohort
from depsim.model.answers import answers_of
from depsim.protocol import Person
from depsim.streams import Stage
from tests import tiny
from tests.tiny import battery, by_hand, copied, same, with_random_masks

SEEDS = (3, 7)


@pytest.fixture(scope="module")
def people() -> Person:
    return tiny.person(SEEDS)


@pytest.fixture(scope="module")
def cohort(people: Person) -> Cohort:
    newborn = tiny.newborns(SEEDS, (20, 16))
    trained = people.trainer.train(newborn, Stage.HEALTHY, learning_rate=1e-2, internal_noise=(0.0,)).cohort
    return with_random_masks(trained, 0.3)


def examined(levels: tuple[float, ...], cohort: Cohort, people: Person, stage: Stage = Stage.TREATED) -> dict:
    return battery(levels).examine(cohort, people.data, people.streams, stage)


def test_a_stage_has_these_metrics(cohort: Cohort, people: Person) -> None:
    assert list(examined((0.3, 0.5, 1.0, 1.5, 2.0, 2.5), cohort, people)) == [
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
    ]


def test_each_exam_is_what_it_says(cohort: Cohort, people: Person) -> None:
    found = examined((0.5, 2.5), cohort, people)
    answers, data, streams = answers_of(cohort), people.data, people.streams

    def exam(points, probe=Probe.INTERNAL, **noise):  # type: ignore[no-untyped-def]
        return accuracy(answers, 36, points, streams, Stage.TREATED, probe, **noise)

    assert torch.equal(found["treated/clean"], exam(data.clean))
    assert torch.equal(found["treated/standard"], exam(data.standard))
    assert torch.equal(found["treated/internal_noise_2.5"], exam(data.standard, internal_noise=2.5))
    combined = exam(data.standard, Probe.COMBINED, internal_noise=0.5, input_noise=1.0)
    assert torch.equal(found["treated/combined"], combined)
    assert not torch.equal(found["treated/internal_noise_2.5"], found["treated/standard"])
    assert float(found["treated/standard"].min()) > 25


def test_leaving_an_exam_out_changes_no_other(cohort: Cohort, people: Person) -> None:
    few, many = examined((1.5,), cohort, people), examined((0.3, 0.5, 1.5, 2.5), cohort, people)
    shared = (few.keys() & many.keys()) - {"treated/resilience_auc"}
    assert "treated/internal_noise_1.5" in shared
    assert all(torch.equal(few[name], many[name]) for name in shared)


def test_noisy_exams_are_independent_between_stages_and_silent_ones_equal(cohort: Cohort, people: Person) -> None:
    levels = (0.5, 1.0, 1.5, 2.0, 2.5)
    one = examined(levels, cohort, people, Stage.TREATED)
    other = examined(levels, cohort, people, Stage.WITHDRAWN)
    assert torch.equal(one["treated/standard"], other["withdrawn/standard"])
    assert torch.equal(one["treated/clean"], other["withdrawn/clean"])
    noisy = [
        torch.stack([m[f"{s}/internal_noise_{k}"] for k in levels]) for m, s in ((one, "treated"), (other, "withdrawn"))
    ]
    assert not torch.equal(*noisy)


def test_the_area_is_the_mean_accuracy_over_the_noise(cohort: Cohort, people: Person) -> None:
    found = examined((0.5, 2.5), cohort, people)
    nothing, half, extreme = (
        found[f"treated/{name}"] for name in ("standard", "internal_noise_0.5", "internal_noise_2.5")
    )
    expected = ((nothing + half) / 2 * 0.5 + (half + extreme) / 2 * 2.0) / 2.5
    torch.testing.assert_close(found["treated/resilience_auc"], expected, rtol=1e-14, atol=0)


def test_sparsity_is_in_per_cent_overall_and_by_layer(people: Person) -> None:
    cohort = tiny.newborns(SEEDS)
    masks = [torch.ones_like(mask) for mask in cohort.masks]  # 16, 48 and 24 weights
    masks[0][0, :4] = False  # 8 of the first individual's
    masks[2][1, 0] = False  # 6 of the second's
    found = examined((0.5,), cohort.with_masks(masks), people)
    assert found["treated/sparsity"].tolist() == pytest.approx([100 * 8 / 88, 100 * 6 / 88], rel=1e-14)
    assert found["treated/sparsity/layer_1"].tolist() == [50.0, 0.0]
    assert found["treated/sparsity/layer_2"].tolist() == [0.0, 0.0]
    assert found["treated/sparsity/layer_3"].tolist() == [0.0, 25.0]


def test_examining_leaves_the_cohort(cohort: Cohort, people: Person) -> None:
    before = copied(cohort)
    examined((0.5, 2.5), cohort, people)
    assert same(cohort, before)


def test_an_individual_is_examined_alike_alone_and_in_company(cohort: Cohort, people: Person) -> None:
    for masks in (cohort, with_random_masks(cohort, 0.9)):
        together = examined((0.5, 2.5), masks, people)
        for index, seed in enumerate(SEEDS):
            alone = examined((0.5, 2.5), masks.individual(index), tiny.person((seed,)))
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
    found = structure(ones, Stage.TREATED)
    assert found["treated/units_without_input/layer_1"].tolist() == [1.0, 0.0]
    assert found["treated/units_without_output/layer_1"].tolist() == [1.0, 0.0]
    assert not any(name.endswith("units_without_input/layer_2") for name in found)  # the outputs are no hidden units
