"""Drugs with a gain of hidden activity against the same drugs without it."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

from depsim.model.state import NO_DRUG
from depsim.steps import state_after
from depsim.study.analyses.contrasts import Pair
from depsim.study.groups import Group
from depsim.study.stored import stored_treatment
from depsim.treatment import Regimen, Treatment

_STANDING = {"gain", "initial_gain", "damping_factor"}
"""The settings of a treatment that set how strongly hidden units respond."""


def gain_pairs(group: Group) -> list[Pair]:
    """Conditions whose treatments are two of different names that differ in their gain alone, the stronger one first.

    Those of one name that differ so lie along a setting and are compared there.
    """
    known = [
        (condition, made)
        for condition in group.conditions
        if (made := stored_treatment(condition.arm.settings)) is not None
    ]
    single = [(condition, made) for condition, made in known if not isinstance(made, Regimen)]
    pairs = []
    for (one, first), (other, second) in combinations(single, 2):
        alike = type(first) is type(second) and _rest(first) == _rest(second) and one.stage == other.stage
        if alike and one.arm.treatment != other.arm.treatment and _strength(first) != _strength(second):
            weaker = _strength(first) < _strength(second)
            pairs.append(Pair(other, one) if weaker else Pair(one, other))
    return pairs


def _rest(treatment: Treatment) -> dict[str, Any]:
    return treatment.model_dump(exclude=_STANDING)


def _strength(treatment: Treatment) -> float:
    """How far from 1 the multiplier of hidden activity is afterwards, either way."""
    activity = state_after(treatment.plan(), NO_DRUG).activity
    return 0.0 if activity is None else abs(math.log(activity.damping_factor))
