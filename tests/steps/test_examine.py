from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
import torch

from depsim.model import Cohort, StandingState
from depsim.model.state import NO_DRUG
from depsim.protocol import Baseline
from depsim.stages import DEPRESSED, MAINTAINED, RELAPSED, TREATED
from depsim.steps import DivergedError, Exam, Examine, Measured, Probe
from depsim.steps.base import Curve
from depsim.steps.examine import NoiseKind, ProbeError
from depsim.streams import Noise, Purpose, Streams, words
from depsim.task import Points
from depsim.testing import copied
from tests import tiny
from tests.tiny import CPU, ON_DRUG, drug, initial, with_random_masks


class Examinee:
    """Answers with a fixed class for every point; remembers what it was asked and takes its noise as networks do."""

    def __init__(self, answer: int = 0) -> None:
        self._answer = answer
        self.points: list[torch.Tensor] = []
        self.sigmas: list[float] = []
        self.noise: list[torch.Tensor | None] = []

    def __call__(self, x: torch.Tensor, sigma: float, noise: Noise | None) -> torch.Tensor:
        self.points.append(x.clone())
        self.sigmas.append(sigma)
        self.noise.append(None if noise is None else noise.block()[:, : x.shape[1]].clone())
        logits = torch.zeros(*x.shape[:2], 4)
        logits[..., self._answer] = 1
        return logits


def exam_of(
    cohort: Cohort,
    name: str = TREATED,
    ordinal: int = 0,
    examinee: Examinee | None = None,
    where: Baseline | None = None,
) -> Exam:
    """An examination of networks, or of somebody in their place."""
    exam = Exam(name, ordinal, cohort, tiny.chunk(cohort.seeds, where), {}, {})
    if examinee is not None:
        exam.__dict__["predictor"] = examinee  # a cached property
    return exam


def accuracy(
    examinee: Examinee, some: Points, seeds: tuple[int, ...], kind: NoiseKind = NoiseKind.INTERNAL, **noise: float
) -> Any:
    return exam_of(initial(seeds, (5,)), examinee=examinee).accuracy(some, kind, **noise)


def points(seeds: tuple[int, ...] = (3,), count: int = 120) -> Points:
    return tiny.task(test=count).draw(seeds, "shared").standard


def exam(
    name: str = TREATED, kind: NoiseKind = NoiseKind.INTERNAL, *, ordinal: int = 0, seeds: tuple[int, ...] = (3,),
    count: int = 120, units: int = 5, sigma: float = 0.5, input_noise: float = 0.0,
) -> Examinee:  # fmt: skip
    examinee = Examinee()
    held = exam_of(initial(seeds, (units,)), name, ordinal, examinee)
    held.accuracy(points(seeds, count), kind, internal=sigma, external=input_noise)
    return examinee


def heard(examinee: Examinee) -> torch.Tensor:
    """All the noise of an exam, (N, B, units)."""
    return torch.cat([block for block in examinee.noise if block is not None], dim=1)


def test_accuracy_is_the_share_of_right_answers_in_per_cent() -> None:
    x, y = torch.zeros(2, 8, 2), torch.tensor([[0, 0, 1, 2, 3, 0, 1, 1], [1] * 8])
    found = accuracy(Examinee(0), Points(x, y), (1, 2))
    assert found.tolist() == [37.5, 0.0]
    assert found.dtype == torch.float64
    assert accuracy(Examinee(1), Points(x, y), (1, 2)).tolist() == [37.5, 100.0]


def test_every_point_counts_once_however_many_there_are() -> None:
    for count in (249, 250, 251, 1203):
        some = points(count=count)
        examinee = Examinee(2)
        found = accuracy(examinee, some, (3,))
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


