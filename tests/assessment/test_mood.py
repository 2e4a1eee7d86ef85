"""Biased examinations and the level of activity."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from pydantic import ValidationError

from depsim.assessment import Battery, Mood
from depsim.assessment.mood import ActivityLevel, Biased, BiasedCourse
from depsim.model import Cohort, Mlp, StandingState
from depsim.model.cohort import dense_cohort
from depsim.model.state import NO_DRUG, Activity
from depsim.steps import Exam
from depsim.steps.examine import NoiseKind
from depsim.streams import Purpose, Streams, exam_words, words
from depsim.task import Dataset, Points
from tests.tiny import arm, baseline, battery, chunk, initial, outcomes, overpruned, path, task

BIG = baseline(points=task(test=3000))


def exam_of(cohort: Cohort, name: str = "treated", ordinal: int = 0) -> Exam:
    return Exam(name, ordinal, cohort, path(cohort, BIG).chunk, {}, {})


def test_a_biased_exam_is_noise_of_sd_1_around_the_mean() -> None:
    """As an examination of networks whose own noise has that mean."""
    cohort = overpruned(initial((3, 4), hidden=(20, 16)), 0.5)
    found = Biased((0.25, 1.0))(exam_of(cohort)).metrics
    assert list(found) == ["treated/biased_0.25", "treated/biased_1.0"]
    for mean in (0.25, 1.0):
        pushed = replace(cohort, state=StandingState(noise_mean=mean))
        exam = exam_of(pushed)
        expected = exam.accuracy(exam.chunk.data.standard, NoiseKind.BIASED, internal=1.0)
        assert torch.equal(found[f"treated/biased_{mean}"], expected)
    assert not torch.equal(*found.values())


def test_a_mean_adds_to_that_of_the_individuals_own_noise() -> None:
    own = StandingState(noise_mean=(0.5, -0.5))
    assert own.with_mean(0.25).noise_mean == (0.75, -0.25)
    assert NO_DRUG.with_mean(0.25) == StandingState(noise_mean=0.25)


def test_all_means_meet_one_draw_of_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    plain = Streams.noise

    def noise(self: Streams, rows: int, units: int, device: torch.device, purpose: Purpose, *key: int):  # type: ignore[no-untyped-def]
        asked.append((purpose, *key))
        return plain(self, rows, units, device, purpose, *key)

    monkeypatch.setattr(Streams, "noise", noise)
    Biased((0.25, 0.5, 1.0))(exam_of(overpruned(initial((3,)), 0.5)))
    assert asked == [(Purpose.EXAM, *exam_words("treated"), 3, *words(1.0))] * 3


def test_a_biased_exam_in_a_course_is_numbered_and_makes_a_curve() -> None:
    cohort = overpruned(initial((3,)), 0.5)
    first = BiasedCourse(0.5)(exam_of(cohort, "visit"))
    again = exam_of(cohort, "visit", 1)
    found = BiasedCourse(0.5)(replace(again, metrics=first.metrics))
    assert list(first.metrics) == ["visit/biased_0.5/0"]
    curve = found.curves["visit/biased_0.5/course"]
    assert curve.steps == (0, 1)
    assert curve.values[0, 0] == first.metrics["visit/biased_0.5/0"][0]


def by_hand(state: StandingState) -> float:
    """Two points through 1 -> 2 -> 1 -> 1: layer 1 has weights 1 and -2, layer 2 their sum, no biases."""
    weights = [torch.tensor(w)[None] for w in ([[1.0], [-2.0]], [[1.0, 1.0]], [[1.0]])]
    biases = [torch.zeros(1, n) for n in (2, 1, 1)]
    cohort = replace(dense_cohort(Mlp(hidden=(2, 1)), (3,), weights, biases), state=state)
    points = Points(torch.tensor([[[1.0], [-1.0]]]), torch.zeros(1, 2, dtype=torch.int64))
    own = replace(chunk((3,)), data=Dataset(points, points, points))
    return float(ActivityLevel()(Exam("treated", 0, cohort, own, {}, {})).metrics["treated/activation"])


def test_the_level_of_activity_is_the_mean_over_layers_of_what_they_send() -> None:
    # x = 1: layer 1 sends 1, 0 and layer 2 sends 1; x = -1: 0, 2 and 2. Means 0.75 and 1.5.
    assert by_hand(NO_DRUG) == (0.75 + 1.5) / 2
    # At half the activity layer 1 sends half, layer 2 half of the half.
    assert by_hand(StandingState(Activity(0.5, False))) == (0.375 + 0.375) / 2
    # A mean of 1 is sent, too: layer 1 sends 2, 1 and 1, 3, layer 2 sums 3 and 4 and sends 4 and 5.
    assert by_hand(StandingState(noise_mean=1.0)) == (7 / 4 + 9 / 2) / 2


def mood(**changes: object) -> Mood:
    return Mood.model_validate({**dict(battery()), "bias": (0.25, 0.5), **changes})


def test_mood_is_the_papers_battery_and_more() -> None:
    assert mood().probes()[: len(battery().probes())] == battery().probes()
    assert [type(probe) for probe in mood().probes()[-2:]] == [Biased, ActivityLevel]
    assert mood().relapse() == battery().relapse()
    assert isinstance(mood(), Battery)
    with pytest.raises(ValidationError, match="rise"):
        mood(bias=(0.5, 0.25))


def test_the_papers_numbers_stay_as_they_are_beside_it() -> None:
    (plain,) = outcomes(arm())
    from depsim.protocol import plan_arm
    from depsim.treatment import NoTreatment
    from tests.tiny import overpruning

    (more,) = outcomes(plan_arm(baseline(), overpruning(), NoTreatment(), mood()))
    assert plain.metrics.items() <= more.metrics.items()
    assert {f"{stage}/activation" for stage in ("healthy", "depressed", "treated")} <= more.metrics.keys()
