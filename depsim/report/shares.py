"""Questions about individuals of whom something holds: a question says what, and all else follows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from depsim.report.ask import Ask
from depsim.report.cell import count_cell, mean_cell
from depsim.report.parts import CellOf, Figure, Finding, table_of
from depsim.report.words import mean_interval, n_words
from depsim.statistics import exact_proportion
from depsim.study.estimate import Estimate, of_proportion
from depsim.study.groups import Condition, Group, groups
from depsim.study.reading import Study

_IN_A_SENTENCE, _MOST_ROWS_DRAWN = 5, 12


class Shares(Ask):
    """In what share of individuals something holds, condition by condition.

    A question of one's own sets :attr:`word`, :attr:`title` and :attr:`of`, and says of whom it holds. Clopper and
    Pearson's interval, sentence, table and figure follow.
    """

    title: ClassVar[str] = ""
    of: ClassVar[str] = ""
    """Whose share it is, in words, such as ``below 90 % standard accuracy``."""

    @abstractmethod
    def holds(self, condition: Condition) -> Mapping[int, bool]:
        """Seed to whether it holds, of those in whom it was measured.

        Args:
            condition: that was examined.
        """

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for all groups together; the first one is shown."""
        parts = [(group, self._rows(group)) for group in groups(study, ("treatment",))]
        parts = [(group, rows) for group, rows in parts if rows]
        return (shares_finding(self.word, self.title, self.of, parts),) if parts else ()

    def _rows(self, group: Group) -> list[Estimate]:
        told = [(condition, [*self.holds(condition).values()]) for condition in group.conditions]
        return [
            of_proportion(
                {**group.key, "condition": condition.name, "outcome": self.word}, exact_proportion(np.array(holds))
            )
            for condition, holds in told
            if holds
        ]


def shares_finding(
    name: str,
    title: str,
    of: str,
    parts: Sequence[tuple[Group, Sequence[Estimate]]],
    more: Mapping[str, CellOf] = {},
) -> Finding:
    """The answer to a question about shares of individuals.

    Args:
        name: of its files.
        title: the question.
        of: whose shares they are, in words.
        parts: groups with a row for each condition; the first one is shown.
        more: further columns of its table.
    """
    group, rows = parts[0]
    every = tuple(row for _, part_rows in parts for row in part_rows)
    shares = ", ".join(f"{row.of('condition')} {mean_interval(row, 0)}" for row in rows[:_IN_A_SENTENCE])
    columns: dict[str, CellOf] = {
        "condition": lambda row: row.of("condition"),
        rows[0].of("outcome").replace("_", " "): lambda row: count_cell(row.number("count") or 0, row.n),
        "% [95 % interval]": lambda row: mean_cell(row, 0),
        **more,
    }
    note = "Clopper and Pearson's interval."
    return Finding(
        name=name,
        title=title,
        sentence=f"{of[:1].upper()}{of[1:]}: {shares} ({n_words(rows)}).",
        rows=every,
        table=table_of(name, f"Individuals {of}", every, columns, shown=rows, note=note),
        figure=shares_figure(name, group, rows, {rows[0].of("outcome"): rows[0].of("outcome").replace("_", " ")}),
        conditions=tuple(row.of("condition") for row in rows),
    )


def shares_figure(name: str, group: Group, rows: Sequence[Estimate], panels: Mapping[str, str]) -> Figure:
    """The share of individuals of each condition with its interval.

    Args:
        name: of its files.
        group: whose conditions they are.
        rows: of each condition and outcome.
        panels: outcome to title.
    """
    conditions = [
        condition for condition in group.conditions if any(row.of("condition") == condition.name for row in rows)
    ]
    shown = {condition.name for condition in conditions[:_MOST_ROWS_DRAWN]}
    drawn = tuple(row for row in rows if row.of("condition") in shown)

    def draw() -> Any:
        from depsim.report.figures.condition_style import condition_styles
        from depsim.report.figures.rates import Rate, draw_rates

        styles = condition_styles(conditions)
        rates = {
            title: [
                Rate(row.of("condition"), styles[row.of("condition")], row.value or 0.0, row.interval)
                for row in drawn
                if row.of("outcome") == outcome
            ]
            for outcome, title in panels.items()
        }
        return draw_rates({title: panel for title, panel in rates.items() if panel}, "individuals, %")

    return Figure(name, f"Share of individuals with its 95 % interval. {n_words(drawn)}.", draw, drawn)
