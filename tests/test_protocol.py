"""The paper's course as it is planned for any pathology and treatment: standing states and random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import ConfigDict

from depsim.assessment import Battery
from depsim.model import StandingState
from depsim.model.state import NO_DRUG, Activity
from depsim.pathology import Pathology
from depsim.protocol import Arm, plan_arm
from depsim.stages import BEFORE, DEPRESSED, HEALTHY, RELAPSED, TREATED, WITHDRAWN
from depsim.steps import Examine, Modulate, Path, Prune, Regrow, SideBranch, Step, Train, number_steps
from depsim.steps.pruning_criteria import magnitude, random
from depsim.steps.regrowth_criteria import gradient
from depsim.steps.regrowth_criteria import random as random_regrowth
from depsim.streams import Position, Section
from depsim.testing import follow, same
from depsim.training import Phase
from depsim.treatment import NoTreatment, Treatment
from tests.tiny import after as left_by
from tests.tiny import arm, baseline, battery, chunk, drug, initial, overpruning, path, tonic_inhibition, treatments

OWN = drug(1.3, False, noise_gain=(2.0, 1.5), noise_mean=(0.25, 0.0))
"""What two individuals bring along, each their own."""


class Fluctuating(Pathology):
    """Networks that are pruned and respond and fluctuate in a way of their own."""

    def plan(self) -> Sequence[Step]:
        own = Modulate(OWN.activity, OWN.noise_gain, OWN.noise_mean)
        return (Prune(0.8, magnitude.scores), own)


class Given(Treatment):
    """Some drug, and a training under it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    drug: Modulate

    def plan(self) -> Sequence[Step]:
        return (self.drug, Train(Phase.plain(1, 1e-3)))


class Scheduled(Treatment):
    """A training whose damping changes by epoch, and nothing that stays."""

    def plan(self) -> Sequence[Step]:
        return (Train(Phase(1e-3, (0.0, 0.0), (Activity(0.7, True), Activity(0.9, False)))),)


def course(pathology: Pathology, treatment: Treatment) -> Path:
    """Two individuals at the end of theirs."""
    planned = plan_arm(baseline(), pathology, treatment, battery())
    start = Path(chunk((3, 4)), initial((3, 4), (20, 16)))
    return follow(start, planned.steps)


def state_at(end: Path, exam: str) -> StandingState:
    return end.exams[exam].state


def test_withdrawal_takes_the_drug_off_and_leaves_what_the_individuals_had() -> None:
    end = course(Fluctuating(), tonic_inhibition())
    assert state_at(end, "healthy") == NO_DRUG
    assert state_at(end, "depressed") == OWN
    assert state_at(end, "treated") == replace(OWN, activity=Activity(0.7, True))
    assert state_at(end, "withdrawn") == OWN
    assert state_at(end, "relapsed") == state_at(end, "treated")
    assert end.cohort.state == state_at(end, "treated")


@pytest.mark.parametrize(
    "given",
    [
        Modulate(Activity(0.5, False)),
        Modulate(noise_gain=0.5),
        Modulate(noise_mean=-0.25),
        Modulate(Activity(0.5, True), noise_gain=0.5, noise_mean=0.0),
        Modulate(None, noise_gain=(1.0, 3.0)),
    ],
    ids=["activity", "noise gain", "noise mean", "all", "another's off"],
)
def test_whatever_a_drug_sets_is_taken_off(given: Modulate) -> None:
    end = course(Fluctuating(), Given(drug=given))
    assert state_at(end, "treated") == given.state(state_at(end, "depressed")) != state_at(end, "depressed")
    assert state_at(end, "withdrawn") == state_at(end, "depressed")


@pytest.mark.parametrize("treatment", [NoTreatment(), treatments()["ssri"], treatments()["ketamine"], Scheduled()])
def test_what_leaves_no_state_is_not_withdrawn(treatment: Treatment) -> None:
    for pathology in (Fluctuating(), overpruning(0.8)):
        end = course(pathology, treatment)
        assert "withdrawn" not in end.exams
        assert not any(name.startswith("withdrawn") for name in end.metrics)
        assert state_at(end, "treated") == state_at(end, "depressed")


