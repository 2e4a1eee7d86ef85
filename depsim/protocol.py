"""The protocol: what is done to an individual, from its initial weights to its last examination, as a list of steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from depsim.assessment import Assessment, Dose, RegrowthOverlap
from depsim.follow_up import FollowUp, NoFollowUp
from depsim.follow_up.base import Treated
from depsim.model import Architecture, Model
from depsim.model.state import NO_DRUG
from depsim.model.torch_architecture import ModuleArchitecture
from depsim.pathology import Pathology
from depsim.population import DataMode, Hold
from depsim.stages import BEFORE, DEPRESSED, HEALTHY, RELAPSED, TREATED, WITHDRAWN
from depsim.steps import (
    Endow,
    Examine,
    Modulate,
    NetworkEstimate,
    Prune,
    SideBranch,
    Step,
    Train,
    number_steps,
    state_after,
)
from depsim.streams import FIRST, Section
from depsim.task import Task
from depsim.training import HealthyTraining, Phase
from depsim.traits import NO_TRAITS, STRUCTURAL_LOSS, TraitError, Traits
from depsim.treatment import Treatment

_NO_FOLLOW_UP = NoFollowUp()


@dataclass(frozen=True)
class Baseline:
    """All that decides what an individual's healthy network is, besides its seed."""

    task: Task
    model: Model
    training: HealthyTraining
    data: DataMode
    hold: Hold

    @property
    def train(self) -> Train:
        """The training of the healthy network."""
        return Train(Phase.plain(self.training.epochs, self.training.learning_rate), FIRST[Section.BASELINE])

    @property
    def architecture(self) -> Architecture:
        """The parts of the network."""
        return self.model.architecture(self.task.inputs, self.task.classes)

    @property
    def remark(self) -> str:
        """What a user may not expect of the network; empty where there is nothing."""
        parts = self.architecture
        return parts.remark if isinstance(parts, ModuleArchitecture) else ""

    @property
    def estimate(self) -> NetworkEstimate:
        """What is expected of the healthy network."""
        parts = self.architecture
        sizes = tuple(rows * columns for rows, columns in parts.shapes)
        points = self.task.train_size * self.task.passes, self.task.test_size
        kinds = self.model.is_layered, self.model.is_unrolled
        work = (parts.products, parts.calls) if isinstance(parts, ModuleArchitecture) else ()
        return NetworkEstimate(sizes, parts.noise_units, *points, 1.0, parts.times, *kinds, *work)


@dataclass(frozen=True)
class Arm:
    """What is done to individuals: a baseline and the steps that follow it, examinations included."""

    baseline: Baseline
    steps: tuple[Step, ...]

    def in_replicate(self, number: int) -> Arm:
        """The same done to a replicate of the individuals: from the healthy network on, chance is another."""
        return Arm(self.baseline, tuple(step.in_replicate(number) for step in self.steps))


def plan_arm(
    baseline: Baseline,
    pathology: Pathology,
    treatment: Treatment,
    assessment: Assessment,
    follow_up: FollowUp = _NO_FOLLOW_UP,
    traits: Traits = NO_TRAITS,
) -> Arm:
    """The paper's course: examined healthy, depressed, treated, withdrawn where a drug is on, and relapsed.

    A follow-up goes on from the treated networks.

    Raises:
        TraitError: if a trait has no effect under the pathology.
    """
    probes = assessment.probes()
    *depressing, relapse = number_steps(Section.PATHOLOGY, (*pathology.plan(), assessment.relapse()))
    endowing, depressing = _endow(traits, depressing)
    treating = plan_treatment(treatment, assessment)
    before = state_after(depressing, NO_DRUG)
    drug_off = Modulate.back(state_after(treating, before), before)
    withdrawal = () if drug_off is None else (SideBranch((drug_off, Examine(WITHDRAWN, probes))),)
    overlap = RegrowthOverlap(HEALTHY, DEPRESSED, TREATED)
    steps = (
        *endowing,
        Examine(HEALTHY, probes),
        *_measure_before(assessment, HEALTHY),
        *depressing,
        Examine(DEPRESSED, probes),
        *_measure_before(assessment, DEPRESSED),
        *treating,
        Examine(TREATED, (*probes, *assessment.recovery(), Dose(DEPRESSED))),
        *withdrawal,
        SideBranch((relapse, Examine(RELAPSED, (*assessment.relapse_probes(), overlap)))),
        *_follow(follow_up, treatment, assessment, drug_off),
    )
    return Arm(baseline, steps)


def _endow(traits: Traits, depressing: list[Step]) -> tuple[list[Step], list[Step]]:
    """The step that gives individuals their traits, if they differ in any, and the pathology of such individuals."""
    losses = [step.share for step in depressing if isinstance(step, Prune) and 0 < step.share < 1]
    if STRUCTURAL_LOSS in traits.active:
        if not losses:
            raise TraitError(
                f"cohort.traits.{STRUCTURAL_LOSS} has no effect: this pathology prunes no share of synapses"
            )
        depressing = [replace(step, own_share=True) if isinstance(step, Prune) else step for step in depressing]
    return [Endow(traits, losses[0] if losses else 0.0)] if traits.active else [], depressing


def plan_treatment(treatment: Treatment, assessment: Assessment) -> tuple[Step, ...]:
    """The steps of a treatment at their positions, examining as the assessment says."""
    how = assessment.examining()
    return tuple(step.examined(how) for step in number_steps(Section.TREATMENT, treatment.plan()))


def _follow(
    follow_up: FollowUp, treatment: Treatment, assessment: Assessment, drug_off: Modulate | None
) -> Iterator[Step]:
    """The steps of a follow-up, each section numbered for itself."""
    how = assessment.examining()
    treated = Treated(tuple(treatment.maintaining()), drug_off, how.probes, how.relapse, how.remission)
    for section, steps in follow_up.plan(treated):
        yield from (step.examined(how) for step in number_steps(section, steps))


def _measure_before(assessment: Assessment, stage: str) -> tuple[Step, ...]:
    """The examination of a stage that treatments are chosen and judged by; its noise is no other's."""
    probes = assessment.before(stage)
    return (Examine(BEFORE, probes, ordinal=(HEALTHY, DEPRESSED).index(stage), keeps=False),) if probes else ()
