"""Arms as a store describes them: by their settings as texts."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from depsim.assessment import Assessment
from depsim.assessment.base import COLLAPSE, RELEVANT
from depsim.component import Component, neutral_settings
from depsim.execution.job import as_texts, neutral_of_cohorts
from depsim.execution.keys import arm_key
from depsim.follow_up import FollowUp
from depsim.model import Model
from depsim.pathology import Pathology
from depsim.population import Hold
from depsim.protocol import Arm, Baseline, plan_arm
from depsim.registry import class_of_choice
from depsim.steps import Step, number_steps
from depsim.streams import Section
from depsim.task import Task
from depsim.training import HealthyTraining
from depsim.traits import TraitError, Traits
from depsim.treatment import Treatment

PARTS: Mapping[str, type[Component]] = {
    "task": Task,
    "model": Model,
    "pathology": Pathology,
    "treatment": Treatment,
    "follow_up": FollowUp,
    "assessment": Assessment,
}
"""What the choice in each configuration group has to be whose settings decide numbers."""


def of_treatment(key: str) -> bool:
    """Whether a setting is the treatment or one of its own."""
    return _is_of("treatment", key)


def with_neutral(settings: Mapping[str, str]) -> dict[str, str]:
    """Stored settings, with the neutral value of every field that came after they were stored."""
    neutral = neutral_of_cohorts()
    for group in PARTS:
        if (kind := class_of_choice(group, settings.get(group, ""))) is not None:
            neutral |= {f"{group}.{name}": value for name, value in neutral_settings(kind).items()}
    above = {key.rpartition(".")[0] for key in settings}
    filled = {key: text for key, text in as_texts(neutral).items() if key not in above}
    return dict(sorted({"follow_up": "none", **filled, **settings}.items()))


def stored_arm(settings: Mapping[str, str]) -> Arm | None:
    """The arm that stored settings describe, or None if this version of the program has no such parts any more."""
    full = with_neutral(settings)
    try:
        parts: dict[str, Any] = {group: _part(base, group, full) for group, base in PARTS.items()}
        training = HealthyTraining.model_validate(_below("training", full))
        hold = Hold.model_validate(_below("cohort.hold", full))
        baseline = Baseline(parts["task"], parts["model"], training, full["cohort.data"], hold)  # type: ignore[arg-type]
        parts |= {"baseline": baseline, "traits": Traits.model_validate(_below("cohort.traits", full))}
        return plan_arm(**{name: part for name, part in parts.items() if name not in ("task", "model")})
    except (KeyError, TypeError, ValidationError, TraitError):
        return None


def stored_arm_key(settings: Mapping[str, str]) -> str | None:
    """The key of the arm that stored settings describe, or None as for :func:`stored_arm`."""
    arm = stored_arm(settings)
    return None if arm is None else arm_key(arm, settings["device"].partition(":")[0])


def stored_ceilings(settings: Mapping[str, str]) -> Mapping[str, float]:
    """The accuracies that no network can exceed under stored settings, by column; empty where nothing says so."""
    task, assessment = _stored(Task, "task", settings), _stored(Assessment, "assessment", settings)
    return assessment.ceilings(task) if isinstance(task, Task) and isinstance(assessment, Assessment) else {}


def stored_tests(settings: Mapping[str, str]) -> int | None:
    """How many test points an accuracy under stored settings is counted in; None where nothing says so."""
    task = _stored(Task, "task", settings)
    return task.test_size if isinstance(task, Task) else None


def stored_relevant(settings: Mapping[str, str]) -> Mapping[str, float]:
    """The smallest difference that matters under stored settings, in points, by column; the defaults where none is."""
    assessment = _stored(Assessment, "assessment", settings)
    return {**RELEVANT, **(assessment.relevant if isinstance(assessment, Assessment) else {})}


def stored_collapse(settings: Mapping[str, str]) -> float:
    """The standard accuracy, in per cent, below which an individual has collapsed under stored settings."""
    assessment = _stored(Assessment, "assessment", settings)
    return assessment.collapse if isinstance(assessment, Assessment) else COLLAPSE


def stored_chance(settings: Mapping[str, str]) -> float | None:
    """The accuracy of guessing, in per cent, under stored settings; None where nothing says so."""
    task = _stored(Task, "task", settings)
    return 100 / task.classes if isinstance(task, Task) else None


def stored_treatment(settings: Mapping[str, str]) -> Treatment | None:
    """The treatment that stored settings describe, or None as for :func:`stored_arm`."""
    part = _stored(Treatment, "treatment", settings)
    return part if isinstance(part, Treatment) else None


def stored_follow_up(settings: Mapping[str, str]) -> FollowUp | None:
    """The follow-up that stored settings describe, or None as for :func:`stored_arm`."""
    part = _stored(FollowUp, "follow_up", settings)
    return part if isinstance(part, FollowUp) else None


def treatment_steps(settings: Mapping[str, str]) -> tuple[Step, ...] | None:
    """What stored settings of a treatment do, or None as for :func:`stored_arm`."""
    part = stored_treatment(settings)
    return None if part is None else number_steps(Section.TREATMENT, part.plan())


def _stored(base: type[Component], group: str, settings: Mapping[str, str]) -> Component | None:
    """A part of stored settings, or None as for :func:`stored_arm`."""
    try:
        return _kept_part(base, group, frozenset(item for item in settings.items() if _is_of(group, item[0])))
    except (KeyError, TypeError, ValidationError):
        return None


@lru_cache(maxsize=1024)
def _kept_part(base: type[Component], group: str, settings: frozenset[tuple[str, str]]) -> Component:
    """The part that a group's settings make, built once: every comparison asks for it in every outcome."""
    return _part(base, group, with_neutral(dict(settings)))


