"""A study's individuals as the population that a trial with a group per treatment would have drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from depsim.stages import STAGES, TREATED
from depsim.statistics import TrialPower, trial_power
from depsim.study.benefits import CONTROL
from depsim.study.components import without_crossed
from depsim.study.naming import distinct, name_arms
from depsim.study.reading import Study, StudyArm, paired


class NoTrialError(LookupError):
    """A study in which no such trial can be drawn; the message says why, and what there is."""


@dataclass(frozen=True)
class Drawn:
    """Trials of each condition of a study against one of them.

    Args:
        metric: the outcome.
        people: in the population.
        control: the condition that the others are compared with.
        found: by condition.
    """

    metric: str
    people: int
    control: str
    found: dict[str, TrialPower]


def draw_trials(study: Study, n: int, outcome: str, control: str | None = None) -> Drawn:
    """Draw trials from the largest group of conditions whose individuals are paired.

    Args:
        study: whose individuals.
        n: of them in each group of a trial.
        outcome: a metric, or what a treated network is examined for, as ``combined``.
        control: the name of a condition; None takes the untreated, else sham.

    Raises:
        NoTrialError: if there is no such outcome or condition, or nothing to compare.
    """
    names = name_arms(study.arms)
    metric = outcome if outcome.partition("/")[0] in STAGES else f"{TREATED}/{outcome}"
    groups = [own for group in without_crossed(study).groups() if len(own := distinct(group.arms)) > 1]
    if not groups:
        raise NoTrialError(f"{study.name}: no two conditions share their individuals' surroundings, so none compare")
    arms = max(groups, key=lambda own: (len(own), max(len(arm.seeds) for arm in own)))
    measured = {names[arm.arm_key]: arm for arm in arms if arm.has(metric)}
    if len(measured) < 2:
        there = sorted({name for arm in arms for one in arm.individuals for name in one.metrics
                        if name.startswith(f"{TREATED}/") and name.count("/") == 1})  # fmt: skip
        raise NoTrialError(f"--outcome {outcome}: not measured in two conditions; there are {', '.join(there)}")
    beside = _control(measured, control)
    _, values = paired(list(measured.values()), metric)
    if not len(values):
        raise NoTrialError(f"{study.name}: no individual has {metric} in every condition")
    columns = dict(zip(measured, values.T, strict=True))
    found = {name: trial_power(own, columns[beside], n) for name, own in columns.items() if name != beside}
    return Drawn(metric, len(values), beside, found)


def _control(measured: dict[str, StudyArm], wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in measured:
            raise NoTrialError(f"--control {wanted}: no such condition; there are {', '.join(measured)}")
        return wanted
    by_treatment = {arm.treatment: name for name, arm in measured.items()}
    return next((by_treatment[name] for name in (CONTROL, "sham") if name in by_treatment), next(iter(measured)))
