"""Crossed designs: individuals made of every combination of held streams, to see which stream matters.

In such a design (``sweeps/variance_components.yaml``) a condition stands for one combination of streams, so there are
many conditions of one individual each. They answer a question of their own and belong in no other table.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from depsim.study.reading import Study, StudyArm

HOLD = "cohort.hold."
"""What the settings of held streams begin with; the name of the stream follows."""
_FREE = "null"
REMAINING = "all other"
"""Name of the factor that stands for the streams that nobody held, where a cell has several individuals."""


@dataclass(frozen=True)
class Balanced:
    """One outcome of a crossed design in every combination of levels, each once.

    Args:
        values: one per cell, (n,).
        levels: factor to the level of each cell, (n,) each, counted from 0.
        left_out: cells that were measured but lie outside the largest complete part found.
    """

    values: np.ndarray
    levels: Mapping[str, tuple[int, ...]]
    left_out: int

    @property
    def sizes(self) -> dict[str, int]:
        """How many levels each factor has."""
        return {name: len(set(codes)) for name, codes in self.levels.items()}


@dataclass(frozen=True)
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

    def balanced(self, metric: str) -> Balanced | None:
        """The largest complete part with a value in every cell, or None where no factor keeps two levels.

        Individuals of one cell differ in the streams that nobody held; all cells have the same ones, so they are one
        more factor.
        """
        cells: dict[tuple[str, ...], float] = {}
        for arm in self.arms:
            place = tuple(arm.settings[HOLD + stream] for stream in self.streams)
            for person, value in zip(arm.individuals, arm.values(metric), strict=True):
                if np.isfinite(value):
                    cells[*place, str(person.seed)] = float(value)
        return _largest_complete(cells, (*self.streams, REMAINING))


def crossed_designs(study: Study) -> list[Crossed]:
    """The crossed designs of a study, one per treatment and surroundings, in the order of the arms.

    Arms that differ in nothing but held streams are one when some stream is held at two or more seeds. A stream that
    is held at a single seed for everyone makes an ordinary study of individuals who have that stream in common.
    """
    families: dict[tuple[tuple[str, str], ...], list[StudyArm]] = {}
    for arm in study.arms:
        rest = tuple((key, value) for key, value in sorted(arm.settings.items()) if not key.startswith(HOLD))
        families.setdefault(rest, []).append(arm)
    found = []
    for rest, arms in families.items():
        seeds: dict[str, set[str]] = {}
        for key, value in (item for arm in arms for item in arm.settings.items() if item[0].startswith(HOLD)):
            seeds.setdefault(key.removeprefix(HOLD), set()).add(value)
        streams = tuple(sorted(name for name, values in seeds.items() if len(values - {_FREE}) > 1))
        held = tuple(arm for arm in arms if all(arm.settings[HOLD + name] != _FREE for name in streams))
        if streams:
            found.append(Crossed(arms[0].treatment, dict(rest), streams, held))
    return found


def without_crossed(study: Study) -> Study:
    """The study without the arms of its crossed designs: what every other table and figure is about."""
    crossed = {id(arm) for design in crossed_designs(study) for arm in design.arms}
    return replace(study, arms=tuple(arm for arm in study.arms if id(arm) not in crossed))


def _largest_complete(cells: Mapping[tuple[str, ...], float], names: Sequence[str]) -> Balanced | None:
    """Leave out the level with the largest share of missing cells until none is missing."""
    axes = [sorted({place[k] for place in cells}, key=int) for k in range(len(names))]
    while True:
        wanted = list(itertools.product(*axes))
        missing = [place for place in wanted if place not in cells]
        if not missing:
            break
        worst = max(
            ((k, level) for k, axis in enumerate(axes) for level in axis),
            key=lambda at: (
                sum(place[at[0]] == at[1] for place in missing) / (len(wanted) / len(axes[at[0]])),
                len(axes[at[0]]),
            ),
        )
        axes[worst[0]].remove(worst[1])
    if not any(len(axis) > 1 for axis in axes) or not wanted:
        return None
    kept = [k for k, axis in enumerate(axes) if len(axis) > 1]
    levels = {names[k]: tuple(axes[k].index(place[k]) for place in wanted) for k in kept}
    return Balanced(np.array([cells[place] for place in wanted]), levels, len(cells) - len(wanted))
