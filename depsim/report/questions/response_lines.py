"""What changes with a number: outcomes along it, and where they are as good as at their best."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from depsim.outcomes import OUTCOMES, long_name, name_column, short_name
from depsim.report.cell import difference_cell, number_cell, p_cell
from depsim.report.parts import MOST_ROWS, CellOf, Figure, Finding, Table, table_of
from depsim.report.questions.differences import collapse_words, open_words
from depsim.report.questions.response_figure import MOST_WITH_PEOPLE, Places, draw
from depsim.report.setting_words import capital, fitting, from_to, label_of, spell_values, stem_of, which_levels
from depsim.report.words import n_words, number, plain, short
from depsim.stages import WITHDRAWN
from depsim.study.analyses.response import SettingLine, ends, levels
from depsim.study.estimate import Estimate

_MOST_LINES = 5


def line_finding(lines: Sequence[SettingLine], columns: Sequence[str]) -> Finding | None:
    """What a study says of a number that was varied; None where none of the outcomes was measured.

    Args:
        lines: the lines along it.
        columns: outcomes.
    """
    rows, changes = levels(lines, columns), ends(lines, columns)
    if not rows:
        return None
    key, name = lines[0].key, f"response_{stem_of(lines[0].key)}"
    places: dict[tuple[str, str], list[Estimate]] = {}
    for row in rows:
        places.setdefault((row.of("line"), row.of("outcome")), []).append(row)
    first_last = [condition.name for line in lines for condition in (line.conditions[0], line.conditions[-1])]
    return Finding(
        name=name,
        title=f"What changes with the {label_of(key)}?",
        sentence=_sentence(lines, places, changes, columns),
        rows=(*rows, *changes),
        table=_table(name, lines, places, changes),
        figure=Figure(f"{name}_lines", _caption(lines, rows), lambda: draw(lines, places, columns), rows),
        text=_text(changes),
        also=tuple(filter(None, (_levels_text(lines, places),))),
        open=open_words(changes),
        caution=_caution(rows) or collapse_words(changes),
        conditions=tuple(c.name for c in lines[0].conditions) if len(lines) == 1 else tuple(first_last),
    )


def outcome_words(column: str, numbers: str) -> str:
    """Numbers with the outcome that they are of."""
    words = OUTCOMES[column].with_values if column in OUTCOMES else f"{{}} in {name_column(column)}"
    return words.format(numbers)


def _sentence(lines: Sequence[SettingLine], places: Places, changes: Sequence[Estimate], columns: Sequence[str]) -> str:
    """From the first value to the last, of all outcomes; of several lines in as many as a sentence holds."""
    key, rows = lines[0].key, [row for levels in places.values() for row in levels]
    spans = {(line.values[0], line.values[-1]) for line in lines}
    lead = f"From {from_to(key, lines[0].values) if len(spans) == 1 else f'lowest to highest {label_of(key)}'}"
    if len(lines) == 1:
        asked = [column for column in columns if (lines[0].name, column) in places]
        parts = [outcome_words(column, _course(lines[0], places[lines[0].name, column])) for column in asked]
        tail = f"{', '.join(parts)} ({n_words(rows)})."
        return fitting([f"{lead}, accuracy {_verb(changes)} from {tail}", f"{lead}: {tail}"])
    asked = [column for column in columns if any((line.name, column) in places for line in lines)]
    shapes = ((most, outcomes) for most in (len(lines), 4, 3) for outcomes in (2, 1) if most <= len(lines))
    return fitting(
        [f"{lead}: {_by_line(lines[:most], places, asked[:count])} ({n_words(rows)})." for most, count in shapes]
    )


def _by_line(lines: Sequence[SettingLine], places: Places, columns: Sequence[str]) -> str:
    """Each line's ends; the names of the lines stand with the first outcome only."""
    parts: list[str] = []
    for column in columns:
        at = {"combined": "under combined stress", "internal_noise_2.5": "at sigma 2.5"}.get(column, short_name(column))
        numbers = []
        for line in lines:
            level_rows = places.get((line.name, column), [])
            both = f"{short(level_rows[0].value)}→{short(level_rows[-1].value)}" if level_rows else "–"
            numbers.append(both if parts else f"{inline(line.name)} {both}")
        parts.append(f"{at} {', '.join(numbers)}{'' if parts else ' %'}")
    return "; ".join(parts)


def inline(name: str) -> str:
    """A condition's name within a list.

    >>> inline("neurosteroid on, tanh, damping 0.5")
    'neurosteroid on (tanh, damping 0.5)'
    """
    first, _, rest = name.partition(", ")
    return f"{first} ({rest})" if rest else first


def _course(line: SettingLine, level_rows: Sequence[Estimate]) -> str:
    """The ends, and what lies between them where that is surely higher or lower than both."""
    means = [row.value if row.value is not None else np.nan for row in level_rows]
    both = " to ".join(_told_apart(level_rows[0].value, level_rows[-1].value))
    for extreme in {int(np.nanargmax(means)), int(np.nanargmin(means))} - {0, len(level_rows) - 1}:
        if all(_apart(level_rows[extreme], end) for end in (level_rows[0], level_rows[-1])):
            (value,) = spell_values(line.key, [line.value_of(level_rows[extreme])])
            return f"{both} ({short(level_rows[extreme].value)} at {value})"
    return both


