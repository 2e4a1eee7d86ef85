"""What varied settings are called, and how a page about one of them is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depsim.study.groups import varied
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
