from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from depsim.assessment.probes import Probe, accuracy
from depsim.model import Activity
from depsim.model.answers import answers_of
from depsim.streams import Noise, Purpose, Stage, Streams, words
from depsim.task import Points
from tests import tiny
from tests.tiny import CPU, newborns, with_random_masks


class Examinee:
    """Answers with a fixed class for every point; remembers what it was asked and takes its noise as networks do."""

    def __init__(self, answer: int = 0) -> None:
        self._answer = answer
        self.points: list[torch.Tensor] = []
        self.sigmas: list[float] = []
        self.noise: list[torch.Tensor | None] = []

    def __call__(self, x: torch.Tensor, internal_noise: float, noise: Noise | None) -> torch.Tensor:
        self.points.append(x.clone())
        self.sigmas.append(internal_noise)
        self.noise.append(None if noise is None else noise.block()[:, : x.shape[1]].clone())
        logits = torch.zeros(*x.shape[:2], 4)
        logits[..., self._answer] = 1
        return logits


def points(seeds: tuple[int, ...] = (3,), count: int = 120) -> Points:
    return tiny.task(test=count).draw(seeds, "shared").standard


def exam(
    stage: Stage = Stage.TREATED, probe: Probe = Probe.INTERNAL, *, seeds: tuple[int, ...] = (3,), count: int = 120,
    units: int = 5, sigma: float = 0.5, input_noise: float = 0.0,
) -> Examinee:  # fmt: skip
    examinee = Examinee()
    accuracy(
        examinee,
        units,
        points(seeds, count),
        Streams(seeds),
        stage,
        probe,
        internal_noise=sigma,
        input_noise=input_noise,
    )
    return examinee


def heard(examinee: Examinee) -> torch.Tensor:
    """All the noise of an exam, (N, B, units)."""
    return torch.cat([block for block in examinee.noise if block is not None], dim=1)


def test_accuracy_is_the_share_of_right_answers_in_per_cent() -> None:
    x, y = torch.zeros(2, 8, 2), torch.tensor([[0, 0, 1, 2, 3, 0, 1, 1], [1] * 8])
    found = accuracy(Examinee(0), 5, Points(x, y), Streams((1, 2)), Stage.HEALTHY)
    assert found.tolist() == [37.5, 0.0]
    assert found.dtype == torch.float64
    assert accuracy(Examinee(1), 5, Points(x, y), Streams((1, 2)), Stage.HEALTHY).tolist() == [37.5, 100.0]


def test_every_point_counts_once_however_many_there_are() -> None:
    for count in (249, 250, 251, 1203):
        some = points(count=count)
        examinee = Examinee(2)
        found = accuracy(examinee, 5, some, Streams((3,)), Stage.TREATED)
        assert found.tolist() == [int((some.y == 2).sum()) * 100 / count]
        assert torch.equal(torch.cat(examinee.points, 1), some.x)


def test_an_undisturbed_exam_has_no_noise() -> None:
    examinee = exam(sigma=0.0)
    assert examinee.sigmas == [0.0]
    assert examinee.noise == [None]


def test_every_arm_meets_the_same_noise() -> None:
    one, other = exam(), exam()
    assert one.sigmas == [0.5]
    assert torch.equal(heard(one), heard(other))


def test_stages_probes_levels_and_individuals_have_noise_of_their_own() -> None:
    blocks = [
        heard(exam()),
        heard(exam(Stage.DEPRESSED)),
        heard(exam(Stage.RELAPSED)),
        heard(exam(probe=Probe.COMBINED)),
        heard(exam(sigma=0.3)),
        heard(exam(seeds=(4,))),
    ]
    for one, other in itertools.combinations(blocks, 2):
        assert not (one == other).any()


def test_noise_is_an_individuals_own_in_any_company() -> None:
    together = heard(exam(seeds=(1, 3, 5)))
    assert torch.equal(together[1], heard(exam(seeds=(3,)))[0])


def test_fewer_points_meet_the_first_of_the_same_noise() -> None:
    many, few = heard(exam(count=1200)), heard(exam(count=730))
    assert torch.equal(many[:, :730], few)


def blocks_of_250(units: int, count: int, *key: int) -> torch.Tensor:
    noise = Streams((3,)).noise(250, units, CPU, Purpose.EXAM, *key)
    return torch.cat([noise.block().clone() for _ in range(-(-count // 250))], dim=1)[:, :count]


def test_noise_is_addressed_as_documented_in_blocks_of_250() -> None:
    expected = blocks_of_250(5, 730, int(Stage.TREATED), int(Probe.INTERNAL), *words(0.5))
    assert expected.shape == (1, 730, 5)
    assert torch.equal(heard(exam(count=730)), expected)


def test_input_noise_is_added_to_the_points_with_its_deviation() -> None:
    examinee = exam(probe=Probe.COMBINED, sigma=0.0, input_noise=0.25, count=730)
    expected = blocks_of_250(2, 730, int(Stage.TREATED), int(Probe.COMBINED_INPUT), *words(0.25))
    torch.testing.assert_close(torch.cat(examinee.points, 1) - points(count=730).x, 0.25 * expected, rtol=0, atol=2e-6)
    assert examinee.noise == [None, None, None]


@pytest.mark.parametrize("sigma", [0.0, 0.5, 2.5])
def test_input_noise_does_not_depend_on_the_internal_noise(sigma: float) -> None:
    one = exam(probe=Probe.COMBINED, sigma=sigma, input_noise=1.0)
    other = exam(probe=Probe.COMBINED, sigma=0.3, input_noise=1.0)
    assert torch.equal(one.points[0], other.points[0])


@pytest.mark.parametrize(("sparsity", "activity"), [(0.0, Activity()), (0.9, Activity()), (0.9, Activity(0.7, True))])
def test_networks_are_examined_under_the_noise_that_an_examinee_hears(sparsity: float, activity: Activity) -> None:
    cohort = replace(with_random_masks(newborns((3, 4), (20, 16)), sparsity), activity=activity)
    some, sigma = points((3, 4), 730), 0.5
    noise = heard(exam(seeds=(3, 4), count=730, units=36))
    logits = cohort.model.logits(cohort.weights, cohort.biases, some.x, activity, sigma, noise)
    expected = (logits.argmax(-1) == some.y).sum(1) * 100 / 730
    found = accuracy(
        answers_of(cohort), cohort.hidden_units, some, Streams((3, 4)), Stage.TREATED, internal_noise=sigma
    )
    assert found.tolist() == pytest.approx(expected.tolist(), abs=0.15)  # one point may fall on a border
    quiet = accuracy(answers_of(cohort), cohort.hidden_units, some, Streams((3, 4)), Stage.TREATED)
    assert quiet.tolist() != found.tolist()


def test_an_exam_leaves_its_points() -> None:
    some = points()
    before = some.x.clone()
    accuracy(Examinee(), 5, some, Streams((3,)), Stage.TREATED, Probe.COMBINED, internal_noise=0.5, input_noise=1.0)
    assert torch.equal(some.x, before)


def test_the_numbers_that_address_exams_never_change() -> None:
    assert [(p.name, int(p)) for p in Probe] == [("INTERNAL", 0), ("COMBINED", 1), ("COMBINED_INPUT", 2)]
