"""The paper as what a study is set beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.outcomes import PRIMARY
from depsim.paper.arm_claims import declared_hashes
from depsim.paper.conditions import published_cells
from depsim.paper.expected_precision import expected_precision
from depsim.paper.figure_4 import papers_rule
from depsim.paper.published import is_papers, is_papers_treatment, published, values
from depsim.stages import TREATED
from depsim.study.groups import Condition, Group
from depsim.study.reading import StudyArm
from depsim.study.reference import Cells, Reference

RULE = "the paper's"
_HIGHER_IS_BETTER = {outcome.column: outcome.higher_is_better for outcome in PRIMARY}


class Paper(Reference):
    """Its tables, its claims, the rule of its Figure 4, and how much individuals of its study differed here."""

    def cells(self, group: Group) -> Cells:
        """Tables 1 and 2."""
        return published_cells(group)

    def better(self, a: StudyArm, b: StudyArm, column: str) -> int:
        """By Table 1, whatever the settings."""
        rows = {tuple(place): name for name, place in published()["rows"].items()}
        theirs = {(value.row, value.column): value.mean for value in values("table_1")}
        first, second = (theirs.get((rows.get((arm.treatment, TREATED), ""), column)) for arm in (a, b))
        if a.treatment == b.treatment or first is None or second is None or first == second:
            return 0
        return 1 if (first > second) == _HIGHER_IS_BETTER[column] else -1

    def declared(self, relevant: Mapping[str, float]) -> Mapping[str, str]:
        """Its claims, and our own questions about its treatments."""
        return declared_hashes(relevant)

    def rules(
        self, conditions: Sequence[Condition], measures: Sequence[str], learners: np.ndarray, fresh: np.ndarray
    ) -> Mapping[str, np.ndarray]:
        """That of Figure 4."""
        chosen = papers_rule(conditions, measures, learners, fresh)
        return {} if chosen is None else {RULE: chosen}

    def foretell(self, planned: Sequence[tuple[Mapping[str, str], int]]) -> Sequence[str]:
        """From the spreads of the project's finding, for conditions that are the paper's."""
        papers = [(settings, n) for settings, n in planned if is_papers(settings) and is_papers_treatment(settings)]
        if not papers:
            return ()
        n, data = min(n for _, n in papers), papers[0][0]["cohort.data"]
        lines = expected_precision({settings["treatment"] for settings, _ in papers}, data, n)
        whom = f"{n:,} individual{'s' if n != 1 else ''}"
        head = f"What {whom} can tell, if they differ as those of docs/finding ({data} data):"
        return lines and [head, *lines]
