"""Whether the paper's order of its conditions comes out, here and on other networks and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

from depsim.outcomes import PRIMARY
from depsim.paper.published import is_papers, published, values
from depsim.statistics import Verdict, detectable_difference
from depsim.study.analyses.contrasts import Pair, contrasts
from depsim.study.estimate import Estimate, Value
from depsim.study.groups import Condition, Group, groups
from depsim.study.reading import Study, StudyArm


class World(NamedTuple):
    """A network on a task, and the paper's treatments there.

    Args:
        name: task and network.
        named: its conditions by the paper's names of them. They are found by their treatments, whose epochs and the
            like may have to be others here.
        n: individuals.
    """

    name: str
    named: Mapping[str, Condition]
    n: int


def worlds(study: Study) -> tuple[World, ...]:
    """The networks and tasks on which a study has conditions of the paper that it puts in an order, the paper's first.

    Of several groups in one of them the largest counts, and of several settings of one treatment none: they are a
    question of their own.
    """
    largest: dict[tuple[str, str], Group] = {}
    for group in groups(study, ("treatment",)):
        key = group.arms[0].settings.get("task", ""), group.arms[0].model
        if key not in largest or _size(group) > _size(largest[key]):
            largest[key] = group
    made = [
        (is_papers(group.arms[0].settings), World(", ".join(key).replace("_", " "), _conditions(group), group.n))
        for key, group in largest.items()
    ]
    return tuple(world for _, world in sorted(made, key=lambda pair: not pair[0]) if len(world.named) > 1)


def orderings(world: World) -> tuple[Estimate, ...]:
    """A row for each order of two conditions that Table 1 gives in a primary outcome, as all pairs' contrasts have it.

    The verdict is "yes" where our difference is established and points as the published one does, "no" where it points
    the other way. ``more`` has the published difference, whether both conditions are treatments, and the difference
    that so many individuals would notice 8 times of 10.
    """
    control = next(name for name, (treatment, _) in published()["rows"].items() if treatment == "none")
    ordered = sorted(world.named.values(), key=lambda condition: condition.name == control)
    theirs = {(value.row, value.column): value.mean for value in values("table_1")}
    rows = []
    for row in contrasts([Pair(a, b) for a, b in combinations(ordered, 2)], [outcome.column for outcome in PRIMARY]):
        first, second = (theirs.get((row.of(side), row.of("outcome"))) for side in ("a", "b"))
        if first is None or second is None or first == second or row.value is None:
            continue
        tests = row.more["tests"]
        assert isinstance(tests, int)
        more: dict[str, Value] = {
            "published": round(first - second, published()["paper"]["decimals"]),
            "between_drugs": row.of("b") != control,
            "noticed": detectable_difference(row.sd, row.n, tests),
        }
        same = (row.value > 0) == (first > second)
        verdict: Verdict | None = "no" if row.verdict == "yes" and not same else row.verdict
        rows.append(row._replace(key={"world": world.name, **row.key}, verdict=verdict, more={**row.more, **more}))
    return tuple(rows)


def _size(group: Group) -> tuple[int, int]:
    return len({arm.treatment for arm in group.arms}), group.n


def _conditions(group: Group) -> dict[str, Condition]:
    arms: dict[str, list[StudyArm]] = {}
    for arm in group.arms:
        arms.setdefault(arm.treatment, []).append(arm)
    only = {treatment: treatment_arms[0] for treatment, treatment_arms in arms.items() if len(treatment_arms) == 1}
    return {
        row: Condition(row, only[treatment], stage)
        for row, (treatment, stage) in published()["rows"].items()
        if treatment in only and any(only[treatment].has(f"{stage}/{what}") for what in ("combined", "standard"))
    }
