"""Regimens: treatments in time, each against its drugs alone and against training as long without a drug."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.stages import TREATED
from depsim.study.analyses.contrasts import Pair
from depsim.study.groups import Condition, Group
from depsim.study.stored import stored_treatment
from depsim.treatment import PlainTraining, Regimen, Treatment
from depsim.treatment.regimen_timeline import Timeline, timeline

DRUG, DRUG_OTHERWISE = "its drug alone", "its drug alone, other settings"
ONE_DOSE = "one dose, "
"""Before what such a control shares with several doses of the drug: equal epochs, equal sparsity."""
TRAINING = "training, "
"""Before the epochs of a control that trains without a drug."""
SHAM_EQUAL, SHAM_LONGEST, SHAM_OTHER = (
    f"{TRAINING}equal epochs",
    f"{TRAINING}epochs of all steps",
    f"{TRAINING}other epochs",
)
_EPOCHS = "treatment/epochs"
_CLOSE = 0.5
"""Epochs, and points of sparsity; means that differ by less are equal."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """A condition and its treatment in time.

    Args:
        condition: its individuals, treated.
        treatment: what is done.
        line: the same by epochs.
    """

    condition: Condition
    treatment: Treatment
    line: Timeline

    @property
    def epochs(self) -> np.ndarray:
        """What individuals were trained for, (N,); steps that some only get count for those."""
        spent = self.condition.arm.values(_EPOCHS)
        return np.where(np.isnan(spent), float(self.line.epochs), spent)

    @property
    def alone(self) -> Treatment | None:
        """The single treatment that this is: itself, or the drug of a regimen that gives it once and no more."""
        if not isinstance(self.treatment, Regimen):
            return self.treatment
        return next(
            (treatment for drug, treatment in self.treatment.drugs.items() if timeline(treatment, drug) == self.line),
            None,
        )

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
        return self.condition.arm.settings.get(f"treatment.drugs.{drug}", drug)


def schedules(group: Group) -> tuple[Schedule, ...]:
    """The conditions of a group in time; empty where none is a regimen.

    Those whose treatment this program does not know are left out.
    """
    made = []
    for condition in group.conditions:
        treatment = stored_treatment(condition.arm.settings) if condition.stage == TREATED else None
        if treatment is not None:
            made.append(Schedule(condition, treatment, timeline(treatment, condition.arm.treatment)))
    return tuple(made) if any(schedule.alone is None for schedule in made) else ()


def regimen_pairs(group: Group) -> list[Pair]:
    """Each regimen of a group with its drugs alone and with sham, in the order of the conditions.

    A drug alone is the condition with the settings that the regimen gives it with; without such a one, every condition
    of that drug. Of several doses of one drug, a single dose with as many epochs, or one that leaves as many synapses,
    is a control, too. Of several shams it is the one that trains as long, or where only some individuals get all steps,
    as long as all of them take; else the one that comes nearest.
    """
    timed = schedules(group)
    return [
        Pair(regimen.condition, control.condition, how)
        for regimen in timed
        if regimen.alone is None
        for control, how in (*_drugs(regimen, timed), *_shams(regimen, timed))
    ]


def _drugs(regimen: Schedule, timed: Sequence[Schedule]) -> Iterator[tuple[Schedule, str]]:
    """The conditions that are each of its drugs alone."""
    assert isinstance(regimen.treatment, Regimen)
    alone = [schedule for schedule in timed if schedule.alone is not None]
    for drug in regimen.line.doses:
        same = [schedule for schedule in alone if schedule.alone == regimen.treatment.drugs[drug]]
        yield from ((schedule, DRUG) for schedule in same)
        for schedule in alone:
            if schedule not in same and [schedule.choice(name) for name in schedule.line.doses] == [
                regimen.choice(drug)
            ]:
                shared = _shared(regimen, schedule) if regimen.is_one_drug else ""
                if shared or not same:
                    yield schedule, ONE_DOSE + shared if shared else DRUG_OTHERWISE


def _shared(regimen: Schedule, dose: Schedule) -> str:
    """What a single dose shares with several; empty for nothing."""
    sparsity = [schedule.condition.arm.values(f"{TREATED}/sparsity") for schedule in (regimen, dose)]
    pairs = {"equal epochs": (regimen.epochs, dose.epochs), "equal sparsity": sparsity}
    return " and ".join(what for what, (a, b) in pairs.items() if abs(_mean(a) - _mean(b)) < _CLOSE)


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _shams(regimen: Schedule, timed: Sequence[Schedule]) -> Iterator[tuple[Schedule, str]]:
    """The one sham that is most like the regimen in epochs."""
    shams = [schedule for schedule in timed if schedule.is_sham]
    if not shams:
        return
    epochs = regimen.epochs
    alike = np.ptp(epochs) == 0
    wanted = _mean(epochs) if alike else float(regimen.line.epochs)

    def away(sham: Schedule) -> float:
        return abs(_mean(sham.epochs) - wanted)

    nearest = min(shams, key=away)
    yield nearest, SHAM_OTHER if away(nearest) >= _CLOSE else SHAM_EQUAL if alike else SHAM_LONGEST
