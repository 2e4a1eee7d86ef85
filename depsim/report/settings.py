"""What varied settings are called, and how a page about one of them is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from depsim.study.axes import Axis, varied
from depsim.study.labels import Setting as Setting
from depsim.study.labels import setting_of as setting_of
from depsim.study.labels import spell_setting
from depsim.study.naming import name_condition
from depsim.study.reading import StudyArm

_DIGITS = 6
"""Significant digits of numbers."""


def spell_fixed(fixed: Mapping[str, str]) -> str:
    """What tells one line from another, in a few words.

    >>> spell_fixed({"treatment.bounded": "False", "treatment.regrow_fraction": "0.5"})
    'ReLU, 50 % regrown'
    """
    return ", ".join(spell_setting(key, value, _DIGITS) for key, value in fixed.items())


def arm_name(arm: StudyArm, arms: Sequence[StudyArm]) -> str:
    """A condition's treatment, and the settings in which it differs from its namesakes among these."""
    told = varied([other for other in arms if other.treatment == arm.treatment])
    return name_condition(arm.settings, told, _DIGITS)


def places(axis: Axis, values: tuple[str, ...]) -> list[float]:
    """Where values lie in a figure: pruning levels by the logarithm of what they leave, others as they are."""
    at = dict(zip(axis.values, axis.positions, strict=True))
    if logarithmic(axis):
        return [float(-np.log10(1 - at[value])) for value in values]
    return [at[value] for value in values]


def logarithmic(axis: Axis) -> bool:
    """Whether the axis shows the logarithm of what its value leaves of 1."""
    return setting_of(axis.key).dose == "remaining" and axis.numeric and max(axis.positions) < 1


def file_stem(key: str) -> str:
    """A key in the letters that files and anchors are named with.

    >>> file_stem("treatment.regrow_fraction")
    'treatment_regrow_fraction'
    """
    return re.sub(r"[^a-z0-9]+", "_", key.lower())
