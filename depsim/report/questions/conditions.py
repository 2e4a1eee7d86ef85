"""How are the conditions: the small table of every page, and each individual as a dot."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from depsim.outcomes import OUTCOMES, PRIMARY, is_own, long_name, short_name
from depsim.report.ask import Ask, Unasked
from depsim.report.cell import Cell, mean_cell
from depsim.report.parts import Figure, Finding, Table, crosstab
from depsim.report.words import counted, means_sentence
from depsim.stages import TREATED
from depsim.statistics import interval_note
from depsim.study.analyses.estimates import COLUMNS, estimates
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, Group, groups
from depsim.study.reading import Study
from depsim.study.reference import published_cells
from depsim.study.stored import stored_collapse

_IN_A_SENTENCE, MOST_WORDS = 6, 30
"""Conditions that a sentence names, and its words but for n, at most."""
MOST_CONDITIONS = 8
"""Rows of the small table, and of a figure."""


class Estimates(Ask):
    """How the conditions are.

    Args:
        outcomes: columns of the outcomes; the primary ones where none are given.
    """

    word: ClassVar[str] = "estimates"
    shorthand: ClassVar[str] = "outcomes"

    outcomes: tuple[str, ...] = COLUMNS

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for all conditions that differ in the treatment alone; the largest such group is drawn."""
        parts = groups(study, ("treatment",))
        if not parts:
            return ()
        rows = [row for part in parts for row in rows_of(part, self.outcomes)]
        first = parts[0]
        sentence = sentence_of(first, rows)
        return (
            Finding(
                "estimates",
                "How are the conditions?",
                sentence,
                tuple(rows),
                figure=figure_of(first, self.outcomes),
                conditions=tuple(condition.name for condition in first.conditions),
            ),
        )

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """The conditions themselves, where there are no two to compare."""
        if any(len(group.conditions) > 1 for group in groups(study, ("treatment",))[:1]):
            return ()
        own = own_measurements(study)
        return [*([Unasked(190, cls(outcomes=own))] if own else []), Unasked(195, cls())]


def own_measurements(study: Study) -> tuple[str, ...]:
    """What probes of one's own measured of treated networks."""
    names = {name for arm in study.arms for name in arm.metrics}
    return tuple(sorted(name for name in names if name.startswith(f"{TREATED}/") and is_own(name)))


def rows_of(group: Group, outcomes: Sequence[str] = COLUMNS) -> tuple[Estimate, ...]:
    """The rows of a group's conditions, with the published values where there are any."""
    return estimates(group.conditions, outcomes, group.key, published_cells(group))


def sentence_of(group: Group, rows: Sequence[Estimate]) -> str:
    """What the conditions of a group reach, as many of them in as many outcomes as a sentence holds."""
    group_rows = [row for row in rows if all(row.key.get(key) == value for key, value in group.key.items())]
    every = {row.of("outcome"): short_name(row.of("outcome")) for row in group_rows}
    n = f"n = {group.n}" if group.n > 1 else f"one individual, seed {group.seeds[0]}" if group.n else "nobody"
    for most in range(_IN_A_SENTENCE, 0, -1):
        names = [condition.name for condition in group.conditions[:most]]
        columns = dict(list(every.items())[: 2 if len(names) > 2 else 3])
        means = means_sentence(group_rows, columns, names)
        if len(means.split()) <= MOST_WORDS:
            break
    return f"{means} ({n})." if means else f"{counted(group.n, 'individual')}, nothing measured."


def overview(study: Study, first: Sequence[str]) -> Table | None:
    """The conditions by the primary outcomes, at most eight rows.

    Args:
        study: whose.
        first: names of the conditions that the answer is about; they come first.
    """
    parts = groups(study, ("treatment",)) if study.multiverse is None else []  # its points are no conditions to list
    rows = tuple(row for part in parts for row in rows_of(part))
    if not rows:
        return None
    every = dict.fromkeys(row.of("condition") for row in rows)
    order = [*(name for name in first if name in every), *(name for name in every if name not in set(first))]
    sizes = sorted({row.n for row in rows})
    n = f"n = {sizes[0]}" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]}"
    what = "mean [95 % interval]" if sizes[-1] > 2 else "values" if sizes[-1] == 1 else "means"
    published = " | published" if any("published" in row.more for row in rows) else ""
    limits = {stored_collapse(arm.settings) for part in parts for arm in part.arms}
    note = " ".join(filter(None, (_collapse_note(rows, order[:MOST_CONDITIONS], limits), _coverage_note(sizes))))
    return crosstab(
        "conditions",
        f"Conditions, {what}{published}, {n}",
        rows,
        "condition",
        {outcome.column: outcome.heading for outcome in PRIMARY},
        _cell,
        only=order,
        most=MOST_CONDITIONS,
        heading="",
        note=note,
    )


def _collapse_note(rows: Sequence[Estimate], names: Sequence[str], limits: Collection[float]) -> str:
    """The share of each condition that collapsed, which its mean hides; empty where nobody did, or all."""
    shares = {row.of("condition"): row.more.get("collapsed") for row in rows}
    some = [f"{name} {share:.3g}" for name in names if isinstance(share := shares.get(name), float) and 0 < share < 100]
    below = f" (below {next(iter(limits)):g} % standard accuracy)" if len(limits) == 1 else ""
    return f"Collapsed{below}, % of individuals: {', '.join(some)}." if some else ""


def _coverage_note(sizes: Sequence[int]) -> str:
    """How often the intervals hold the mean where that may be below 90 %; empty without intervals."""
    note = interval_note(sizes[0], bounded=True) if sizes[0] > 2 else ""
    return f"{note[:1].upper()}{note[1:]}." if note else ""


def _cell(row: Estimate) -> Cell:
    return replace(mean_cell(row), reference=row.number("published"))


def figure_of(group: Group, outcomes: Sequence[str] = COLUMNS, name: str = "individuals") -> Figure | None:
    """Every individual of a group's conditions as a dot, with the mean and its interval, and published values."""
    conditions = group.conditions[:MOST_CONDITIONS]
    rows = estimates(conditions, outcomes, group.key, published_cells(group))
    if not rows:
        return None
    published = any("published" in row.more for row in rows)
    marks = ", line: mean and 95 % interval" if group.n > 2 else ""
    diamonds = ", diamonds: the published individual" if published else ""
    caption = f"Dots: individuals{marks}{diamonds}. {_n_words(group)}"
    return Figure(name, caption, lambda: _draw(conditions, rows, outcomes), rows)


def _n_words(group: Group) -> str:
    return f"n = {group.n}." if group.n > 1 else "One individual."


def _draw(conditions: Sequence[Condition], rows: Sequence[Estimate], outcomes: Sequence[str]) -> Any:
    from depsim.report.figures.condition_style import condition_styles
    from depsim.report.figures.strips import Strip, draw_strips

    places: Mapping[tuple[str, str], Estimate] = {(row.of("condition"), row.of("outcome")): row for row in rows}
    panels = {}
    for column in outcomes:
        strips = []
        for condition in conditions:
            row = places.get((condition.name, column))
            if row is not None and row.value is not None:
                theirs = row.more.get("published")
                values = np.array([*condition.values(column).values()])
                published = float(theirs) if isinstance(theirs, int | float) else None
                strips.append(Strip(condition.name, values, row.value, row.interval, published))
        if strips:
            name, unit = long_name(column), OUTCOMES[column].unit if column in OUTCOMES else ""
            panels[name] = (unit, strips)
    return draw_strips(panels, condition_styles(conditions))
