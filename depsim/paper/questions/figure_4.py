"""Does the paper's Figure 4 name the right drug: for how many of each kind its sentences hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from depsim.paper.figure_4 import kinds
from depsim.report.ask import Ask, Unasked
from depsim.report.cell import count_cell, mean_cell, number_cell, p_cell
from depsim.report.parts import Finding, table_of
from depsim.report.words import number
from depsim.statistics.triage import LEARNERS
from depsim.study.analyses.traits import differing, drugs
from depsim.study.estimate import Estimate
from depsim.study.groups import groups
from depsim.study.reading import Study

_FEWEST_FRESH = 40
"""Individuals beyond those that a rule is learned on, for an interval worth reading."""


class Figure4(Ask):
    """Whether the paper's sentences about who needs which drug hold for most of these, and for fewer others."""

    word: ClassVar[str] = "figure_4"

    def findings(self, study: Study) -> Sequence[Finding]:
        """One; none without the paper's drugs and traits that differ."""
        parts = groups(study, ("treatment",))
        rows = kinds(parts[0]) if parts else ()
        if not rows:
            return ()
        judged = any(part.n > LEARNERS for part in parts)
        holds = "; ".join(
            f"{row.of('says')} for {number(row.value, 0)} % {_ends(row)} with {row.of('who')} "
            f"(others {number(_others(row), 0)} %)"
            for row in rows[:2]
        )
        columns = {
            "individuals": lambda row: row.of("who"),
            "the paper": lambda row: row.of("says"),
            "n": lambda row: count_cell(row.n),
            "holds for, %": lambda row: mean_cell(row, 0),
            "for the others, %": lambda row: number_cell(_others(row), 0),
            "p (Holm)": lambda row: p_cell(row.p_holm),
            "for most?": lambda row: row.verdict or "",
        }
        title = "Does the paper's Figure 4 name the right drug?"
        text = (
            "A sentence about a kind of individual says something of that kind where it holds for fewer of the others."
        )
        table = table_of(
            "kinds", "For how many each sentence holds", rows, columns, note="Best by area; exact tests of half."
        )
        needed = LEARNERS + _FEWEST_FRESH
        unknown = (
            "" if judged else f"No rule yet: it is learned on {LEARNERS} and scored on others (`cohort.size={needed}`)."
        )
        return (Finding("kinds", title, f"{holds[:1].upper()}{holds[1:]}.", rows, table, text=text, open=unknown),)

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """Where a rule is learned, too."""
        parts = [group for group in groups(study, ("treatment",)) if differing(group)]
        asked = any(len(drugs(group)) > 1 and group.n > LEARNERS for group in parts)
        return (Unasked(32, cls()),) if asked else ()


def _ends(row: Estimate) -> str:
    return f"[{number(row.low, 0)}, {number(row.high, 0)}]"


def _others(row: Estimate) -> float | None:
    value = row.more.get("others")
    return float(value) if isinstance(value, int | float) else None