def test_exams_kinds_levels_and_individuals_have_noise_of_their_own() -> None:
    blocks = [
        heard(exam()),
        heard(exam(DEPRESSED)),
        heard(exam(RELAPSED)),
        heard(exam(ordinal=1)),
        heard(exam("maintained")),
        heard(exam("maintained", ordinal=1)),
        heard(exam(kind=NoiseKind.COMBINED)),
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
    expected = blocks_of_250(5, 730, 2, int(NoiseKind.INTERNAL), *words(0.5))
    assert expected.shape == (1, 730, 5)
    assert torch.equal(heard(exam(count=730)), expected)


def test_input_noise_is_added_to_the_points_with_its_deviation() -> None:
    examinee = exam(kind=NoiseKind.COMBINED, sigma=0.0, input_noise=0.25, count=730)
    expected = blocks_of_250(2, 730, 2, int(NoiseKind.COMBINED_INPUT), *words(0.25))
    torch.testing.assert_close(torch.cat(examinee.points, 1) - points(count=730).x, 0.25 * expected, rtol=0, atol=2e-6)
    assert examinee.noise == [None, None, None]


@pytest.mark.parametrize("sigma", [0.0, 0.5, 2.5])
def test_input_noise_does_not_depend_on_the_internal_noise(sigma: float) -> None:
    one = exam(kind=NoiseKind.COMBINED, sigma=sigma, input_noise=1.0)
    other = exam(kind=NoiseKind.COMBINED, sigma=0.3, input_noise=1.0)
    assert torch.equal(one.points[0], other.points[0])


@pytest.mark.parametrize(("sparsity", "state"), [(0.0, NO_DRUG), (0.9, NO_DRUG), (0.9, ON_DRUG)])
def test_networks_are_examined_under_the_noise_that_an_examinee_hears(sparsity: float, state: StandingState) -> None:
    cohort = replace(with_random_masks(initial((3, 4), (20, 16)), sparsity), state=state)
    some, sigma = points((3, 4), 730), 0.5
    noise = heard(exam(seeds=(3, 4), count=730, units=36))
    logits = cohort.model.logits(cohort.weights, cohort.biases, some.x, state, sigma, noise)
    expected = (logits.argmax(-1) == some.y).sum(1) * 100 / 730
    held = exam_of(cohort)
    found = held.accuracy(some, internal=sigma)
    assert found.tolist() == pytest.approx(expected.tolist(), abs=0.15)  # one point may fall on a border
    assert held.accuracy(some).tolist() != found.tolist()


def test_an_exam_leaves_its_points() -> None:
    some = points()
    before = some.x.clone()
    accuracy(Examinee(), some, (3,), NoiseKind.COMBINED, internal=0.5, external=1.0)
    assert torch.equal(some.x, before)


def test_a_gain_and_a_mean_of_the_noise_reach_every_arithmetic() -> None:
    state = drug(noise_gain=2.0, noise_mean=0.5)
    for sparsity in (0.0, 0.9):
        cohort = replace(with_random_masks(initial((3, 4), (20, 16)), sparsity), state=state)
        some = points((3, 4), 730)
        noise = heard(exam(seeds=(3, 4), count=730, units=36))
        logits = cohort.model.logits(cohort.weights, cohort.biases, some.x, state, 2 * 0.5, noise)
        expected = (logits.argmax(-1) == some.y).sum(1) * 100 / 730
        found = exam_of(cohort).accuracy(some, internal=0.5)
        assert found.tolist() == pytest.approx(expected.tolist(), abs=0.15)
        differing = replace(cohort, state=replace(state, noise_gain=(2.0, 1.0), noise_mean=(0.5, 0.0)))
        mixed = exam_of(differing).accuracy(some, internal=0.5)
        assert mixed[0] == found[0]
        assert mixed[1] == exam_of(replace(cohort, state=NO_DRUG)).accuracy(some, internal=0.5)[1]


@dataclass(frozen=True)
class Count(Probe):
    """How many metrics there were before."""

    name: str

    def __call__(self, exam: Exam) -> Measured:
        before = torch.full((len(exam.cohort),), float(len(exam.metrics)), dtype=torch.float64)
        return Measured({f"{exam.name}/{self.name}": before}, notes={"odd": before % 2 == 1})


def test_a_probe_sees_what_those_before_it_have_found_and_the_path_keeps_all() -> None:
    start = tiny.path(initial((3, 4)))
    end = Examine("b", (Count("one"), Count("two")))(Examine("a", (Count("one"),))(start))
    assert {name: values.tolist() for name, values in end.metrics.items()} == {
        "a/one": [0, 0], "b/one": [1, 1], "b/two": [2, 2]}  # fmt: skip
    assert set(end.exams) == {"a", "b"}
    assert start.metrics == {}
    assert end.notes["odd"].tolist() == [True, True], "odd before the second of b's probes; once noted, it stays"


@dataclass(frozen=True)
class Draws(Probe):
    """A curve of one point."""

    def __call__(self, exam: Exam) -> Measured:
        return Measured({}, {f"{exam.name}/curve": Curve((0,), torch.zeros(len(exam.cohort), 1).double())})


@dataclass(frozen=True)
class Returns(Probe):
    """Returns whatever it was given."""

    what: Any

    def __call__(self, exam: Exam) -> Any:
        return self.what


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Measured({"a/x": torch.tensor(1.0).double()}), r"a/x has shape \[\] and torch.float64, on cpu; must be a"),
        (Measured({"a/x": torch.zeros(2, 1).double()}), r"a/x has shape \[2, 1\] and .*; must be a detached tensor of"),
        (Measured({"a/x": torch.zeros(1).double()}), r"a/x has shape \[1\] and .*; must be .* of shape \[2\] and"),
        (Measured({"a/x": torch.zeros(2)}), r"a/x has shape \[2\] and torch.float32, on cpu; must be .* torch.float64"),
        (Measured({"a/x": torch.zeros(2).double().requires_grad_()}), "a/x has shape .*; must be a detached tensor"),
        (Measured({"a/fine": torch.zeros(2).double(), "a/x": cast(Any, 0.5)}), "a/x is a float; must be a detached"),
        (Measured({}, {"b/curve": Curve((0,), torch.ones(2, 1))}), "b/curve was measured before"),
        (
            Measured({"a/one": torch.ones(2).double()}),
            r"a/one was measured before; a name of its own begins with {exam.name}/",
        ),
        (Measured({"b/one": torch.ones(2).double()}), "b/one was measured before"),
        ({"a/x": torch.zeros(2)}, r"returned a dict; must return Measured\({name: tensor}\)"),
    ],
)
def test_a_probe_that_measures_no_number_for_each_individual_is_named(what: Any, said: str) -> None:
    with pytest.raises(ProbeError, match="^probe Returns: " + said):
        Examine("a", (Count("one"), Returns(what)))(Examine("b", (Count("one"), Draws()))(tiny.path(initial((3, 4)))))