STEPS = {
    "random pruning": (Section.PATHOLOGY, Prune(0.8, random.scores)),
    "training": (Section.TREATMENT, Train(Phase.plain(1, 1e-2))),
    "noisy training": (Section.TREATMENT, Train(Phase(1e-2, (0.5,)))),
    "random regrowth": (Section.TREATMENT, Regrow(0.5, random_regrowth.scores, 0.03, 5)),
    "gradient regrowth": (Section.TREATMENT, Regrow(0.5, gradient.scores, 0.03, 5)),
    "random pruning by a treatment": (Section.TREATMENT, Prune(0.5, random.scores, of_survivors=True)),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_a_plan_has_twice_draws_fresh_numbers(name: str) -> None:
    section, step = STEPS[name]
    cohort = left_by(initial((3,), (20, 16)), [Prune(0.6, magnitude.scores)])
    one, other, third = (left_by(cohort, [placed]) for placed in number_steps(section, [step] * 3))
    assert not same(one, other)
    assert not same(one, third)
    assert not same(other, third)


def test_sections_do_not_replay_each_other() -> None:
    cohort, step = initial((3,), (20, 16)), Prune(0.5, random.scores)
    by_pathology, by_treatment = (number_steps(section, [step]) for section in (Section.PATHOLOGY, Section.TREATMENT))
    assert not same(left_by(cohort, by_pathology), left_by(cohort, by_treatment))


class RandomRelapse(Battery):
    """A battery whose second wave of pruning is random, as one of a plugin may be."""

    def relapse(self) -> Prune:
        return Prune(self.further_pruning, random.scores, of_survivors=True)


def prunings(of: Arm) -> list[Prune]:
    """All of an arm, those of side branches, too."""
    inner = [step.steps if isinstance(step, SideBranch) else (step,) for step in of.steps]
    return [step for steps in inner for step in steps if isinstance(step, Prune)]


def test_a_random_second_wave_does_not_replay_the_first() -> None:
    exams = RandomRelapse(**battery().model_dump())
    first, second = prunings(plan_arm(baseline(), overpruning(0.5, "random"), NoTreatment(), exams))
    start = path(initial((3,), (20, 16)))
    for one, other in zip(random.scores(start, first.position), random.scores(start, second.position), strict=True):
        assert not bool((one == other).all())


def test_the_relapse_prunes_at_a_position_of_its_own() -> None:
    first, second = prunings(arm())
    assert (first.position, second.position) == (Position(Section.PATHOLOGY), Position(Section.PATHOLOGY, 1))


def test_a_drug_that_sets_what_is_there_already_has_nothing_to_withdraw() -> None:
    steps = arm(Given(drug=Modulate(noise_gain=1.0, noise_mean=0.0))).steps
    assert len([step for step in steps if isinstance(step, SideBranch)]) == 1
    assert Modulate.back(NO_DRUG, NO_DRUG) is None


def exams(steps: Sequence[Step]) -> list[str]:
    found: list[str] = []
    for step in steps:
        found += exams(step.steps) if isinstance(step, SideBranch) else [step.name] if isinstance(step, Examine) else []
    return found


@pytest.mark.parametrize("name", ["none", "ketamine", "ssri", "neurosteroid"])
def test_the_papers_stages_are_examined_in_order_and_withdrawal_only_where_a_drug_is_on(name: str) -> None:
    withdrawn = [WITHDRAWN] if name == "neurosteroid" else []
    expected = [HEALTHY, BEFORE, DEPRESSED, BEFORE, TREATED, *withdrawn, RELAPSED]
    assert exams(arm(treatments()[name]).steps) == expected
    kept = [step.name for step in arm(treatments()[name]).steps if isinstance(step, Examine) and step.keeps]
    assert kept == [HEALTHY, DEPRESSED, TREATED]
