"""Whether what holds of the paper's network and task holds of others: its orderings and claims in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from depsim.statistics import detectable_difference
from depsim.study.claims import claims
from depsim.study.components import without_crossed
from depsim.study.contrasts import Ordering, contrasts, orderings
from depsim.study.findings import NOT_MEASURED, Finding, judge
from depsim.study.kept import kept
from depsim.study.panels import Condition, Panel
from depsim.study.published import is_papers, published
from depsim.study.reading import Group, Study, StudyArm

Key = tuple[str, str, str]
"""Outcome and the two conditions of an ordering."""


@dataclass(frozen=True, eq=False)
class World:
    """A network and a task, and the paper's treatments there.

    Args:
        name: task and model.
        panel: the conditions, found by the names of their treatments, as epochs may have to be others here.
        is_papers: whether everything but the treatments is as in the paper.
        orderings: the paper's, with what became of them here.
        findings: the paper's claims that were measured here.
    """

    name: str
    panel: Panel
    is_papers: bool
    orderings: tuple[Ordering, ...]
    findings: tuple[Finding, ...]

    @property
    def n(self) -> int:
        """Individuals."""
        return len(self.panel.seeds)

    def ordering(self, key: Key) -> Ordering | None:
        """What became of an ordering here; None where it was not measured."""
        return next((one for one in self.orderings if key_of(one) == key), None)

    def noticed(self, one: Ordering) -> float | None:
        """The smallest difference, in points, that so many individuals would have noticed 8 times of 10."""
        return detectable_difference(one.pair.contrast.difference.sd, one.pair.contrast.n, len(contrasts(self.panel)))


@kept
def generality(study: Study) -> tuple[World, ...]:
    """The networks and tasks of a study, the paper's first; empty where there is one only.

    Of several conditions of one treatment in one of them, none is taken: they are a question of their own.
    """
    largest: dict[tuple[str, str], Group] = {}
    for group in without_crossed(study).groups():
        key = group.arms[0].settings.get("task", ""), group.arms[0].model
        if key not in largest or _size(group) > _size(largest[key]):
            largest[key] = group
    if len(largest) < 2:
        return ()
    found = [_world(", ".join(key), group) for key, group in largest.items()]
    return tuple(sorted((world for world in found if world.orderings), key=lambda world: not world.is_papers))


def keys_of(worlds: Sequence[World]) -> tuple[Key, ...]:
    """The orderings that were measured anywhere, as the first world has them."""
    return tuple(dict.fromkeys(key_of(one) for world in worlds for one in world.orderings))


def key_of(one: Ordering) -> Key:
    """By what an ordering is found in another world."""
    return one.pair.outcome.name, one.pair.a, one.pair.b


def answers(worlds: Sequence[World], key: Key) -> tuple[str, ...]:
    """What became of an ordering in each world that has it."""
    return tuple(one.answer for world in worlds if (one := world.ordering(key)) is not None)


def _size(group: Group) -> tuple[int, int]:
    return len({arm.treatment for arm in group.arms}), max(len(arm.seeds) for arm in group.arms)


def _world(name: str, group: Group) -> World:
    arms: dict[str, list[StudyArm]] = {}
    for arm in group.arms:
        if arm.individuals:
            arms.setdefault(arm.treatment, []).append(arm)
    only = {treatment: own[0] for treatment, own in arms.items() if len(own) == 1}
    panel = Panel(name, name, group.data, (), _conditions(only), ())
    told = tuple(one for one in judge(panel, claims()) if one.verdict != NOT_MEASURED)
    return World(name, panel, is_papers(group.arms[0].settings), orderings(contrasts(panel)), told)


def _conditions(arms: Mapping[str, StudyArm]) -> tuple[Condition, ...]:
    return tuple(
        Condition(row, arms[treatment], stage)
        for row, (treatment, stage) in published()["rows"].items()
        if treatment in arms and any(arms[treatment].has(f"{stage}/{what}") for what in ("combined", "standard"))
    )