@dataclass(frozen=True)
class Spoils(Probe):
    """Does something to what it was handed."""

    do: Callable[[Exam], object]

    def __call__(self, exam: Exam) -> Measured:
        self.do(exam)
        return Measured({})


@pytest.mark.parametrize(
    "do",
    [
        lambda exam: exam.cohort.weights[1].mul_(2),
        lambda exam: exam.cohort.biases[0].zero_(),
        lambda exam: exam.cohort.masks[0].logical_not_(),
        lambda exam: exam.earlier["b"].weights[0].add_(1),
        lambda exam: exam.chunk.data.standard.x.add_(1),
        lambda exam: exam.metrics["b/one"].add_(1),
        lambda exam: exam.metrics["a/one"].add_(1),
    ],
)
def test_a_probe_that_changes_what_it_measures_is_named(do: Callable[[Exam], object]) -> None:
    path = Examine("b", (Count("one"),))(tiny.path(copied(initial((3, 4)))))
    path = path.with_cohort(copied(path.cohort))
    with pytest.raises(ProbeError, match=r"^probe Spoils: changed a tensor that it was handed"):
        Examine("a", (Count("one"), Spoils(do)))(path)


def test_a_probe_may_measure_in_inference_mode() -> None:
    def measured(exam: Exam) -> object:
        with torch.inference_mode():
            return exam.cohort.weights[0].flatten(1).sum(1).double()

    @dataclass(frozen=True)
    class Infers(Probe):
        def __call__(self, exam: Exam) -> Measured:
            return Measured({f"{exam.name}/sum": cast(torch.Tensor, measured(exam))})

    first = Examine("a", (Infers(), Count("two")))(tiny.path(initial((3, 4))))
    found = Examine("b", (Infers(), Count("three")))(first).metrics
    assert torch.equal(found["a/sum"], found["b/sum"])


def test_what_a_probe_is_handed_cannot_be_replaced() -> None:
    for do in (lambda exam: exam.metrics.pop("a/one"), lambda exam: exam.earlier.clear()):
        with pytest.raises(AttributeError, match="mappingproxy"):
            Examine("a", (Count("one"), Spoils(do)))(tiny.path(initial((3, 4))))


def test_an_examination_keeps_its_networks_and_held_again_the_later_ones() -> None:
    first, later = initial((3,)), with_random_masks(initial((3,)), 0.5)
    path = Examine(DEPRESSED, ())(tiny.path(first))
    path = Examine(TREATED, ())(path.with_cohort(first))
    again = Examine(TREATED, (), ordinal=1)(path.with_cohort(later))
    assert list(again.exams) == [DEPRESSED, TREATED]
    assert again.exams[DEPRESSED] is first
    assert again.exams[TREATED] is again.cohort is later
    assert path.exams[TREATED] is first


def test_weights_that_are_not_finite_are_not_examined() -> None:
    cohort = copied(initial((3, 4, 5)))
    cohort.weights[1][2, 0, 0] = torch.nan
    with pytest.raises(DivergedError, match=r"not finite in the treated network of seeds=\(5,\)"):
        Examine(TREATED, ())(tiny.path(cohort))
    with pytest.raises(DivergedError, match=r"not finite in the maintained 3 network of seeds=\(5,\)"):
        Examine(MAINTAINED, (), ordinal=3)(tiny.path(cohort))


def test_the_numbers_that_address_exams_never_change() -> None:
    assert [(p.name, int(p)) for p in NoiseKind] == [
        ("INTERNAL", 0),
        ("COMBINED", 1),
        ("COMBINED_INPUT", 2),
        ("BIASED", 3),
    ]
