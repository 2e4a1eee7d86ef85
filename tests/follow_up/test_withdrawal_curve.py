"""A drug taken off step by step."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from depsim.follow_up import WithdrawalCurve
from depsim.model.state import Activity, StandingState
from depsim.steps import Examine, Fade, SideBranch
from depsim.treatment import NoTreatment
from tests.tiny import arm, outcomes, regrowth, tonic_inhibition

SHARES = (1.0, 0.5, 0.0)
CURVE = WithdrawalCurve(shares=SHARES)


def test_a_share_of_a_drug_is_a_share_of_its_damping_and_bounded_until_nothing_is_left() -> None:
    on = StandingState(Activity(0.6, True), kept=(Activity(2.0, False),))
    found = [Fade(share).state(on) for share in SHARES]
    assert [state.drugs for state in found] == [
        (Activity(2.0, False), Activity(0.6, True)),
        (Activity(1.5, False), Activity(0.8, True)),
        (Activity(1.0, False), Activity(1.0, False)),
    ]
    assert Fade(0.5).state(StandingState(noise_mean=1.0)) == StandingState(noise_mean=1.0)


def test_each_share_is_a_side_branch_with_an_examination_of_its_number() -> None:
    steps = arm(tonic_inhibition(), follow_up=CURVE).steps[-3:]
    assert [type(step) for step in steps] == [SideBranch] * 3
    for place, (step, share) in enumerate(zip(steps, SHARES, strict=True)):
        fade, exam = step.steps  # type: ignore[attr-defined]
        assert fade == Fade(share)
        assert isinstance(exam, Examine)
        assert (exam.name, exam.ordinal, exam.keeps) == ("withdrawal", place, False)


def test_the_ends_are_the_treated_and_the_withdrawn_network() -> None:
    (found,) = outcomes(arm(tonic_inhibition(), follow_up=CURVE))
    metrics = found.metrics
    assert metrics["withdrawal/standard/0"] == metrics["treated/standard"]
    assert metrics["withdrawal/standard/2"] == metrics["withdrawn/standard"]
    assert found.curves["withdrawal/combined/course"] == [
        (place, metrics[f"withdrawal/combined/{place}"]) for place in range(3)
    ]


@pytest.mark.parametrize("treatment", [NoTreatment(), regrowth()])
def test_where_nothing_is_on_nothing_is_planned(treatment: NoTreatment) -> None:
    assert arm(treatment, follow_up=CURVE).steps == arm(treatment).steps


@pytest.mark.parametrize("shares", [(), (0.5, 1.0), (1.0, 1.0), (1.5,), (-0.1,)])
def test_shares_fall_from_1_to_0(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        WithdrawalCurve(shares=shares)
