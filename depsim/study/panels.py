"""Panels: the same individuals under several conditions, named as the paper names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depsim.outcomes import metric_of
from depsim.stages import TREATED, WITHDRAWN
from depsim.study.components import without_crossed
from depsim.study.analyses.relapse import CYCLES_FREE, lasting
from depsim.study.groups import varied
from depsim.study.kept import kept
from depsim.study.naming import spell_pruned
from depsim.study.published import IGNORED_KEYS, differences, is_papers_treatment, published
from depsim.study.reading import Group, Study, StudyArm

UNTREATED = "untreated"
_PRUNED = "pathology.sparsity"


@dataclass(frozen=True)
class Condition:
    """A treatment at a stage.

    Args:
        name: as in the paper's tables: ``untreated``, ``neurosteroid withdrawn``; else the treatment's.
        arm: its individuals.
        stage: ``treated`` or ``withdrawn``.
    """

    name: str
    arm: StudyArm
    stage: str

    def values(self, column: str) -> dict[int, float]:
        """Seed to value of everyone who has a finite one; empty for what isn't measured at this stage."""
        metric = metric_of(self.stage, column)
        if metric is None:
            return {}
        if metric == CYCLES_FREE:
            found = lasting(self.arm)
            return dict(zip(found.seeds, found.cycles.tolist(), strict=True))
        measured = zip(self.arm.seeds, self.arm.values(metric), strict=True)
        return {seed: float(value) for seed, value in measured if np.isfinite(value)}


@dataclass(frozen=True, eq=False)
class Panel:
    """Conditions that differ in the treatment alone, one per treatment and stage.

    Args:
        name: short and unique in a study, for file names.
        title: in words: whose data, and how the surroundings differ from those of the study's other panels.
        data: ``shared`` or ``individual``.
        differs: how the surroundings differ from the paper's; empty where published values can be compared.
        conditions: in the order of the paper's tables, then by name.
        notes: what was left out, and why.
    """

    name: str
    title: str
    data: str
    differs: tuple[str, ...]
    conditions: tuple[Condition, ...]
    notes: tuple[str, ...]

    @property
    def is_papers(self) -> bool:
        """Whether everything but the treatments is as in the paper."""
        return not self.differs

    @property
    def seeds(self) -> tuple[int, ...]:
        """Everyone who has any of the conditions."""
        return tuple(sorted({seed for condition in self.conditions for seed in condition.arm.seeds}))

    @property
    def shared_seeds(self) -> tuple[int, ...]:
        """Those who have all conditions."""
        return tuple(sorted(set.intersection(*(set(condition.arm.seeds) for condition in self.conditions))))

    @property
    def missing(self) -> tuple[str, ...]:
        """The paper's conditions that are not here."""
        there = {condition.name for condition in self.conditions}
        return tuple(name for name in published()["rows"] if name not in there)

    def condition(self, name: str) -> Condition | None:
        """The condition of this name, if it is here."""
        return next((condition for condition in self.conditions if condition.name == name), None)


def align(columns: Sequence[dict[int, float]]) -> tuple[tuple[int, ...], np.ndarray]:
    """The individuals that all columns have, N of them, and their values (N, M).

    >>> align([{1: 10.0, 2: 20.0}, {2: 5.0, 3: 6.0}])
    ((2,), array([[20.,  5.]]))
    """
    seeds = tuple(sorted(set.intersection(*(set(column) for column in columns)))) if columns else ()
    values = np.array([[column[seed] for column in columns] for seed in seeds], dtype=np.float64)
    return seeds, values.reshape(len(seeds), len(columns))


@kept
def panels(study: Study) -> tuple[Panel, ...]:
    """The panels of a study, the one that says most about the paper first.

    First those with the paper's surroundings, then the ones with more of the paper's conditions, with more
    individuals, with shared data. Groups without one of the paper's treatments are no panels, nor are crossed designs.
    """
    found: list[Panel] = []
    groups = without_crossed(study).groups()
    for group, title in zip(groups, _titles(groups), strict=True):
        conditions, notes = _conditions(group)
        if not any(is_papers_treatment(condition.arm.settings) for condition in conditions):
            continue
        differs = differences(group.arms[0].settings)
        plain = group.data not in {panel.name for panel in found} and not differs
        name = group.data if plain else f"{group.data}_{len(found) + 1}"
        found.append(Panel(name, title, group.data, differs, conditions, notes))
    return tuple(sorted(found, key=lambda panel: (not panel.is_papers, *_size(panel))))


def _size(panel: Panel) -> tuple[int, int, bool]:
    return len(panel.missing), -len(panel.shared_seeds), panel.data != "shared"


def _conditions(group: Group) -> tuple[tuple[Condition, ...], tuple[str, ...]]:
    """One arm per treatment: the one with the paper's settings, or the only one of a treatment it does not have."""
    arms: dict[str, list[StudyArm]] = {}
    for arm in group.arms:
        if arm.individuals:
            arms.setdefault(arm.treatment, []).append(arm)
    chosen, notes = {}, []
    for treatment, candidates in arms.items():
        papers = [arm for arm in candidates if is_papers_treatment(arm.settings)]
        known = treatment in published()["treatments"]
        if papers:
            chosen[treatment] = papers[0]
        elif not known and len(candidates) == 1:
            chosen[treatment] = candidates[0]
        left = len(candidates) - (treatment in chosen)
        if left:
            kept = "beside the paper's" if treatment in chosen else "none of them the paper's"
            notes.append(f"{treatment}: {_settings(left)} left out here, {kept}.")
    rows = {tuple(place): name for name, place in published()["rows"].items()}
    conditions = []
    for treatment, arm in chosen.items():
        conditions.append(Condition(rows.get((treatment, TREATED), treatment), arm, TREATED))
        if any(metric.startswith(f"{WITHDRAWN}/") for person in arm.individuals for metric in person.metrics):
            name = rows.get((treatment, WITHDRAWN), f"{treatment} {WITHDRAWN}")
            conditions.append(Condition(name, arm, WITHDRAWN))
    order = list(published()["rows"])
    conditions.sort(key=lambda c: (order.index(c.name) if c.name in order else len(order), c.name))
    return tuple(conditions), tuple(notes)


def _settings(count: int) -> str:
    return "one arm with other settings is" if count == 1 else f"{count} arms with other settings are"


def _titles(groups: Sequence[Group]) -> list[str]:
    """Whose data, and the surroundings in which groups differ from each other; what all share is said once, elsewhere.

    Settings that make no other condition are named only where groups could not be told apart without.
    """
    told = varied([arm for group in groups for arm in group.arms])
    told = {key for key in told if key != "cohort.data" and any(key in group.surroundings for group in groups)}
    titles = [_title(group, sorted(told - {*IGNORED_KEYS})) for group in groups]
    times = Counter(titles)
    return [
        title if times[title] == 1 else ", ".join([title, *_spelled(group, sorted(told & {*IGNORED_KEYS}))])
        for group, title in zip(groups, titles, strict=True)
    ]


def _title(group: Group, told: Sequence[str]) -> str:
    whose = {"shared": "Shared data", "individual": "Individual data"}.get(group.data, group.data)
    if group.data == published()["paper"]["data"] and not differences(group.arms[0].settings):
        return f"{whose}, as in the paper"
    if told == [_PRUNED] and (pruned := spell_pruned(group.arms)):
        return f"{whose}, {pruned}"
    return ", ".join([whose, *_spelled(group, told)])


def _spelled(group: Group, keys: Sequence[str]) -> list[str]:
    return [f"{key}={group.surroundings[key]}" for key in keys if key in group.surroundings]
