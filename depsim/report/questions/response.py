"""How do outcomes change along a setting: one, or one by another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import ClassVar

from depsim.report.ask import Ask, Unasked, require
from depsim.report.parts import Finding
from depsim.report.questions.response_grid import grid_finding
from depsim.report.questions.response_lines import line_finding
from depsim.report.questions.response_values import values_finding
from depsim.study.analyses.contrasts import COLUMNS
from depsim.study.analyses.grid import grids
from depsim.study.analyses.response import is_number, lines
from depsim.study.components import without_crossed
from depsim.study.groups import varied
from depsim.study.naming import PLACEBO
from depsim.study.reading import Study

_NOT_COMPARED = ("cohort.", "device")
"""Settings of who the individuals are and what computed them, along which nothing is compared."""
_LATER = ("follow_up", "experiment", "task", "model", "assessment")
"""Settings along which nothing is shown unasked: they decide what is measured, or what comes after the treatment."""
_MOST_UNASKED = 4


class Response(Ask):
    """How outcomes change along a setting that was varied.

    Args:
        along: its key.
        by: a second key: whether the effect of the first one depends on it.
        outcomes: columns of the outcomes; the primary ones where none are given.
    """

    word: ClassVar[str] = "response"
    shorthand: ClassVar[str] = "along"

    along: str
    by: str | None = None
    outcomes: tuple[str, ...] = COLUMNS

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse a key that does not vary in the sweep."""
        keys = {key for key in varied if key != "treatment" and not key.startswith(_NOT_COMPARED)}
        require(self.word, "along", self.along, keys)
        require(self.word, "by", self.by, keys - {self.along})

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for all conditions along the setting."""
        finding = None
        if self.by is not None and (crossed := grids(study, self.along, self.by)):
            finding = grid_finding(crossed, self.outcomes)
        elif along := lines(study, self.along):
            numeric = all(is_number(value) for line in along for value in line.values)
            finding = (line_finding if numeric else values_finding)(along, self.outcomes)
        return () if finding is None else (finding,)

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """The settings that were varied."""
        return [Unasked(70, ask) for ask in default_responses(study)]


def default_responses(study: Study) -> tuple[Response, ...]:
    """What follows from the settings that were varied: numbers first, those with most values before the others.

    Two numbers that were varied in every combination are one question; each of them is asked alone where it was
    varied without the other one, too.
    """
    keys = _varied(study)
    numbers = {key: values for key, values in keys.items() if all(is_number(value) for value in values)}
    pairs = [(x, y) for x, y in combinations(sorted(numbers, key=_place), 2) if grids(study, x, y)]
    covered = {key for pair in pairs for key in pair if _is_covered(study, key, pair)}
    alone = sorted((key for key in numbers if key not in covered), key=lambda key: (-len(numbers[key]), key))
    steps = [key for key in alone if len(numbers[key]) > 2]
    others = [key for key in keys if key not in numbers]
    asked = [Response(along=key) for key in steps]
    asked += [Response(along=x, by=y) for x, y in pairs]
    asked += [Response(along=key) for key in (*others, *(key for key in alone if key not in steps))]
    return tuple(asked[:_MOST_UNASKED])


def _varied(study: Study) -> dict[str, set[str]]:
    """The settings that differ between arms of one treatment and may be compared along, with their values.

    What a placebo is of is none: placebos are compared with their treatments.
    """
    arms = [arm for arm in without_crossed(study).arms if arm.individuals and arm.treatment != PLACEBO]
    values_of: dict[str, set[str]] = {}
    for treatment in dict.fromkeys(arm.treatment for arm in arms):
        same_treatment = [arm for arm in arms if arm.treatment == treatment]
        for key in sorted(varied(same_treatment)):
            values_of.setdefault(key, set()).update(arm.settings[key] for arm in same_treatment if key in arm.settings)
    return {
        key: values
        for key, values in values_of.items()
        if not key.startswith((*_NOT_COMPARED, *_LATER))
        and not any(key.startswith(f"{other}.") for other in values_of)
        and lines(study, key)
    }


def _is_covered(study: Study, key: str, pair: tuple[str, str]) -> bool:
    """Whether all conditions along a key are in the grids over a pair."""
    inside = {cell.name for grid in grids(study, *pair) for cell in grid.cells}
    return {c.name for line in lines(study, key) for c in line.conditions} <= inside


def _place(key: str) -> tuple[bool, str]:
    """Treatments' settings first: their effects may depend on the others."""
    return not key.startswith("treatment."), key
