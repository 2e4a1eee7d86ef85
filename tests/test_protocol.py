"""The paper's course as a list of steps."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from depsim.model.state import NO_DRUG, Activity, StandingState
from depsim.protocol import Arm
from depsim.stages import STAGES, WITHDRAWN
from depsim.steps import Examine, Modulate, Prune, SideBranch, Step, Train
from depsim.streams import Position, Section
from depsim.training import Phase
from depsim.treatment import Treatment
from tests.tiny import arm, tonic_inhibition, treatments

TRAIN = Train(Phase.plain(1, 1e-3))


class Drug(Treatment):
    """Sets some of the standing state, then trains."""

    noise_gain: float | None = None
    noise_mean: float | None = None
    damping: float | None = None

    def plan(self) -> Sequence[Step]:
        set_to = {"noise_gain": self.noise_gain, "noise_mean": self.noise_mean}
        fields = {name: value for name, value in set_to.items() if value is not None}
        if self.damping is not None:
            fields["activity"] = Activity(self.damping, False)  # type: ignore[assignment]
        return (Modulate(**fields), TRAIN)  # type: ignore[arg-type]


def branches(of: Arm) -> list[SideBranch]:
    return [step for step in of.steps if isinstance(step, SideBranch)]


def exams(steps: Sequence[Step]) -> list[str]:
    found: list[str] = []
    for step in steps:
        found += exams(step.steps) if isinstance(step, SideBranch) else [step.name] if isinstance(step, Examine) else []
    return found


@pytest.mark.parametrize("name", ["none", "ketamine", "ssri", "neurosteroid"])
def test_the_papers_stages_are_examined_in_order_and_withdrawal_only_where_a_drug_is_on(name: str) -> None:
    expected = [stage for stage in STAGES if stage != WITHDRAWN or name == "neurosteroid"]
    assert exams(arm(treatments()[name]).steps) == expected


@pytest.mark.parametrize(
    ("drug", "taken_off"),
    [
        (Drug(damping=0.7), Modulate(None)),
        (Drug(damping=1.0), Modulate(None)),
        (Drug(noise_gain=2.0), Modulate(noise_gain=1.0)),
        (Drug(noise_mean=0.5, damping=0.7), Modulate(None, noise_mean=0.0)),
        (tonic_inhibition(), Modulate(None)),
    ],
)
def test_a_withdrawal_takes_off_what_the_drug_set_and_nothing_else(drug: Treatment, taken_off: Modulate) -> None:
    off, relapse = branches(arm(drug))
    assert off.steps[0] == taken_off
    assert off.steps[0].state(StandingState(Activity(0.7, True), 3.0, 0.25)) == taken_off.state(
        StandingState(Activity(0.7, True), 3.0, 0.25)
    )
    assert not any(isinstance(step, Modulate) for step in relapse.steps)  # the drug stays on


def test_a_drug_that_sets_what_is_there_already_has_nothing_to_withdraw() -> None:
    assert len(branches(arm(Drug(noise_gain=1.0, noise_mean=0.0)))) == 1
    assert Modulate.back(NO_DRUG, NO_DRUG) is None


def test_the_relapse_prunes_at_a_position_of_its_own() -> None:
    pathology, relapse = (step for step in [*arm().steps, *branches(arm())[-1].steps] if isinstance(step, Prune))
    assert (pathology.position, relapse.position) == (Position(Section.PATHOLOGY), Position(Section.PATHOLOGY, 1))
