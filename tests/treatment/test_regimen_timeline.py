"""What a treatment looks like in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from depsim.config import prepare
from depsim.config.building import construct
from depsim.steps import Step, Unless
from depsim.treatment import NoTreatment, PlainTraining, Regimen, Treatment
from depsim.treatment.regimen_plan import epochs_of
from depsim.treatment.regimen_step import RegimenStep
from depsim.treatment.regimen_timeline import EXAMINE, STRESS, Moment, Span, Timeline, timeline
from tests.tiny import tonic_inhibition

REGIMENS = (
    "bridge", "handover", "combination", "ketamine_then_ssri", "ssri_then_ketamine_if_needed", "ladder",
    "repeated_ketamine",
)  # fmt: skip


def drawn(*steps: dict[str, Any], **drugs: Treatment) -> Timeline:
    known = {"a": PlainTraining(epochs=5, learning_rate=1e-3), "n": tonic_inhibition(epochs=4), **drugs}
    return timeline(Regimen(drugs=known, steps=tuple(RegimenStep(**step) for step in steps)), "whole")


def test_steps_follow_each_other_by_epochs() -> None:
    found = drawn({"give": "n"}, {"give": "a"}, {"give": "n"})
    assert found.given == [Span("n", 0, 4), Span("a", 4, 9), Span("n", 9, 13)]
    assert found.standing == [Span("n", 0, 4), Span("n", 9, 13)]
    assert (found.left_on, found.epochs, found.doses) == (("n",), 13, {"n": 2, "a": 1})


def test_a_kept_drug_stays_on_and_a_tapered_one_fades_and_is_off() -> None:
    kept = drawn({"give": "n"}, {"give": "a", "keep": "n"})
    assert kept.standing == [Span("n", 0, 4), Span("n", 4, 9)]
    assert kept.left_on == ("n",)
    tapered = drawn({"give": "n"}, {"give": "a", "keep": "n", "taper": {"n": 3}}, {"give": "a"})
    assert tapered.standing == [Span("n", 0, 4), Span("n", 4, 9, fading=3)]
    assert tapered.left_on == ()


def test_a_drug_that_was_off_cannot_be_kept_on() -> None:
    found = drawn({"give": "n"}, {"stop": "all"}, {"give": "a", "keep": "n"})
    assert found.standing == [Span("n", 0, 4)]
    assert found.left_on == ()


def test_what_trains_no_epoch_is_a_moment() -> None:
    found = drawn(
        {"give": ("n", "a")}, {"stress": 0.1}, {"examine": "now"}, {"give": "a", "keep": "n"}, n=tonic_inhibition(0)
    )
    assert found.given == [Span("a", 0, 5), Span("a", 5, 10)]
    assert found.moments == [Moment("n", 0), Moment(STRESS, 5), Moment(EXAMINE, 5)]
    assert found.standing == [Span("n", 0, 5), Span("n", 5, 10)]


def test_steps_for_some_say_for_whom_also_within_what_is_repeated() -> None:
    found = drawn(
        {"give": "a", "unless": {"combined": 80}},
        {"repeat": 2, "unless": "remitted", "steps": ({"give": "a"}, {"give": "a", "unless": {"combined": 90}})},
    )
    rules = ["unless combined ≥ 80 %", *["unless remitted", "unless remitted, unless combined ≥ 90 %"] * 2]
    assert [span.rule for span in found.given] == rules
    assert [span.start for span in found.given] == [0, 5, 10, 15, 20]


def test_whoever_is_passed_over_keeps_what_is_on() -> None:
    assert drawn({"give": "n"}, {"give": "a", "unless": "remitted"}).left_on == ("n",)
    repeated = {"repeat": 1, "unless": "remitted", "steps": ({"give": "a"},)}
    assert drawn({"give": "n"}, repeated).left_on == ("n",)
    assert drawn({"give": "n"}, {"give": "a"}).left_on == ()


def test_a_single_treatment_is_one_step_and_none_is_nothing() -> None:
    alone = timeline(tonic_inhibition(4), "mine")
    assert (alone.given, alone.standing, alone.left_on) == ([Span("mine", 0, 4)], [Span("mine", 0, 4)], ("mine",))
    assert timeline(NoTreatment(), "none") == Timeline()


def trained(steps: Sequence[Step]) -> int:
    """Epochs of whoever gets every step."""
    return sum(trained(step.steps) if isinstance(step, Unless) else epochs_of([step]) for step in steps)


@pytest.mark.parametrize("name", REGIMENS)
def test_a_shipped_regimen_takes_as_many_epochs_as_its_plan(name: str) -> None:
    config = prepare([f"treatment={name}"]).job.config["treatment"]
    own = construct(Treatment, "treatment", config)  # type: ignore[type-abstract]
    found = timeline(own, name)
    assert found.epochs == trained(own.plan()) > 0
    assert found.epochs == sum(span.end - span.start for span in found.given)
