"""Treatments in time, and regimens beside each of their drugs alone and beside plain training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.outcomes import PRIMARY, Outcome
from depsim.stages import TREATED
from depsim.statistics import Contrast, contrast_family
from depsim.study.components import without_crossed
from depsim.study.kept import kept
from depsim.study.naming import name_arms
from depsim.study.reading import Study, StudyArm, paired
from depsim.study.stored import stored_treatment
from depsim.treatment import PlainTraining, Regimen, Treatment
from depsim.treatment.regimen_timeline import Timeline, timeline

COMPARED = PRIMARY[:2]
"""The outcomes on which regimens are compared."""
DRUG, DRUG_OTHERWISE = "its drug alone", "its drug alone, other settings"
ONE_DOSE = "one dose, "
"""Before what such a control shares with several doses of the drug: equal epochs, equal sparsity."""
SHAMS = SHAM_EQUAL, SHAM_LONGEST, SHAM_OTHER = "sham, equal epochs", "sham, epochs of all steps", "sham, other epochs"
_EPOCHS = "treatment/epochs"
_CLOSE = 0.5
"""Epochs, and points of sparsity; means that differ by less are equal."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """A condition and its treatment in time.

    Args:
        name: of the condition, unique in its study.
        arm: its individuals.
        treatment: what is done.
        line: the same by epochs.
    """

    name: str
    arm: StudyArm
    treatment: Treatment
    line: Timeline

    @property
    def epochs(self) -> np.ndarray:
        """What individuals were trained for, (N,); steps that some only get count for those."""
        spent = self.arm.values(_EPOCHS)
        return np.where(np.isnan(spent), float(self.line.epochs), spent)

    @property
    def alone(self) -> Treatment | None:
        """The single treatment that this is: itself, or the drug of a regimen that gives it once and no more."""
        if not isinstance(self.treatment, Regimen):
            return self.treatment
        return next((own for drug, own in self.treatment.drugs.items() if timeline(own, drug) == self.line), None)

    @property
    def is_sham(self) -> bool:
        """Whether it only trains."""
        return type(self.alone) is PlainTraining

    @property
    def is_one_drug(self) -> bool:
        """Whether it gives one drug, and that several times."""
        return len(self.line.doses) == 1 and self.alone is None

    def choice(self, drug: str) -> str:
        """The file of ``conf/treatment/`` that a drug of the regimen is, or the treatment itself."""
        return self.arm.settings.get(f"treatment.drugs.{drug}", drug)


@dataclass(frozen=True, eq=False)
class Beside:
    """A regimen beside another condition.

    Args:
        regimen: which.
        control: what it is compared with.
        how: what the control is, one of the names above.
        outcome: on which.
        contrast: of regimen - control, paired within individuals; its family is all comparisons of the group.
    """

    regimen: Schedule
    control: Schedule
    how: str
    outcome: Outcome
    contrast: Contrast


@kept
def schedules(study: Study) -> tuple[tuple[Schedule, ...], ...]:
    """The conditions of each group that has a regimen; those whose treatment this program no longer knows are out."""
    names, found = name_arms(study.arms), []
    for group in without_crossed(study).groups():
        own = []
        for arm in group.arms:
            treatment = stored_treatment(arm.settings) if arm.individuals else None
            if treatment is not None:
                line = timeline(treatment, arm.treatment)
                own.append(Schedule(names[arm.arm_key], arm, treatment, line))
        if any(each.alone is None for each in own):
            found.append(tuple(own))
    return tuple(found)


@kept
def compared(study: Study) -> tuple[tuple[Beside, ...], ...]:
    """What :func:`beside` finds in each group of :func:`schedules`."""
    return tuple(map(beside, schedules(study)))


def beside(group: Sequence[Schedule]) -> tuple[Beside, ...]:
    """Each regimen of a group beside its drugs alone and beside sham, in the order of the conditions.

    A drug alone is the condition with the settings that the regimen gives it with; without such a one, every condition
    of that drug. Beside several doses of one drug, a single dose with as many epochs, or one that leaves as many
    synapses, is compared, too. Of several shams it is the one that trains as long, or where only some individuals get
    all steps, as long as all of them take; else the one that comes nearest.
    """
    wanted = [
        (regimen, control, how, outcome, both)
        for regimen in group
        if regimen.alone is None
        for control, how in (*_drugs(regimen, group), *_shams(regimen, group))
        for outcome in COMPARED
        if len(both := paired([regimen.arm, control.arm], f"{TREATED}/{outcome.column}")[1])
    ]
    found = contrast_family([both for *_, both in wanted])
    return tuple(Beside(*each[:4], own) for each, own in zip(wanted, found, strict=True))


def _drugs(regimen: Schedule, group: Sequence[Schedule]) -> Iterator[tuple[Schedule, str]]:
    """The conditions that are each of its drugs alone."""
    assert isinstance(regimen.treatment, Regimen)
    alone = [each for each in group if each.alone is not None]
    for drug in regimen.line.doses:
        same = [each for each in alone if each.alone == regimen.treatment.drugs[drug]]
        yield from ((each, DRUG) for each in same)
        for each in alone:
            if each not in same and [each.choice(own) for own in each.line.doses] == [regimen.choice(drug)]:
                shared = _shared(regimen, each) if regimen.is_one_drug else ""
                if shared or not same:
                    yield each, ONE_DOSE + shared if shared else DRUG_OTHERWISE


def _shared(regimen: Schedule, dose: Schedule) -> str:
    """What a single dose shares with several; empty for nothing."""
    sparsity = [each.arm.values(f"{TREATED}/sparsity") for each in (regimen, dose)]
    pairs = {"equal epochs": (regimen.epochs, dose.epochs), "equal sparsity": sparsity}
    told = [what for what, (a, b) in pairs.items() if abs(_mean(a) - _mean(b)) < _CLOSE]
    return " and ".join(told)


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _shams(regimen: Schedule, group: Sequence[Schedule]) -> Iterator[tuple[Schedule, str]]:
    """The one sham that is most like the regimen in epochs."""
    shams = [each for each in group if each.is_sham]
    if not shams:
        return
    own = regimen.epochs
    alike = np.ptp(own) == 0
    wanted = _mean(own) if alike else float(regimen.line.epochs)

    def away(sham: Schedule) -> float:
        return abs(_mean(sham.epochs) - wanted)

    nearest = min(shams, key=away)
    yield nearest, SHAM_OTHER if away(nearest) >= _CLOSE else SHAM_EQUAL if alike else SHAM_LONGEST