def _is_of(group: str, key: str) -> bool:
    return key == group or key.startswith(f"{group}.")


def _part(base: type[Component], group: str, settings: Mapping[str, str]) -> Component:
    return _of_choice(base, group, settings[group], _below(group, settings), settings)


def _of_choice(base: type[Component], group: str, choice: str, values: Any, settings: Mapping[str, str]) -> Component:
    """A part of a group; a choice that others were taken into has them as parts of their own."""
    kind = class_of_choice(group.partition(".")[0], choice)
    if kind is None or not issubclass(kind, base):
        raise TypeError(f"{group}={choice} is no {base.__name__} here")
    places = [place for place in _taken_in(settings) if place.startswith(f"{group}.")]
    for place in places:
        if not any(place.startswith(f"{other}.") for other in places):  # those are a part of the other one
            *above, name = place.removeprefix(f"{group}.").split(".")
            where = values
            for part in above:
                where = where[part]
            where[name] = _of_choice(base, place, settings[place], where.get(name, {}), settings)
    return kind.model_validate(values)


def _taken_in(settings: Mapping[str, str]) -> list[str]:
    """Where choices stand that another one has taken in: keys that have a text and settings below them."""
    parts = (key.split(".") for key in settings)
    above = {".".join(key[:size]) for key in parts for size in range(2, len(key))}
    return [key for key in settings if key in above]


def _below(prefix: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """The settings below a key, as values and mappings of them."""
    values: dict[str, Any] = {}
    choices = _taken_in(settings)
    for key, text in settings.items():
        if key.startswith(f"{prefix}.") and key not in choices:
            *above, name = key.removeprefix(f"{prefix}.").split(".")
            where = values
            for part in above:
                where = where.setdefault(part, {})
            where[name] = _value(text)
    return {name: _with_lists(value) for name, value in values.items()}


def _with_lists(value: Any) -> Any:
    """A mapping from numbers as the list that it was.

    >>> _with_lists({"0": {"give": "a"}, "1": {"repeat": 2, "steps": {"0": {"give": "b"}}}})
    [{'give': 'a'}, {'repeat': 2, 'steps': [{'give': 'b'}]}]
    """
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        return value  # what is said of individuals, by seed, stays a mapping
    inner = {name: _with_lists(entry) for name, entry in value.items()}
    if not inner or not all(name.isdecimal() for name in inner):
        return inner
    return [inner[name] for name in sorted(inner, key=int)]


def _value(text: str) -> Any:
    """What a text was before it was stored.

    >>> [_value(text) for text in ("1e-05", "[[-3, 3]]", "True", "null", "gradient")]
    [1e-05, [[-3, 3]], True, None, 'gradient']
    """
    if text == "null":
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
