"""Arms that may be compared with each other, and what differs between them: the one place where arms are put together.

Individuals are paired across the arms of a group and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from depsim.outcomes import metric_of
from depsim.stages import STAGES, TREATED, WITHDRAWN
from depsim.study.components import without_crossed
from depsim.study.naming import distinct, name_arms, name_at
from depsim.study.reading import Study, StudyArm
from depsim.study.stored import stored_collapse

NO_TREATMENT = "none"
"""The choice of treatment that does nothing."""
_OTHER_STAGE = {(TREATED, WITHDRAWN), *((WITHDRAWN, stage) for stage in STAGES if stage != WITHDRAWN)}
"""Stages of a condition, and of metrics that are not its own."""
_FEW_COLLAPSES = 4
"""Collapses up to which they decide a mean that says little of anybody."""
_FEWEST = 3
"""Individuals below which a group is left out beside a larger one."""


@dataclass(frozen=True, eq=False)
class Condition:
    """A treatment at a stage.

    Args:
        name: in its study, unique.
        arm: its individuals.
        stage: ``treated`` or ``withdrawn``.
    """

    name: str
    arm: StudyArm
    stage: str = TREATED

    @property
    def is_control(self) -> bool:
        """Whether nothing was done."""
        return self.arm.treatment == NO_TREATMENT

    def metric(self, column: str) -> str | None:
        """What MLflow calls an outcome here; None for what is not measured at this stage.

        Args:
            column: of the paper's tables, or a whole metric name, which belongs to the stage it begins with.
        """
        if "/" not in column:
            return metric_of(self.stage, column)
        stage = column.partition("/")[0]
        return column if stage == self.stage or (self.stage, stage) not in _OTHER_STAGE else None

    def values(self, column: str) -> dict[int, float]:
        """Seed to value of everyone who has a finite one."""
        metric = self.metric(column)
        if metric is None:
            return {}
        measured = zip(self.arm.seeds, self.arm.values(metric), strict=True)
        return {seed: float(value) for seed, value in measured if np.isfinite(value)}

    @cached_property
    def collapsed(self) -> frozenset[int]:
        """Seeds of those who lost the task itself: standard accuracy below ``assessment.collapse``."""
        limit = stored_collapse(self.arm.settings)
        return frozenset(seed for seed, value in self.values("standard").items() if value < limit)


def few_collapses(conditions: Iterable[Condition], seeds: Iterable[int]) -> int:
    """How many of these individuals collapsed under a condition where these are 1 to 4 and fewer than half; else 0.

    So few decide the mean, and another sample has others: no mean carries a verdict then.
    """
    everyone = frozenset(seeds)
    counts = [len(condition.collapsed & everyone) for condition in conditions]
    return max((count for count in counts if count <= _FEW_COLLAPSES and 2 * count < len(everyone)), default=0)


@dataclass(frozen=True, eq=False)
class Group:
    """Arms that differ in some settings only, so that their individuals are paired.

    Args:
        arms: in the order of the study, an arm with several names once.
        apart: what sets the group apart from the others of its kind in the study: key to value.
        conditions: each arm at each stage at which it was examined.
    """

    arms: tuple[StudyArm, ...]
    apart: Mapping[str, str]
    conditions: tuple[Condition, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Everyone who has any of the arms."""
        return tuple(sorted({seed for arm in self.arms for seed in arm.seeds}))

    @property
    def n(self) -> int:
        """Individuals."""
        return len(self.seeds)

    @property
    def control(self) -> Condition | None:
        """The untreated condition, if there is one and no more."""
        controls = [condition for condition in self.conditions if condition.is_control]
        return controls[0] if len(controls) == 1 else None

    @property
    def key(self) -> dict[str, str | float]:
        """What every row about it begins with, where a study has several such groups."""
        return dict(self.apart)


