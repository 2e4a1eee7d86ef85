"""Which conditions of a study are the paper's, and what was published of them."""

from __future__ import annotations

from depsim.paper.published import is_papers, is_papers_treatment, published, values
from depsim.study.groups import Condition, Group


def papers_conditions(group: Group) -> dict[str, Condition]:
    """The conditions of the paper's tables that a group has, by the paper's names of them, in the paper's order."""
    rows = {tuple(place): name for name, place in published()["rows"].items()}
    have = {
        rows[condition.arm.treatment, condition.stage]: condition
        for condition in group.conditions
        if (condition.arm.treatment, condition.stage) in rows and is_papers_treatment(condition.arm.settings)
    }
    return {name: have[name] for name in published()["rows"] if name in have}


def published_cells(group: Group) -> dict[tuple[str, str], float]:
    """The published value of each condition and column; empty where the surroundings are not the paper's."""
    if not group.arms or not is_papers(group.arms[0].settings):
        return {}
    named = papers_conditions(group)
    cells = {(value.row, value.column): value.mean for table in ("table_2", "table_1") for value in values(table)}
    return {
        (named[row].name, column): value for (row, column), value in cells.items() if row in named and value is not None
    }
