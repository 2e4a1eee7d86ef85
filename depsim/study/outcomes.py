"""What a study is judged by: four outcomes fixed before any run; everything else is exploratory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """Something measured of an individual.

    Args:
        column: the metric without its stage.
        name: in words.
        unit: of its values; differences are in points either way.
        higher_is_better: whether more of it is healthier.
    """

    column: str
    name: str
    unit: str
    higher_is_better: bool


PRIMARY = (
    Outcome("combined", "combined stress", "%", True),
    Outcome("internal_noise_2.5", "extreme noise (sigma 2.5)", "%", True),
    Outcome("resilience_auc", "area under the resilience curve", "%", True),
    Outcome("relapse_drop", "relapse drop", "points", False),
)
"""The primary outcomes: contrasts on them are one family of tests."""
_NAMES = {outcome.column: outcome.name for outcome in PRIMARY}


def is_primary(column: str) -> bool:
    """Whether a column is a primary outcome."""
    return column in _NAMES


def name_column(column: str) -> str:
    """A column in words.

    >>> name_column("internal_noise_1.5"), name_column("relapse_drop"), name_column("clean")
    ('sigma 1.5', 'relapse drop', 'clean')
    """
    return column.replace("internal_noise_", "sigma ").replace("_", " ")
