"""Questions about conditions along something: a question says along what, and all else follows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from depsim.report.ask import Ask
from depsim.report.parts import Finding
from depsim.report.questions.curves import curve_finding, names_of
from depsim.study.analyses.course import ConditionCurve, curve
from depsim.study.groups import Condition, Group, groups
from depsim.study.reading import Study


class Curve(Ask):
    """How a measure changes along something that was examined in each individual.

    A question of one's own sets :attr:`word`, :attr:`title` and what the axes are, and says which metric stands where.
    Means with intervals, sentence, table and figure follow; individuals with all values count.
    """

    title: ClassVar[str] = ""
    x: ClassVar[str] = "x"
    """What it goes along, in words."""
    y: ClassVar[str] = "accuracy"
    """What is measured, in words."""
    unit: ClassVar[str] = "%"

    @abstractmethod
    def along(self, condition: Condition) -> Mapping[float, str]:
        """Place to column or metric; below two places a condition has no curve.

        Args:
            condition: that was examined.
        """

    def curves(self, group: Group) -> list[ConditionCurve]:
        """The curves of a group."""
        made = [curve(condition, self.along(condition)) for condition in group.conditions]
        return [one for one in made if one is not None]

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for all groups together; the first one is shown."""
        every = [(group, self.curves(group)) for group in groups(study, ("treatment",))]
        parts = [(group, curves) for group, curves in every if names_of(curves)]
        return (curve_finding(self.word, self.title, (self.x, self.y, self.unit), parts),) if parts else ()
