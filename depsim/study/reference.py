"""What somebody published of conditions, set beside those of a study that are the same.

A reference is a class in the module ``reference`` of a room of depsim or of an allowed package
(:func:`depsim.registry.rooms`). Nothing else in ``study`` and ``report`` knows which there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from depsim.registry import import_below, rooms
from depsim.study.groups import Condition, Group
from depsim.study.reading import StudyArm

Cells = Mapping[tuple[str, str], float]
"""Published value by condition and column."""


class Reference:
    """A publication; what it says nothing of is left as it is here."""

    def cells(self, group: Group) -> Cells:
        """The published values of a group's conditions; empty where these are not what was published."""
        return {}

    def better(self, a: StudyArm, b: StudyArm, column: str) -> int:
        """1 where the first of two arms was published to be better in an outcome, -1 where the second was, else 0."""
        return 0

    def declared(self, relevant: Mapping[str, float]) -> Mapping[str, str]:
        """Name and hash of every claim that a run declares.

        Args:
            relevant: its smallest relevant differences.
        """
        return {}

    def rules(
        self, conditions: Sequence[Condition], measures: Sequence[str], learners: np.ndarray, fresh: np.ndarray
    ) -> Mapping[str, np.ndarray]:
        """Published rules that send individuals to treatments: by name, the place of each one's condition, (N,).

        Args:
            conditions: treatments that there are, more than one.
            measures: names of the P measures before treatment.
            learners: individuals that a rule may take medians from, (M, P).
            fresh: those that are sent, (N, P).
        """
        return {}

    def foretell(self, planned: Sequence[tuple[Mapping[str, str], int]]) -> Sequence[str]:
        """What a study will be able to tell, in lines; none where nothing is known beforehand.

        Args:
            planned: of each condition its settings and how many individuals it has.
        """
        return ()


def references() -> tuple[Reference, ...]:
    """Every one that there is."""
    return _references(rooms())


@cache
def _references(places: tuple[str, ...]) -> tuple[Reference, ...]:
    modules = [module for place in places for module in import_below(f"{place}.reference")]
    kinds = [
        (kind, module)
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Reference)
    ]
    return tuple(kind() for kind, module in kinds if kind.__module__ == module.__name__)


def published_cells(group: Group) -> Cells:
    """The published values of a group's conditions, of whichever reference has some."""
    return {place: value for reference in references() for place, value in reference.cells(group).items()}
