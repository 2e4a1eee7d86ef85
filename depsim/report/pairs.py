"""Questions about pairs of conditions: a question says which, and all else follows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from depsim.report.ask import Ask
from depsim.report.parts import Finding
from depsim.report.questions.differences import differences_sentence, finding
from depsim.study.analyses.contrasts import COLUMNS, Pair, contrasts
from depsim.study.estimate import Estimate
from depsim.study.groups import Group, groups
from depsim.study.reading import Study


class Pairs(Ask):
    """Whether the conditions of pairs differ, individual by individual.

    A question of one's own sets :attr:`word` and :attr:`title` and selects pairs. All of them and all outcomes are one
    family of tests (sign flips, Holm); sentence, table, figure and what remains open follow.

    Args:
        outcomes: columns of the outcomes; the primary ones where none are given.
    """

    title: ClassVar[str] = ""
    differ: ClassVar[tuple[str, ...]] = ("treatment",)
    """Keys, or the beginnings of keys, that conditions may differ in to be in one group."""

    outcomes: tuple[str, ...] = COLUMNS

    @abstractmethod
    def select(self, group: Group) -> Sequence[Pair]:
        """The pairs of a group; none where it has none to compare.

        Args:
            group: conditions of the same individuals.
        """

    def heading(self, group: Group) -> str:
        """The question, above its answer about a group."""
        return self.title

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return self.word

    def sentence(self, group: Group, rows: Sequence[Estimate]) -> str:
        """The answer: the differences, of many pairs the least and the most.

        Args:
            group: whose pairs they are.
            rows: a difference for each pair and outcome.
        """
        return differences_sentence(rows)

    def completed(self, made: Finding, parts: Sequence[Group], rows: Sequence[Estimate]) -> Finding:
        """The answer with what only this question adds.

        Args:
            made: as it follows from the pairs.
            parts: groups with pairs; the first one is shown.
            rows: of this one.
        """
        return made

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for all groups together; the first one is shown."""
        parts = [(group, pairs) for group in groups(study, self.differ) if (pairs := self.select(group))]
        tested = [contrasts(pairs, self.outcomes, group.key) for group, pairs in parts]
        if not tested or not tested[0]:
            return ()
        (group, pairs), first = parts[0], tested[0]
        every = tuple(row for rows in tested for row in rows)
        answer = self.sentence(group, first)
        made = finding(group, pairs, first, every, self.heading(group), self.stem, answer)
        return (self.completed(made, [group for group, _ in parts], first),)