def groups(study: Study, differ: Sequence[str]) -> list[Group]:
    """The arms of a study in parts whose arms differ in these settings only, the largest part first.

    Args:
        study: crossed designs are left out.
        differ: keys, or the beginnings of keys: ``treatment`` is the treatment and all of its settings.
    """
    arms = [arm for arm in without_crossed(study).arms if arm.individuals and all(_has(arm, key) for key in differ)]
    names = name_arms(without_crossed(study).arms)
    parts: dict[tuple[tuple[str, str], ...], list[StudyArm]] = {}
    for arm in arms:
        rest = tuple(sorted((key, value) for key, value in arm.settings.items() if not belongs(key, differ)))
        parts.setdefault(rest, []).append(arm)
    # An arm with several names is one condition of a part.
    alone = {rest: distinct(part) for rest, part in parts.items()}
    apart = _varied_keys(dict(rest) for rest in parts)
    made = [
        Group(tuple(part), {key: value for key, value in rest if key in apart}, tuple(conditions(part, names)))
        for rest, part in alone.items()
    ]
    return sorted(made, key=lambda group: (-len(group.arms), -group.n, group.apart.get("cohort.data") != "shared"))


def conditions(arms: Iterable[StudyArm], names: Mapping[str, str]) -> list[Condition]:
    """Each arm at each stage at which it was examined; a drug that was withdrawn is one condition more.

    Args:
        arms: of one study.
        names: of the arms, by arm key.
    """
    made = []
    for arm in arms:
        off = any(metric.startswith(f"{WITHDRAWN}/") for metric in arm.metrics)
        for stage in (TREATED, WITHDRAWN) if off else (TREATED,):
            made.append(Condition(name_at(names[arm.arm_key], stage, off), arm, stage))
    return made


def align(columns: Sequence[Mapping[int, float]]) -> tuple[tuple[int, ...], np.ndarray]:
    """The individuals that all columns have, N of them, and their values (N, M).

    >>> align([{1: 10.0, 2: 20.0}, {2: 5.0, 3: 6.0}])
    ((2,), array([[20.,  5.]]))
    """
    seeds = tuple(sorted(set.intersection(*(set(column) for column in columns)))) if columns else ()
    values = np.array([[column[seed] for column in columns] for seed in seeds], dtype=np.float64)
    return seeds, values.reshape(len(seeds), len(columns))


def without_small_groups(study: Study) -> tuple[Study, tuple[StudyArm, ...]]:
    """The study without arms of fewer than three individuals where another has more, and the arms left out."""
    sizes = [len(arm.seeds) for arm in without_crossed(study).arms]
    if max(sizes, default=0) < _FEWEST:
        return study, ()
    remaining = {id(arm) for arm in study.arms} - {
        id(arm) for arm in without_crossed(study).arms if 0 < len(arm.seeds) < _FEWEST
    }
    left_out = tuple(arm for arm in study.arms if id(arm) not in remaining)
    if not left_out:
        return study, ()
    return replace(study, arms=tuple(arm for arm in study.arms if id(arm) in remaining)), left_out


def varied(arms: Iterable[StudyArm]) -> set[str]:
    """Keys with more than one value among the arms that have them."""
    return _varied_keys(arm.settings for arm in arms)


def belongs(key: str, prefixes: Sequence[str]) -> bool:
    """Whether a setting is one of these, or a part of a choice that is one."""
    return any(key == prefix or key.startswith(f"{prefix}.") for prefix in prefixes)


def _varied_keys(settings: Iterable[Mapping[str, str]]) -> set[str]:
    values: dict[str, set[str]] = {}
    for arm_settings in settings:
        for key, value in arm_settings.items():
            values.setdefault(key, set()).add(value)
    return {key for key, taken in values.items() if len(taken) > 1}


def _has(arm: StudyArm, key: str) -> bool:
    """Whether an arm has a setting, or, of a whole group of settings, is fine without."""
    return "." not in key or any(belongs(setting, (key,)) for setting in arm.settings)
