"""What was varied in a study, and the lines and grids that its arms make along it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.statistics import DoseResponse, fit_dose_response
from depsim.study.reading import Study, StudyArm, paired

_LATER = "follow_up."
"""Settings of what comes after treatment, which none of its outcomes can tell apart."""
_APART = ("cohort.", "device")
"""Settings whose values are never set side by side in one line: who the individuals are, and what computed them."""
_FEWEST_DOSES = 4
"""Levels that a dose-response curve needs: it has four parameters."""


@dataclass(frozen=True)
class Axis:
    """One setting and the values that it takes.

    Args:
        key: of the configuration.
        values: as texts, numbers by size.
        numeric: whether all values are numbers.
    """

    key: str
    values: tuple[str, ...]
    numeric: bool

    @property
    def positions(self) -> tuple[float, ...]:
        """Where the values lie: the numbers themselves, or 0, 1, ... where they are none."""
        return tuple(map(float, self.values)) if self.numeric else tuple(map(float, range(len(self.values))))


@dataclass(frozen=True)
class Line:
    """Arms that differ in one setting only.

    Args:
        treatment: the chosen file of ``conf/``.
        fixed: what tells it from the other lines of its axis, besides the treatment: key to value.
        values: of the axis, in its order.
        positions: where they lie on it.
        arms: one per value.
    """

    treatment: str
    fixed: Mapping[str, str]
    values: tuple[str, ...]
    positions: tuple[float, ...]
    arms: tuple[StudyArm, ...]

    def has(self, metric: str) -> bool:
        """Whether any arm was measured so."""
        return any(arm.has(metric) for arm in self.arms)

    def fit(self, metric: str, remaining: bool = False) -> DoseResponse | None:
        """A dose-response curve through the individuals that all arms share, or None where there is none.

        Args:
            metric: the response.
            remaining: whether the dose is what the axis leaves of 1, as with a share that is pruned.
        """
        seeds, values = paired(self.arms, metric)
        doses = 1 - np.array(self.positions) if remaining else np.array(self.positions)
        if len(self.arms) < _FEWEST_DOSES or not seeds or (doses < 0).any():
            return None
        return fit_dose_response(doses, values)


@dataclass(frozen=True)
class Grid:
    """Arms that differ in two numeric settings only, in every combination.

    Args:
        treatment: the chosen file of ``conf/``.
        fixed: what tells it from the other grids of its axes, besides the treatment.
        rows, columns: the two axes.
        arms: row by row.
    """

    treatment: str
    fixed: Mapping[str, str]
    rows: Axis
    columns: Axis
    arms: tuple[tuple[StudyArm, ...], ...]


@dataclass(frozen=True)
class Slice:
    """Arms that may be compared with each other: the same kind of data, of held streams and of device.

    Args:
        apart: what sets it apart from other slices of the study: key to value.
        arms: those with individuals.
    """

    apart: Mapping[str, str]
    arms: tuple[StudyArm, ...]

    def axes(self) -> list[Axis]:
        """The settings that differ between arms of one treatment, by key; never the treatment itself."""
        keys: set[str] = set()
        for treatment in {arm.treatment for arm in self.arms}:
            own = varied([arm for arm in self.arms if arm.treatment == treatment])
            keys |= {key for key in own if not key.startswith(_LATER)}
        found = []
        for key in sorted(keys):
            values = _in_order({arm.settings[key] for arm in self.arms if key in arm.settings})
            axis = Axis(key, values, all(_is_number(value) for value in values))
            if self.lines(axis):
                found.append(axis)
        return found

    def lines(self, axis: Axis) -> list[Line]:
        """The arms along one axis, one line per treatment and values of what else is varied."""
        families = self._families([axis.key])
        told = self._told_apart(families, [axis.key])
        places = dict(zip(axis.values, axis.positions, strict=True))
        lines = []
        for arms in families:
            table = {arm.settings[axis.key]: arm for arm in arms}
            if len(table) < 2 or len(table) < len(arms):
                continue
            values = tuple(value for value in axis.values if value in table)
            fixed = {key: arms[0].settings[key] for key in told if key in arms[0].settings}
            own = tuple(table[value] for value in values)
            lines.append(Line(arms[0].treatment, fixed, values, tuple(places[value] for value in values), own))
        return lines

    def grids(self, first: Axis, second: Axis) -> list[Grid]:
        """The complete grids over two numeric axes, one per treatment and values of what else is varied."""
        keys = [first.key, second.key]
        families = self._families(keys)
        told = self._told_apart(families, keys)
        grids = []
        for arms in families:
            table = {(arm.settings[first.key], arm.settings[second.key]): arm for arm in arms}
            rows = Axis(first.key, _in_order({row for row, _ in table}), True)
            columns = Axis(second.key, _in_order({column for _, column in table}), True)
            if min(len(rows.values), len(columns.values)) < 2 or len(table) < len(rows.values) * len(columns.values):
                continue
            cells = tuple(tuple(table[row, column] for column in columns.values) for row in rows.values)
            fixed = {key: arms[0].settings[key] for key in told if key in arms[0].settings}
            grids.append(Grid(arms[0].treatment, fixed, rows, columns, cells))
        return grids

    def _families(self, keys: Sequence[str]) -> list[list[StudyArm]]:
        """Arms that have all of these settings and differ in nothing else, together, in the order of the arms."""
        families: dict[tuple[tuple[str, str], ...], list[StudyArm]] = {}
        for arm in self.arms:
            if all(key in arm.settings for key in keys):
                rest = tuple(item for item in arm.settings.items() if not _belongs(item[0], keys))
                families.setdefault(rest, []).append(arm)
        return list(families.values())

    def _told_apart(self, families: Sequence[Sequence[StudyArm]], keys: Sequence[str]) -> list[str]:
        """Settings, but for those of the axes, in which families of one treatment differ."""
        told: set[str] = set()
        for treatment in {arms[0].treatment for arms in families}:
            told |= varied([arms[0] for arms in families if arms[0].treatment == treatment])
        return sorted(key for key in told if not _belongs(key, keys))


def slices(study: Study) -> list[Slice]:
    """The arms of a study that have individuals, in parts that may be compared, the largest part first."""
    arms = [arm for arm in study.arms if arm.individuals]
    keys = sorted(key for key in varied(arms) if key.startswith(_APART))
    parts: dict[tuple[tuple[str, str], ...], list[StudyArm]] = {}
    for arm in arms:
        parts.setdefault(tuple((key, arm.settings[key]) for key in keys), []).append(arm)
    ordered = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))
    return [Slice(dict(apart), tuple(own)) for apart, own in ordered]


def varied(arms: Sequence[StudyArm]) -> set[str]:
    """Keys with more than one value among the arms that have them.

    Who the individuals are and what computed them counts here; in a :class:`Slice` it is the same for all.
    """
    values: dict[str, set[str]] = {}
    for key, value in itertools.chain.from_iterable(arm.settings.items() for arm in arms):
        values.setdefault(key, set()).add(value)
    return {key for key, found in values.items() if len(found) > 1}


def _belongs(key: str, axes: Sequence[str]) -> bool:
    """Whether a setting is one of the axes, or a part of a choice that is one."""
    return any(key == axis or key.startswith(f"{axis}.") for axis in axes)


def _in_order(values: set[str]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda value: (float(value) if _is_number(value) else math.inf, value)))


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False
