"""Which condition is the placebo of which: the same training without the ingredients."""

from __future__ import annotations

from depsim.steps import Step
from depsim.study.analyses.contrasts import Pair
from depsim.study.groups import Condition, Group
from depsim.study.stored import stored_treatment
from depsim.treatment import Placebo

HOW = "its placebo"


def placebo_pairs(group: Group) -> list[Pair]:
    """Each treatment of a group with the condition that takes the steps of its placebo, whatever that is called.

    A treatment that is its own placebo is in no pair.
    """
    by_steps: dict[tuple[Step, ...], Condition] = {}
    plans: dict[str, tuple[tuple[Step, ...], tuple[Step, ...]]] = {}
    for condition in group.conditions:
        treatment = stored_treatment(condition.arm.settings)
        if treatment is None:
            continue
        steps = tuple(treatment.plan())
        plans[condition.arm.arm_key] = (
            steps,
            steps if isinstance(treatment, Placebo) else tuple(Placebo(of=treatment).plan()),
        )
        if condition.stage == "treated":
            by_steps.setdefault(steps, condition)
    pairs = []
    for condition in group.conditions:
        steps, without = plans.get(condition.arm.arm_key, ((), ()))
        if steps != without and (control := by_steps.get(without)) is not None:
            pairs.append(Pair(condition, control, HOW))
    return pairs
