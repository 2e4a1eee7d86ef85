"""Treatments whose further steps are for those only who are not in remission: who recovers at which step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depsim.stages import TREATED
from depsim.statistics import Proportion, proportion
from depsim.study.components import without_crossed
from depsim.study.kept import kept
from depsim.study.reading import Study, StudyArm
from depsim.study.stored import stored_treatment
from depsim.treatment import Regimen
from depsim.treatment.regimen_step import RegimenStep

_GIVEN = "treatment/given/"


@dataclass(frozen=True)
class Rung:
    """A step of a ladder.

    Args:
        drugs: that it gives.
        recovered: of those who got it, the ones for whom it was the last step and who are in remission in the end.
        total: in remission with this step or an earlier one as their last, of everybody, 0 to 1.
    """

    drugs: str
    recovered: Proportion
    total: float


@dataclass(frozen=True)
class Ladder:
    """A condition and its steps.

    Args:
        arm: the condition.
        n: individuals with a deficit to treat.
        rungs: in order, the first for everybody.
    """

    arm: StudyArm
    n: int
    rungs: tuple[Rung, ...]


@kept
def ladders(study: Study) -> tuple[Ladder, ...]:
    """The conditions of a study that are ladders: regimens with two steps or more that ask for who is in remission."""
    return tuple(found for arm in without_crossed(study).arms if (found := _ladder(arm)) is not None)


def are_the_question(study: Study) -> bool:
    """Whether ladders are the only regimens of a study."""
    arms = without_crossed(study).arms
    regimens = sum(isinstance(stored_treatment(arm.settings), Regimen) for arm in arms)
    return bool(regimens) and regimens == len(ladders(study))


def _ladder(arm: StudyArm) -> Ladder | None:
    treatment = stored_treatment(arm.settings)
    if not isinstance(treatment, Regimen):
        return None
    further = [step for step in treatment.steps if step.unless == "remitted"]
    asked = sorted({int(name.removeprefix(_GIVEN)) for one in arm.individuals for name in one.metrics
                    if name.startswith(_GIVEN)})  # fmt: skip
    remitted = arm.values(f"{TREATED}/remission")
    counted = np.isfinite(remitted)
    if len(further) < 2 or len(asked) != len(further) or not counted.any():
        return None
    given = np.array([arm.values(f"{_GIVEN}{number}") for number in asked])[:, counted] == 1
    got = np.vstack([np.ones((1, given.shape[1]), dtype=bool), given])
    last, well = len(got) - 1 - got[::-1].argmax(axis=0), remitted[counted] > 0.5
    first = [step for step in treatment.steps if step.unless is None]
    drugs = [" and ".join(name for step in first for name in step.give), *(_given(step) for step in further)]
    rungs = tuple(
        Rung(name, proportion((well & (last == place))[got[place]]), float((well & (last <= place)).mean()))
        for place, name in enumerate(drugs)
    )
    return Ladder(arm, int(counted.sum()), rungs)


def _given(step: RegimenStep) -> str:
    """The drugs of a step, and how often where it is repeated."""
    if step.repeat is None:
        return " and ".join(step.give)
    return f"{step.repeat} x {', '.join(map(_given, step.steps))}"
