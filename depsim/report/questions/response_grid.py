"""Does the effect of one setting depend on another one: a map of each outcome, and where effects differ most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from depsim.outcomes import OUTCOMES, name_column, short_name
from depsim.report.cell import Cell, difference_cell, p_cell
from depsim.report.parts import MOST_ROWS, CellOf, Figure, Finding, Table, table_of
from depsim.report.questions.differences import open_words
from depsim.report.questions.response_lines import outcome_words
from depsim.report.setting_words import capital, fitting, from_to, label_of, merged, stem_of
from depsim.report.words import difference, n_words, p_value, plain, short
from depsim.study.analyses.grid import SettingGrid, grid_levels, interactions
from depsim.study.analyses.response import number
from depsim.study.estimate import Estimate
from depsim.study.labels import setting_of, spell_setting

_DIGITS = 6


def grid_finding(grids: Sequence[SettingGrid], columns: Sequence[str]) -> Finding | None:
    """What a study says of two settings that were varied in every combination; None where nothing was measured.

    Args:
        grids: the grids over them.
        columns: outcomes.
    """
    rows, tests = grid_levels(grids, columns), interactions(grids, columns)
    if not rows:
        return None
    first = grids[0]
    name = f"response_{stem_of(first.x)}_by_{stem_of(first.y)}"
    return Finding(
        name=name,
        title=f"Does the effect of the {label_of(first.x)} depend on the {label_of(first.y)}?",
        sentence=_sentence(grids, rows, tests),
        rows=(*rows, *tests),
        table=_table(name, grids, rows, tests),
        figure=Figure(f"{name}_map", _caption(first, rows), lambda: _draw(grids, rows), rows),
        text=_text(tests),
        also=tuple(filter(None, (_largest(first, tests),))),
        open=open_words(tests) if any(row.verdict == "too few" for row in tests) else _undecided(tests),
        conditions=tuple(cell.name for cell in first.cells),
    )


def _sentence(grids: Sequence[SettingGrid], rows: Sequence[Estimate], tests: Sequence[Estimate]) -> str:
    """The range of all outcomes over the first grid, and in how many of them effects depend on each other."""
    first = grids[0]
    mine = [row for row in rows if row.of("line") == first.name]
    judged = [row for row in tests if row.of("line") == first.name]
    asked = list(dict.fromkeys(row.of("outcome") for row in mine))
    where = f"{_range_of(first.x, first.x_values)} by {_range_of(first.y, first.y_values)}"
    parts = [outcome_words(column, _range(_values(mine, column))) for column in asked]
    ranges = f"{where}{f' ({first.name})' if len(grids) > 1 else ''}: {', '.join(parts)} ({n_words(mine)})."
    if not judged or all(row.verdict == "too few" for row in judged):
        return ranges
    yes = sum(row.verdict == "yes" for row in judged)
    return fitting([f"Effects depend on each other in {yes} of {len(judged)} outcomes; {ranges}", ranges])


def _range_of(key: str, values: Sequence[str]) -> str:
    return from_to(key, values, "–")


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{short(low)}{' to ' if low < 0 else '–'}{short(high)}"


def _values(rows: Sequence[Estimate], column: str) -> list[float]:
    return [row.value for row in rows if row.of("outcome") == column and row.value is not None]


def _text(tests: Sequence[Estimate]) -> str:
    """The verdict of each outcome, line by line where there are several."""
    by_line: dict[str, list[str]] = {}
    for row in tests:
        verdict = f"{short_name(row.of('outcome'))} {row.verdict} (p {p_value(row.p_holm)})"
        by_line.setdefault(row.of("line"), []).append(verdict)
    parts = [f"{f'{line}: ' * (len(by_line) > 1)}{', '.join(verdicts)}" for line, verdicts in by_line.items()]
    return f"Does the effect depend on it? {'; '.join(parts)}. Holm over {len(tests)} tests." if tests else ""


def _largest(first: SettingGrid, tests: Sequence[Estimate]) -> str:
    parts = [f"{short_name(row.of('outcome'))} {difference(row)}" for row in tests if row.of("line") == first.name]
    return f"Largest differences of effects, points (simultaneous intervals): {', '.join(parts)}." if parts else ""


def _undecided(tests: Sequence[Estimate]) -> str:
    rows = [row for row in tests if row.verdict == "undecided"]
    if not rows:
        return ""
    parts = [f"{short_name(row.of('outcome'))} {difference(row)}" for row in rows]
    return f"Undecided whether effects depend on each other: {', '.join(parts)} points."


def _table(name: str, grids: Sequence[SettingGrid], rows: Sequence[Estimate], tests: Sequence[Estimate]) -> Table:
    by_name = {grid.name: grid for grid in grids}

    def extreme(pick: Callable[[Sequence[float]], float]) -> CellOf:
        def show(row: Estimate) -> Cell:
            mine = [
                level
                for level in rows
                if (level.of("line"), level.of("outcome")) == (row.of("line"), row.of("outcome"))
            ]
            value = pick([level.value for level in mine if level.value is not None])
            cell = next(level for level in mine if level.value == value)
            grid = by_name[row.of("line")]
            where = f"({_spell(grid.x, cell.key['x'])}, {_spell(grid.y, cell.key['y'])})"
            return Cell(value, spelled=short(value), after=where)

        return show

    columns: dict[str, CellOf] = {
        "": lambda row: row.of("line"),
        "outcome": lambda row: short_name(row.of("outcome")),
        "lowest": extreme(min),
        "highest": extreme(max),
        "largest difference of effects [95 %]": difference_cell,
        "between": lambda row: _between(by_name[row.of("line")], row),
        "p (Holm)": lambda row: p_cell(row.p_holm),
        "depends?": lambda row: row.verdict or "",
    }
    if len(grids) == 1:
        columns.pop("")
    note = (
        f"How much more the first change does at the last value than at the value before it, the largest of all such; "
        f"intervals are simultaneous over them. p of sign flips, Holm over {len(tests)} tests."
    )
    title = f"Means and differences of effects, points, {n_words(tests)}"
    return table_of(name, title, tests, columns, shown=tests[:MOST_ROWS], note=note)


def _between(grid: SettingGrid, row: Estimate) -> str:
    """The two levels of each setting that a difference of effects is between."""
    x = merged([_spell(grid.x, row.more[end]) for end in ("x_low", "x_high")], " to ")
    y = merged([_spell(grid.y, row.more[end]) for end in ("y_low", "y_high")], " to ")
    return f"{x}; at {y}"


def _spell(key: str, value: object) -> str:
    return spell_setting(key, plain(value) if isinstance(value, int | float) else str(value), _DIGITS)


def _caption(first: SettingGrid, rows: Sequence[Estimate]) -> str:
    return (
        f"Means over individuals ({n_words(rows)}) at each {label_of(first.x)} and {label_of(first.y)}; each map has "
        "colours of its own range."
    )


def _draw(grids: Sequence[SettingGrid], rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.heat_map import HeatMap, draw_heat_maps

    first = grids[0]
    table = {(row.of("outcome"), row.key["x"], row.key["y"]): row for row in rows if row.of("line") == first.name}
    maps = []
    for column in dict.fromkeys(column for column, *_ in table):
        places = [[table.get((column, number(x), number(y))) for x in first.x_values] for y in first.y_values]
        mean = np.array([[np.nan if p is None or p.value is None else p.value for p in line] for line in places])
        known = OUTCOMES.get(column)
        maps.append(HeatMap(f"{known.name}, {known.unit}" if known else name_column(column), mean))
    x, y = setting_of(first.x), setting_of(first.y)
    return draw_heat_maps(
        maps, [y.spell(v) for v in first.y_values], [x.spell(v) for v in first.x_values], (capital(y.label), x.label)
    )
