"""Drugs with a gain of hidden activity beside the same drugs without it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from depsim.model.state import NO_DRUG
from depsim.steps import state_after
from depsim.study.reading import StudyArm
from depsim.study.stored import stored_treatment
from depsim.treatment import Regimen, Treatment

_STANDING = {"gain", "initial_gain", "damping_factor"}
"""The settings of a treatment that set how strongly hidden units respond."""


def gain_pairs(arms: Sequence[StudyArm]) -> list[tuple[StudyArm, StudyArm]]:
    """Arms whose treatments are two of different names that differ in their gain alone, the stronger one first.

    Arms of one name that differ so lie along a setting and are compared there.
    """
    known = [(arm, own) for arm in arms if arm.individuals and (own := stored_treatment(arm.settings)) is not None]
    single = [(arm, own) for arm, own in known if not isinstance(own, Regimen)]
    found = []
    for (one, first), (other, second) in combinations(single, 2):
        alike = type(first) is type(second) and _rest(first) == _rest(second)
        if alike and one.treatment != other.treatment and _strength(first) != _strength(second):
            weaker = _strength(first) < _strength(second)
            found.append((other, one) if weaker else (one, other))
    return found


def _rest(treatment: Treatment) -> dict[str, Any]:
    return treatment.model_dump(exclude=_STANDING)


def _strength(treatment: Treatment) -> float:
    """How far from 1 the multiplier of hidden activity is afterwards, either way."""
    activity = state_after(treatment.plan(), NO_DRUG).activity
    return 0.0 if activity is None else abs(math.log(activity.damping_factor))
