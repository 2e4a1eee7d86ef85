"""A treatment in time: what is given, what is on, and what else happens, by epochs of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from depsim.steps import Step
from depsim.treatment.base import Treatment
from depsim.treatment.regimen import Regimen
from depsim.treatment.regimen_plan import Planner, epochs_of
from depsim.treatment.regimen_step import RegimenStep
from depsim.treatment.regimen_words import spell_rule


@dataclass(frozen=True)
class Span:
    """A drug over some epochs.

    Args:
        drug: its name in the regimen.
        start, end: epochs of training since the treatment began.
        rule: for whom, as in ``unless remitted``; empty for all.
        fading: over how many of its last epochs it fades, where it is on.
    """

    drug: str
    start: int
    end: int
    rule: str = ""
    fading: int = 0


@dataclass(frozen=True)
class Moment:
    """Something done without training.

    Args:
        what: a drug that is given without an epoch, ``stress`` or ``examine``.
        at: epochs of training since the treatment began.
        rule: for whom, as in :class:`Span`.
    """

    what: str
    at: int
    rule: str = ""


@dataclass
class Timeline:
    """A treatment as it is for whoever gets every step.

    Args:
        given: each training, by the drug that it belongs to.
        standing: where the standing state of each drug is on, step by step.
        moments: what is done without training.
        left_on: drugs whose standing state is on at the end, of some individuals at least.
        doses: how often each drug is given.
        epochs: of training altogether.
    """

    given: list[Span] = field(default_factory=list)
    standing: list[Span] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    left_on: tuple[str, ...] = ()
    doses: dict[str, int] = field(default_factory=dict)
    epochs: int = 0


STRESS, EXAMINE = "stress", "examine"
"""Moments that are no drug."""


def timeline(treatment: Treatment, name: str) -> Timeline:
    """A treatment in time; one that is no regimen is one of a single step.

    Args:
        treatment: which.
        name: what its drug is called, where it is no regimen.

    >>> from depsim.treatment import PlainTraining
    >>> found = timeline(PlainTraining(epochs=5, learning_rate=1e-3), "sham")
    >>> found.given, found.epochs
    ([Span(drug='sham', start=0, end=5, rule='', fading=0)], 5)
    """
    if not isinstance(treatment, Regimen):
        treatment = Regimen(drugs={name: treatment}, steps=(RegimenStep(give=(name,)),))
    drawing = _Drawing({drug: tuple(own.plan()) for drug, own in treatment.drugs.items()})
    drawing.draw(treatment.steps, "")
    drawing.line.left_on = tuple(drug for drug in drawing.plans if drug in drawing.planner.on and drawing.stands(drug))
    return drawing.line


class _Drawing:
    """Goes through the words of a regimen beside the planner, which knows what is on."""

    def __init__(self, plans: dict[str, tuple[Step, ...]]) -> None:
        self.plans, self.planner, self.line = plans, Planner(plans), Timeline()

    def stands(self, drug: str) -> bool:
        """Whether a drug leaves a standing state."""
        return bool(self.planner.standing([drug]))

    def draw(self, steps: Sequence[RegimenStep], rule: str) -> None:
        """These steps, for whom the rule of the steps around them says."""
        for step in steps:
            own = ", ".join(part for part in (rule, spell_rule(step)) if part)
            before = set(self.planner.on)
            if step.repeat:
                for _ in range(step.repeat):
                    self.draw(step.steps, own)
                self.planner.on |= before if step.unless is not None else set()
                continue
            self.planner.plan([step])
            if step.give:
                self._give(step, own, before)
            elif step.stress is not None:
                self.line.moments.append(Moment(STRESS, self.line.epochs, own))
            elif step.examine is not None:
                self.line.moments.append(Moment(EXAMINE, self.line.epochs, own))

    def _give(self, step: RegimenStep, rule: str, before: set[str]) -> None:
        start = self.line.epochs
        for drug in step.give:
            if not self.plans[drug]:
                continue
            self.line.doses[drug] = self.line.doses.get(drug, 0) + 1
            if epochs := epochs_of(self.plans[drug]):
                self.line.given.append(Span(drug, start, start + epochs, rule))
                self.line.epochs = start + epochs
            else:
                self.line.moments.append(Moment(drug, start, rule))
        for drug in self.plans:
            on = drug in step.give or (drug in step.keep and drug in before)
            if on and self.stands(drug) and self.line.epochs > start:
                self.line.standing.append(Span(drug, start, self.line.epochs, rule, step.taper.get(drug, 0)))