def _told_apart(one: float | None, other: float | None) -> tuple[str, str]:
    """Two means, with a decimal more where they would read alike.

    >>> _told_apart(96.6, 97.2), _told_apart(63.6, 80.8)
    (('96.6', '97.2'), ('64', '81'))
    """
    texts = short(one), short(other)
    return texts if texts[0] != texts[1] or one == other else (number(one, 1), number(other, 1))


def _apart(one: Estimate, other: Estimate) -> bool:
    """Whether the simultaneous bands of two levels of a line have nothing in common."""
    ends = [(row.number("from_best_low"), row.number("from_best_high")) for row in (one, other)]
    (low, high), (low_other, high_other) = ends
    if low is None or high is None or low_other is None or high_other is None:
        return False
    return high < low_other or high_other < low


def _verb(changes: Sequence[Estimate]) -> str:
    accuracies = [row for row in changes if row.of("outcome") != "relapse_drop"]
    if accuracies and all(row.verdict == "yes" for row in accuracies):
        if all((row.value or 0) > 0 for row in accuracies):
            return "rises"
        if all((row.value or 0) < 0 for row in accuracies):
            return "falls"
    return "goes"


def _levels_text(lines: Sequence[SettingLine], places: Places) -> str:
    """Up to which value, or from which one on, outcomes are surely as good as at their best."""
    if len(lines) == 1:
        parts = []
        for (_, column), level_rows in places.items():
            if any("level" in row.more for row in level_rows):
                margin = plain(round(level_rows[0].number("margin") or 0, 1))
                parts.append(f"{short_name(column)} ({margin} points) {_within(lines[0], level_rows)}")
        what = "Within the smallest relevant difference of the best level (simultaneous 95 % bands)"
        return f"{what}: {', '.join(parts)}." if parts else ""
    column = next((column for _, column in places), "")
    parts = [
        f"{inline(line.name)} {_within(line, places[line.name, column])}"
        for line in lines[:_MOST_LINES]
        if any("level" in row.more for row in places.get((line.name, column), []))
    ]
    what = f"{capital(short_name(column))} is within the smallest relevant difference of its best level"
    return f"{what}: {', '.join(parts)}." if parts else ""


def _within(line: SettingLine, level_rows: Sequence[Estimate], sure: str = "within") -> str:
    if not any("level" in row.more for row in level_rows):
        return "–"
    chosen = [line.value_of(row) for row in level_rows if row.more.get("level") == sure]
    return which_levels(line.key, chosen, [line.value_of(row) for row in level_rows])


def _text(changes: Sequence[Estimate]) -> str:
    """How many outcomes change."""
    yes = sum(row.verdict == "yes" for row in changes)
    return f"Changed from the first to the last value: {yes} of {len(changes)} (sign-flip tests, Holm)."


def _caution(rows: Sequence[Estimate]) -> str:
    sizes = {row.n for row in rows}
    if len(sizes) == 1:
        return ""
    return f"Not all values have the same individuals ({n_words(rows)}); differences are of those who have both."


def _table(name: str, lines: Sequence[SettingLine], places: Places, changes: Sequence[Estimate]) -> Table:
    by_name = {line.name: line for line in lines}

    def cell(show: Callable[[SettingLine, list[Estimate]], str]) -> CellOf:
        return lambda row: show(by_name[row.of("how")], places[row.of("how"), row.of("outcome")])

    key = lines[0].key
    spans = {(line.values[0], line.values[-1]) for line in lines}
    first, last = spell_values(key, [lines[0].values[0], lines[0].values[-1]]) if len(spans) == 1 else ("first", "last")
    columns: dict[str, CellOf] = {
        "": lambda row: row.of("how"),
        "outcome": lambda row: long_name(row.of("outcome")),
        first: lambda row: number_cell(row.number("mean_b")),
        last: lambda row: number_cell(row.number("mean_a")),
        "change [95 % interval]": difference_cell,
        "p (Holm)": lambda row: p_cell(row.p_holm),
        "changes?": lambda row: row.verdict or "",
        "as good as the best": cell(lambda line, level_rows: _within(line, level_rows)),
        "surely worse": cell(lambda line, level_rows: _within(line, level_rows, "beyond")),
    }
    if len(lines) == 1:
        columns.pop("")
    note = (
        "As good: surely within the smallest relevant difference of the best value; worse: surely beyond it; else "
        "undecided (simultaneous 95 % bands)."
    )
    shown = sorted(changes, key=lambda row: list(by_name).index(row.of("how")))[:MOST_ROWS]
    return table_of(name, f"Changes in points, {n_words(changes)}", changes, columns, shown=shown, note=note)


def _caption(lines: Sequence[SettingLine], rows: Sequence[Estimate]) -> str:
    parts = ["Points: means over individuals, bands: 95 % intervals."]
    if len(lines) <= MOST_WITH_PEOPLE:
        parts.append("Thin lines: individuals.")
    if any(line.stage == WITHDRAWN for line in lines):
        parts.append("Broken: the drug withdrawn.")
    if len(lines) == 1 and any("level" in row.more for row in rows):
        parts.append("Grey: no relevant difference from the best.")
    return f"{' '.join(parts)} {n_words(rows)}."
