"""Conditions that were followed through cycles of stress: what they are called, and how they look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from depsim.study.analyses.relapse import followed
from depsim.study.groups import Condition, Group, belongs, groups, varied
from depsim.study.labels import spell_setting
from depsim.study.naming import name_arms, name_conditions
from depsim.study.reading import Study

_FOLLOW_UP = ("follow_up",)
_MAINTENANCE = "follow_up.maintenance"
_DASHES = {"own": "-", "withheld": ":", "sham": "--"}
_MOST_PANELS = 6


class Part(NamedTuple):
    """Conditions that are compared.

    Args:
        group: theirs.
        conditions: that were followed through cycles of stress.
        names: of each by arm key: its treatment, and its follow-up where several there are.
        representatives: the condition of each treatment with its own maintenance, else with the first there is.
    """

    group: Group
    conditions: tuple[Condition, ...]
    names: Mapping[str, tuple[str, str]]
    representatives: tuple[Condition, ...]

    def treatment(self, condition: Condition) -> str:
        """What the treatment of a condition is called."""
        return self.names[condition.arm.arm_key][0]

    @property
    def how(self) -> str:
        """The follow-up of the conditions that stand for their treatments, for a sentence; empty for the only one."""
        kinds = [self.names[condition.arm.arm_key][1].split(" = ") for condition in self.representatives]
        shared = [kind for kind in kinds[0] if kind and all(kind in names for names in kinds)]
        return f" with {shared[0]}" if shared else ""


def parts_of(study: Study) -> list[Part]:
    """The conditions that were followed, in groups whose individuals are paired; the largest first."""
    parts, arm_names = [], name_arms(study.arms)
    for group in groups(study, ("treatment", *_FOLLOW_UP)):
        conditions = followed(group, arm_names)
        if conditions:
            names = _names(study, conditions)
            parts.append(Part(group, tuple(conditions), names, _representatives(study, conditions, names)))
    return parts


def _names(study: Study, conditions: Sequence[Condition]) -> dict[str, tuple[str, str]]:
    """Of each arm what its treatment is called, and its follow-ups, where there are several among these."""
    keys = {condition.arm.arm_key for condition in conditions}
    arms = [arm for arm in study.arms if arm.arm_key in keys]
    differing = sorted(key for key in varied(arms) if belongs(key, _FOLLOW_UP))
    treatments = name_conditions(
        [{key: value for key, value in arm.settings.items() if not belongs(key, _FOLLOW_UP)} for arm in arms]
    )
    made: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for arm, treatment in zip(arms, treatments, strict=True):
        follow_up = ", ".join(spell_setting(key, arm.settings[key]) for key in differing if key in arm.settings)
        both = made.setdefault(arm.arm_key, ({}, {}))
        both[0][treatment], both[1][follow_up] = None, None
    return {key: (" = ".join(treatment), " = ".join(follow_up)) for key, (treatment, follow_up) in made.items()}


def _representatives(
    study: Study, conditions: Sequence[Condition], names: Mapping[str, tuple[str, str]]
) -> tuple[Condition, ...]:
    """The condition of each treatment with its own maintenance, else the first."""
    with_own = {arm.arm_key for arm in study.arms if arm.settings.get(_MAINTENANCE) == "own"}
    first: dict[str, Condition] = {}
    for condition in sorted(conditions, key=lambda condition: condition.arm.arm_key not in with_own):
        first.setdefault(names[condition.arm.arm_key][0], condition)
    return tuple(condition for condition in conditions if condition in first.values())


def panels_of(part: Part) -> dict[str, list[Condition]]:
    """The conditions of each treatment; of many treatments the first."""
    panels: dict[str, list[Condition]] = {}
    for condition in part.conditions:
        panels.setdefault(part.treatment(condition), []).append(condition)
    return dict(list(panels.items())[:_MOST_PANELS])


def styles_of(part: Part) -> dict[str, Any]:
    """Of each condition: the colour of its treatment, dashes by maintenance."""
    from depsim.report.figures.condition_style import condition_styles

    styles = condition_styles(part.conditions)
    dashes = {
        condition.name: _DASHES.get(condition.arm.settings.get(_MAINTENANCE, "own"), "-")
        for condition in part.conditions
    }
    with_own = {condition.name for condition in part.representatives}
    return {name: replace(style, line="-" if name in with_own else dashes[name]) for name, style in styles.items()}
