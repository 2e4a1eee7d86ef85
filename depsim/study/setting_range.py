"""A setting that a multiverse varies: what it may be, and where on its scale a value lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

from pydantic import model_validator

from depsim.component import Component

COMMON_GROUPS = ("task", "model", "training", "pathology", "follow_up", "assessment")
"""Groups of configuration that a multiverse varies for all its conditions; all other settings are a treatment's."""
_DIGITS = 4
"""Significant digits of a number that is chosen; more would say nothing about a range."""


class SettingRange(Component):
    """What one setting of a multiverse may be: numbers from ``low`` to ``high``, or one of some ``values``.

    Args:
        low, high: the bounds, both included, in the setting's unit.
        log: whether ratios matter instead of differences.
        values: what it may be, in the order in which it is drawn, in place of bounds.
        reason: why these; shown by ``--help``.
    """

    low: float | None = None
    high: float | None = None
    log: bool = False
    values: list[Any] | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if self.values is not None:
            if (self.low, self.high, self.log) != (None, None, False):
                raise ValueError("values stand alone; allowed are low and high, with log, or values")
            if len({str(value) for value in self.values}) < max(2, len(self.values)):
                raise ValueError(f"values={self.values}: needs at least two, none twice")
            return self
        if self.low is None or self.high is None:
            raise ValueError("an empty range; needs low and high, or values")
        self._require_bounds(self.low, self.high)
        return self

    def _require_bounds(self, low: float, high: float) -> None:
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ValueError(f"low={low:g} high={high:g}: both must be finite")
        if low == high:
            raise ValueError(f"low={low:g} high={high:g}: an empty range; high must be above low")
        if low > high:
            raise ValueError(f"low={low:g} high={high:g}: low must be below high")
        if self.log and low <= 0:
            raise ValueError(f"low={low:g} log=true: a logarithmic range must lie above 0")

    @property
    def corners(self) -> tuple[Any, ...]:
        """The values that are checked before anything runs: both ends, or all."""
        if self.values is not None:
            return tuple(self.values)
        return self._bound(self.low), self._bound(self.high)

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be, in words; empty for a range.

        >>> SettingRange(values=["a", [512, 256]]).names
        ('a', '512/256')
        """
        return tuple(str(value).strip("[]").replace(", ", "/") for value in self.values or ())

    @property
    def text(self) -> str:
        """In words, the same for the same range.

        >>> SettingRange(low=5, high=30).text, SettingRange(low=1e-6, high=1e-3, log=True).text
        ('5 to 30', '1e-06 to 0.001, log')
        """
        if self.values is not None:
            return f"one of {', '.join(map(str, self.values))}"
        return f"{self.low:g} to {self.high:g}{', log' if self.log else ''}"

    def at(self, share: float, whole: bool) -> Any:
        """The value at a place of the range.

        Args:
            share: of the way through it, from 0 to below 1.
            whole: whether it is a whole number; each one has the same share of the range, on its scale.

        >>> [SettingRange(low=1, high=4).at(share, True) for share in (0.0, 0.3, 0.999)]
        [1, 2, 4]
        >>> SettingRange(low=1e-6, high=1e-2, log=True).at(0.5, False)
        0.0001
        """
        if self.values is not None:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        low, high = self._ends(whole)
        place = low + share * (high - low)
        number = math.exp(place) if self.log else place
        if whole:
            return min(math.floor(number), int(self.high or 0))
        return min(max(float(f"{number:.{_DIGITS}g}"), self.low or 0.0), self.high or 0.0)

    def place(self, text: str) -> float:
        """Where a value lies on the scale: 0 at the lower bound, 1 at the upper one; outside of them beyond.

        Args:
            text: the value as a store holds it.

        >>> SettingRange(low=0.2, high=0.6).place("0.3"), SettingRange(values=["a", "b", "c"]).place("c")
        (0.25, 1.0)
        """
        if self.values is not None:
            names = [_bare(value) for value in self.values]
            return names.index(_bare(text)) / (len(names) - 1) if _bare(text) in names else math.nan
        low, high = self._ends(False)
        number = float(text)
        if self.log and number <= 0:
            return -math.inf
        share = ((math.log(number) if self.log else number) - low) / (high - low)
        return round(share, 12)

    def number(self, place: float) -> float:
        """The number at a place of the scale; of values in an order, which one it is from 0 on.

        >>> SettingRange(low=1e-6, high=1e-2, log=True).number(0.75), SettingRange(values=[1, 2, 3]).number(0.5)
        (0.001, 1.0)
        """
        if self.values is not None:
            return place * (len(self.values) - 1)
        low, high = self._ends(False)
        number = low + place * (high - low)
        return float(f"{math.exp(number) if self.log else number:.12g}")

    def _bound(self, number: float | None) -> float | int:
        assert number is not None
        return int(number) if float(number).is_integer() and abs(number) >= 1 else number

    def _ends(self, whole: bool) -> tuple[float, float]:
        """Both ends on the scale; of whole numbers the upper one is where the next would begin."""
        assert self.low is not None
        assert self.high is not None
        low, high = self.low, self.high + whole
        return (math.log(low), math.log(high)) if self.log else (low, high)


def _bare(value: Any) -> str:
    """A value however it is written: a list has blanks or none."""
    return str(value).replace(" ", "").replace("'", "")


def dump_space(space: Mapping[str, SettingRange]) -> dict[str, dict[str, Any]]:
    """Ranges as plain values, without their reasons."""
    return {key: of.model_dump(mode="json", exclude_defaults=True, exclude={"reason"}) for key, of in space.items()}


def load_space(dumped: Mapping[str, Mapping[str, Any]]) -> dict[str, SettingRange]:
    """Ranges from plain values."""
    return {key: SettingRange.model_validate(dict(values)) for key, values in dumped.items()}
