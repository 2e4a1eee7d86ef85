"""How settings of a multiverse, their bounds and shares of its points are put for people."""

from __future__ import annotations

import math

from depsim.report.setting_words import label_of
from depsim.report.words import number
from depsim.study.estimate import Estimate
from depsim.study.naming import name_treatment
from depsim.study.setting_range import COMMON_GROUPS, SettingRange

_OPTIONS = 3
"""Values that a sentence lists."""


def name_setting(key: str) -> str:
    """A setting of a multiverse in words; a treatment's with whose it is.

    >>> name_setting("ssri.learning_rate"), name_setting("pathology.sparsity")
    ('learning rate of ssri', 'share of synapses pruned')
    """
    first, _, rest = key.partition(".")
    if first in COMMON_GROUPS:
        return label_of(key)
    return f"{rest.replace('.', ' ').replace('_', ' ')} of {name_treatment(first)}"


def beyond_words(space: SettingRange, place: float, above: bool) -> str:
    """Values beyond a bound, as what a setting is.

    Args:
        space: what it may be.
        place: of the bound, 0 to 1.
        above: whether those above it are meant.

    >>> beyond_words(SettingRange(low=1e-6, high=1e-2, log=True), 0.5, above=True)
    'is above 0.0001'
    >>> beyond_words(SettingRange(values=["a", "b", "c"]), 0.75, above=False)
    'is a or b'
    """
    bound = space.number(place)
    if space.values is None:
        return f"is {'above' if above else 'below'} {bound:.3g}"
    chosen = space.names[math.ceil(bound) :] if above else space.names[: math.floor(bound) + 1]
    return f"is {' or '.join(chosen[:_OPTIONS])}"


def share_words(row: Estimate, unit: str = " %") -> str:
    """A share in per cent with its interval.

    >>> share_words(Estimate({}, 128, 96.9, 92.2, 98.8)), share_words(Estimate({}, 128, 96.9, 92.2, 98.8), "")
    ('97 % [92, 99]', '97 [92, 99]')
    """
    return f"{number(row.value, 0)}{unit} [{number(row.low, 0)}, {number(row.high, 0)}]"
