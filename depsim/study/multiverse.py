"""The multiverse of a study: which conditions are at which point, and whose individuals are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from depsim.execution.job import POINT as SETTING
from depsim.execution.job import PointRef
from depsim.study.setting_range import SettingRange, load_space
from depsim.tracking.mlflow_runs import ARM, POINT

PAPERS = 0
"""The number of the paper's own point."""


class PointCondition(NamedTuple):
    """A condition at a point.

    Args:
        point: its number.
        arm: what the condition is called at every point.
        arm_key: hash of what is done there.
        seeds: its individuals.
    """

    point: int
    arm: str
    arm_key: str
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Multiverse:
    """What a study varies, and where.

    Args:
        space: what each setting may be, by its key in the file.
        settings: of each point, by key, as text.
        conditions: every arm at every point, in the order in which they were run.
    """

    space: Mapping[str, SettingRange]
    settings: Mapping[int, Mapping[str, str]]
    conditions: tuple[PointCondition, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        """What the conditions are called, in the order of the first point."""
        return tuple(dict.fromkeys(condition.arm for condition in self.conditions))

    def at(self, arm: str) -> dict[int, PointCondition]:
        """Where an arm was run."""
        return {condition.point: condition for condition in self.conditions if condition.arm == arm}


def multiverse_of_runs(record: Mapping[str, Any], conditions: Iterable[Any]) -> Multiverse | None:
    """The multiverse that a store holds; None where there is none.

    Args:
        record: what the store keeps of it.
        conditions: the condition runs of the study, the oldest first.
    """
    runs = [run for run in conditions if POINT in run.data.tags]
    if not record or not runs:
        return None
    points = [
        (
            PointCondition(
                int(run.data.tags[POINT]),
                run.data.tags[ARM],
                run.data.tags["depsim.arm_key"],
                parse_seeds(run.data.params["cohort.seeds"]),
            ),
            {key.removeprefix(SETTING): text for key, text in run.data.params.items() if key.startswith(SETTING)},
        )
        for run in runs
    ]
    return _multiverse(load_space(record["space"]), points)


def multiverse_of_jobs(points: Sequence[tuple[PointRef, str, tuple[int, ...]]]) -> Multiverse | None:
    """The multiverse that jobs are; None where they are none.

    Args:
        points: where each job is, its arm key and its individuals.
    """
    if not points:
        return None
    made = [(PointCondition(ref.number, ref.arm, key, seeds), ref.settings) for ref, key, seeds in points]
    return _multiverse(load_space(points[0][0].space), made)


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds from how a store writes them.

    >>> parse_seeds("0-2,7")
    (0, 1, 2, 7)
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return tuple(seeds)


def _multiverse(
    space: Mapping[str, SettingRange], points: Sequence[tuple[PointCondition, Mapping[str, str]]]
) -> Multiverse:
    """Conditions at points, one for each arm and point: of several, the newest, with the individuals of all.

    Args:
        space: what is varied.
        points: a condition and the settings of its point, each; the oldest first.
    """
    conditions: dict[tuple[int, str], PointCondition] = {}
    settings: dict[int, Mapping[str, str]] = {}
    for condition, texts in points:
        place = condition.point, condition.arm
        before = conditions[place].seeds if place in conditions else ()
        conditions[place] = condition._replace(seeds=tuple(sorted({*before, *condition.seeds})))
        settings[condition.point] = texts
    order = sorted(conditions.values(), key=lambda condition: condition.point)
    return Multiverse(space, dict(sorted(settings.items())), tuple(order))
