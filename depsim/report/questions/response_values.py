"""Does it matter which value a setting has: paired differences between values that are no numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from depsim.outcomes import long_name, short_name
from depsim.report.parts import CellOf, Figure, Finding, table_of
from depsim.report.questions.differences import DIFFERENCE_COLUMNS, collapse_words, majority_words, open_words
from depsim.report.questions.response_lines import inline, outcome_words
from depsim.report.setting_words import capital, either, fitting, merged, spell_values, stem_of
from depsim.report.words import counted, n_words, number, short
from depsim.study.analyses.contrasts import Pair, contrasts
from depsim.study.analyses.response import SettingLine, in_order, levels, value_pairs
from depsim.study.analyses.response import number as as_number
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, align
from depsim.study.labels import setting_of

_MOST_PAIRS = 12
"""In the figure."""
_MOST_LINES = 3
"""That are named in a sentence which has no room for all."""


def values_finding(lines: Sequence[SettingLine], columns: Sequence[str]) -> Finding | None:
    """What a study says of a setting whose values are no numbers; None where nothing can be compared.

    Args:
        lines: the lines along it.
        columns: outcomes.
    """
    pairs = value_pairs(lines)
    rows, means = contrasts(pairs, columns), levels(lines, columns)
    if not rows:
        return None
    name, names = f"response_{stem_of(lines[0].key)}", _pair_names(lines, pairs)
    cells: dict[str, CellOf] = {**DIFFERENCE_COLUMNS}
    cells["A − B"] = lambda row: names[row.of("a"), row.of("b")]
    if not any(row.more.get("as_good") for row in rows):
        cells.pop("as good?")
    note = f"p adjusted by Holm over {len(rows)} tests.{majority_words(rows)}"
    if "as good?" in cells:
        note += " As good: within the smallest relevant difference."
    yes = sum(row.verdict == "yes" for row in rows)
    return Finding(
        name=name,
        title=f"{either(spell_values(lines[0].key, _values(lines)))}: does it matter?",
        sentence=_sentence(lines, means, rows, columns),
        rows=(*means, *rows),
        table=table_of(name, f"Paired differences in points, {n_words(rows)}", rows, cells, note=note),
        figure=Figure(f"{name}_differences", _caption(rows), lambda: _draw(pairs, rows, names), rows),
        text=f"{yes} of {counted(len(rows), 'paired difference')} are established (sign-flip tests, Holm).",
        also=tuple(filter(None, (_as_good(lines, rows),))),
        open=open_words(rows),
        caution=collapse_words(rows),
        conditions=tuple(condition.name for line in lines for condition in line.conditions),
    )


def _pair_names(lines: Sequence[SettingLine], pairs: Sequence[Pair]) -> Mapping[tuple[str, str], str]:
    """What a pair is called: its two values, after the line that they are of where there are several."""
    spelled = {
        condition.name: (f"{line.name}: " * (len(lines) > 1), text)
        for line in lines
        for condition, text in zip(line.conditions, spell_values(line.key, line.values), strict=True)
    }
    return {
        (pair.a.name, pair.b.name): f"{''.join(spelled[pair.a.name])} − {spelled[pair.b.name][1]}" for pair in pairs
    }


def _sentence(
    lines: Sequence[SettingLine], means: Sequence[Estimate], rows: Sequence[Estimate], columns: Sequence[str]
) -> str:
    """What is reached at each value, of all outcomes; of two values in several lines the range of their differences."""
    values, n = _values(lines), n_words(means)
    spelled = spell_values(lines[0].key, values)
    asked = [column for column in columns if any(row.of("outcome") == column for row in means)]
    if len(lines) > 1 and len(values) == 2:
        first, other = spell_values(lines[0].key, in_order(set(values)))
        parts = [outcome_words(column, _range(rows, column)).replace(" %", "") for column in asked]
        return f"{capital(first)} − {other}, points: {', '.join(parts)} ({counted(len(lines), 'comparison')}, {n})."
    lead = capital(merged(spelled, "/"))
    table = {(row.of("line"), row.key["x"], row.of("outcome")): row.value for row in means}

    def reached(line: SettingLine, column: str) -> str:
        return "/".join(short(table.get((line.name, as_number(value), column))) for value in values)

    if len(lines) == 1:
        parts = [outcome_words(column, reached(lines[0], column)) for column in asked]
        return f"{lead}: {', '.join(parts)} ({n})."
    sentences = []
    for most, count in ((len(lines), 2), (len(lines), 1), (_MOST_LINES, 1)):
        parts = []
        for column in asked[:count]:
            numbers = [f"{'' if parts else f'{inline(line.name)} '}{reached(line, column)}" for line in lines[:most]]
            parts.append(f"{short_name(column)} {', '.join(numbers)}{'' if parts else ' %'}")
        sentences.append(f"{lead}: {'; '.join(parts)} ({n}).")
    return fitting(sentences)


def _range(rows: Sequence[Estimate], column: str) -> str:
    """The least and the largest difference in an outcome."""
    differences = [row.value for row in rows if row.of("outcome") == column and row.value is not None]
    ends = (
        dict.fromkeys(number(value, 1, True) for value in (min(differences), max(differences)))
        if differences
        else {"–": None}
    )
    return " to ".join(ends)


def _as_good(lines: Sequence[SettingLine], rows: Sequence[Estimate]) -> str:
    """Which values are as good as the one that they are compared with; of several lines in the first outcome."""
    reference = setting_of(lines[0].key).reference
    if reference not in _values(lines):
        return ""
    columns = list(dict.fromkeys(row.of("outcome") for row in rows))[: None if len(lines) == 1 else 1]
    parts = []
    for line in lines:
        at = {condition.name: value for condition, value in zip(line.conditions, line.values, strict=True)}
        for column in columns:
            judged = [row for row in rows if row.of("a") in at and row.of("outcome") == column and row.more["as_good"]]
            good = spell_values(line.key, [at[row.of("a")] for row in judged if row.more["as_good"] == "yes"])
            if judged:
                who = short_name(column) if len(lines) == 1 else inline(line.name)
                parts.append(f"{who} {merged(good, ', ') if good else 'none'}")
    (name,) = spell_values(lines[0].key, [reference])
    where = "" if len(lines) == 1 else f" in {short_name(columns[0])}"
    return f"As good as {name}{where}: {'; '.join(parts)}." if parts else ""


def _values(lines: Sequence[SettingLine]) -> list[str]:
    """All values of a setting, the one that others are compared with first."""
    values = in_order({value for line in lines for value in line.values})
    reference = setting_of(lines[0].key).reference
    return sorted(values, key=lambda value: value != reference) if reference in values else list(values)


def _caption(rows: Sequence[Estimate]) -> str:
    grey = ", grey: no relevant difference" if any(row.more.get("as_good") for row in rows) else ""
    return f"Dots: individuals' differences A − B, line: their mean and 95 % interval{grey}. {n_words(rows)}."


def _draw(pairs: Sequence[Pair], rows: Sequence[Estimate], names: Mapping[tuple[str, str], str]) -> Any:
    from depsim.report.figures.condition_style import condition_styles
    from depsim.report.figures.estimation import Difference, draw_differences

    conditions: dict[str, Condition] = {condition.name: condition for pair in pairs for condition in (pair.a, pair.b)}
    shown, styles = list(names)[:_MOST_PAIRS], condition_styles(list(conditions.values()))
    panels: dict[str, list[Difference]] = {}
    for row in rows:
        pair, column = (row.of("a"), row.of("b")), row.of("outcome")
        if pair not in shown or row.value is None:
            continue
        both = align([conditions[name].values(column) for name in pair])[1]
        title = long_name(column)
        a, _, b = names[pair].partition(" − ")
        margin = row.number("margin")
        panels.setdefault(title, []).append(Difference(a, b, both[:, 0] - both[:, 1], row.value, row.interval, margin))
    return draw_differences(panels, {names[pair].partition(" − ")[0]: styles[pair[0]] for pair in names})
