"""Crossed designs: individuals made of combinations of held streams, to see which stream matters.

In such a design (``sweeps/variance_components.yaml``, an orthogonal array) a condition stands for one combination of
streams, so there are many conditions of one individual each. They answer a question of their own and belong in no
other table: two networks that share streams are not two individuals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from depsim.execution.job import HOLD
from depsim.statistics.variance import VarianceSplit, split_variance
from depsim.study.object_cache import once_per_object
from depsim.study.reading import Study, StudyArm

_FREE = "null"
REMAINING = "all other"
"""Name of the factor that stands for the streams that nobody held, where a cell has several individuals."""


@dataclass(frozen=True)
class CrossedValues:
    """One outcome of a crossed design.

    Args:
        values: one per run, (n,).
        levels: factor to the level of each run, (n,) each: the seed that is held.
    """

    values: np.ndarray
    levels: Mapping[str, tuple[int, ...]]

    @property
    def sizes(self) -> dict[str, int]:
        """How many levels each factor has."""
        return {name: len(set(codes)) for name, codes in self.levels.items()}


@dataclass(frozen=True, eq=False)
class Crossed:
    """One treatment in combinations of held streams.

    Args:
        treatment: the chosen file of ``conf/``.
        settings: what all its arms share.
        streams: the streams that are held at two or more seeds.
        arms: one per combination.
    """

    treatment: str
    settings: Mapping[str, str]
    streams: tuple[str, ...]
    arms: tuple[StudyArm, ...]

    def values(self, metric: str) -> CrossedValues:
        """One outcome of all runs, NaN where it was not measured.

        Individuals of one combination differ in the streams that nobody held; all combinations have the same ones, so
        they are one more factor.
        """
        values, runs = [], []
        for arm in self.arms:
            place = [int(arm.settings[HOLD + stream]) for stream in self.streams]
            values += list(arm.values(metric))
            runs += [(*place, seed) for seed in arm.seeds]
        columns = zip((*self.streams, REMAINING), zip(*runs, strict=True), strict=False)  # none without a run
        return CrossedValues(np.array(values), {name: levels for name, levels in columns if len(set(levels)) > 1})


@lru_cache(maxsize=64)
def split_design(design: Crossed, metric: str) -> tuple[CrossedValues, VarianceSplit] | None:
    """One outcome of a design and its variance split, or None where it has none, as :func:`split_variance` says."""
    crossed = design.values(metric)
    try:
        return crossed, split_variance(crossed.values, crossed.levels)
    except ValueError:
        return None


@once_per_object
def crossed_designs(study: Study) -> list[Crossed]:
    """The crossed designs of a study, one per treatment and surroundings, in the order of the arms.

    Arms that hold the same streams and differ in nothing but their seeds are one when some stream is held at two or
    more. A stream that is held at a single seed for everyone makes an ordinary study of individuals who have that
    stream in common.
    """
    families: dict[tuple[tuple[str, str], ...], list[StudyArm]] = {}
    for arm in study.arms:
        unheld = [(key, value) for key, value in sorted(arm.settings.items()) if not key.startswith(HOLD)]
        families.setdefault((*unheld, *((HOLD, name) for name in _held(arm))), []).append(arm)
    designs = []
    for rest, arms in families.items():
        streams = tuple(name for name in _held(arms[0]) if len({arm.settings[HOLD + name] for arm in arms}) > 1)
        if streams:
            settings = {key: value for key, value in rest if key != HOLD}
            designs.append(Crossed(arms[0].treatment, settings, streams, tuple(arms)))
    return designs


def _held(arm: StudyArm) -> list[str]:
    """The streams that an arm holds."""
    held = sorted(key for key, value in arm.settings.items() if key.startswith(HOLD) and value != _FREE)
    return [key.removeprefix(HOLD) for key in held]


@once_per_object
def without_crossed(study: Study) -> Study:
    """The study without the arms of its crossed designs: what every other table and figure is about."""
    crossed = {id(arm) for design in crossed_designs(study) for arm in design.arms}
    return replace(study, arms=tuple(arm for arm in study.arms if id(arm) not in crossed))
