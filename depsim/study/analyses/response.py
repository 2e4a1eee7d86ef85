"""How outcomes change along a setting: levels, and how far each is from the best one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.outcomes import PRIMARY
from depsim.stages import TREATED, WITHDRAWN
from depsim.statistics import FEWEST_FOR_INFERENCE, level_span
from depsim.study.analyses.contrasts import COLUMNS, RELAPSE_DROP, Pair, contrasts, margin_of
from depsim.study.analyses.estimates import estimates
from depsim.study.estimate import Estimate, Value
from depsim.study.groups import Condition, Group, align, belongs, groups
from depsim.study.labels import setting_of
from depsim.study.naming import name_at, name_conditions
from depsim.study.reading import Study, StudyArm

_HIGHER_IS_BETTER = {outcome.column: outcome.higher_is_better for outcome in PRIMARY}


@dataclass(frozen=True, eq=False)
class SettingLine:
    """Conditions that differ in one setting only, on the same individuals.

    Args:
        name: what sets it apart from the other lines: the treatment, what else differs, and whether the drug is off.
        series: the same without whether the drug is off.
        key: of the setting.
        values: that it takes, numbers by size, K of them.
        conditions: one for each.
    """

    name: str
    series: str
    key: str
    values: tuple[str, ...]
    conditions: tuple[Condition, ...]

    @property
    def treatment(self) -> str:
        """The choice in ``conf/treatment``."""
        return self.conditions[0].arm.treatment

    @property
    def stage(self) -> str:
        """``treated`` or ``withdrawn``."""
        return self.conditions[0].stage

    def value_of(self, row: Estimate) -> str:
        """The value that a row of :func:`levels` is of, as a store holds it."""
        return next(value for value in self.values if number(value) == row.key["x"])

    def has(self, column: str) -> bool:
        """Whether an outcome was measured at any level, and says something of these individuals."""
        return is_asked(self.conditions, column)

    def paired(self, column: str) -> np.ndarray:
        """The values of those who were measured at all levels, (N, K)."""
        return align([condition.values(column) for condition in self.conditions])[1]


def lines(study: Study, key: str) -> list[SettingLine]:
    """The conditions of a study along one setting, a line for each of its treatments, stages and other settings.

    Args:
        study: of which.
        key: of the setting.
    """
    parts = [part for part in groups(study, (key,)) if len(part.arms) > 1]
    key_lines = []
    for part, name in zip(parts, names_of(parts, (key,)), strict=True):
        arms = {arm.settings[key]: arm for arm in part.arms if key in arm.settings}
        values = in_order(arms)
        for stage, at_stage in by_stage(part).items():
            if len(at_stage) == len(arms):  # else two of them differ in more than the value of the key
                off = any(condition.stage == WITHDRAWN for condition in part.conditions)
                at = tuple(at_stage[arms[value].arm_key] for value in values)
                key_lines.append(SettingLine(name_at(name, stage, off), name, key, values, at))
    return key_lines


def levels(lines: Sequence[SettingLine], columns: Sequence[str] = COLUMNS) -> tuple[Estimate, ...]:
    """A row for each line, level and outcome: the mean of those who were measured there.

    Its further columns: ``from_best`` and its simultaneous 95 % interval, over those who were measured at all levels,
    where 0 is the best level and less is worse; ``level``, whether it is surely ``within`` the smallest relevant
    difference (``margin``) of the best one, ``beyond`` it, or ``undecided``.

    Args:
        lines: lines along one setting.
        columns: outcomes.
    """
    rows = []
    for line in lines:
        asked = [column for column in columns if line.has(column)]
        places = {condition.name: value for condition, value in zip(line.conditions, line.values, strict=True)}
        more = {column: _level_columns(line, column) for column in asked}
        for row in estimates(line.conditions, asked):
            condition, column = row.of("condition"), row.of("outcome")
            value = places[condition]
            key = {"line": line.name, "x": number(value), "condition": condition, "outcome": column}
            rows.append(row._replace(key=key, more={**row.more, **more[column][line.values.index(value)]}))
    return tuple(rows)


def ends(lines: Sequence[SettingLine], columns: Sequence[str] = COLUMNS) -> tuple[Estimate, ...]:
    """The last level of each line against its first one: one family of tests over lines and outcomes.

    Args:
        lines: lines along one setting.
        columns: outcomes.
    """
    pairs = [Pair(line.conditions[-1], line.conditions[0], line.name) for line in lines]
    return contrasts(pairs, columns)


def value_pairs(lines: Sequence[SettingLine]) -> list[Pair]:
    """Every two values of each line, or each one against the value that its setting is compared with.

    An arm with several names is not compared with itself.
    """
    pairs = []
    for line in lines:
        reference = setting_of(line.key).reference
        at = dict(zip(line.values, line.conditions, strict=True))
        if reference in at:
            pairs += [Pair(a, at[reference]) for a in line.conditions]
        else:
            every = line.conditions
            pairs += [Pair(a, b) for place, a in enumerate(every) for b in every[place + 1 :]]
    return [pair for pair in pairs if pair.a.arm.arm_key != pair.b.arm.arm_key]


def is_number(value: str) -> bool:
    """Whether a stored value is a number.

    >>> is_number("1e-05"), is_number("null"), is_number("nan")
    (True, False, False)
    """
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def number(value: str) -> float | str:
    """A stored value as a number where it is one."""
    return float(value) if is_number(value) else value


def in_order(values: Sequence[str] | set[str] | dict[str, StudyArm]) -> tuple[str, ...]:
    """Values by size, then those that are no numbers by name."""
    return tuple(sorted(values, key=lambda value: (float(value) if is_number(value) else math.inf, value)))


def is_asked(conditions: Sequence[Condition], column: str) -> bool:
    """Whether an outcome was measured under any of these conditions and says something of them.

    Untreated individuals have no part in the relapse drop, as who is at the floor cannot fall.
    """
    if column == RELAPSE_DROP and any(condition.is_control for condition in conditions):
        return False
    return any(condition.values(column) for condition in conditions)


def names_of(parts: Sequence[Group], keys: Sequence[str]) -> list[str]:
    """Of each part its treatment, and what sets it apart from the others."""
    rest = [{k: v for k, v in part.arms[0].settings.items() if not belongs(k, keys)} for part in parts]
    return name_conditions(rest)


def by_stage(part: Group) -> dict[str, dict[str, Condition]]:
    """The conditions of a group by stage and arm."""
    at_stage: dict[str, dict[str, Condition]] = {}
    for condition in part.conditions:
        at_stage.setdefault(condition.stage, {})[condition.arm.arm_key] = condition
    return {stage: at_stage[stage] for stage in (TREATED, WITHDRAWN) if stage in at_stage}


def _level_columns(line: SettingLine, column: str) -> list[dict[str, Value]]:
    """What a row says beside its mean, for each level."""
    values = line.paired(column)
    if not len(values):
        return [{} for _ in line.values]
    pair = Pair(line.conditions[-1], line.conditions[0])
    higher, means = _HIGHER_IS_BETTER.get(column, True), values.mean(axis=0)
    best = means.max() if higher else means.min()
    margin = margin_of(pair, column, values)
    columns: list[dict[str, Value]] = [{"from_best": -abs(float(mean - best)), "margin": margin} for mean in means]
    if margin is None or len(values) < FEWEST_FOR_INFERENCE:
        return columns
    span = level_span(values, margin, higher)
    for place, level in enumerate(columns):
        sure = "within" if span.within[place] else "beyond" if span.beyond[place] else "undecided"
        level |= {"from_best_low": float(span.low[place]), "from_best_high": float(span.high[place]), "level": sure}
    return columns
