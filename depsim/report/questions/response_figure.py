"""The figure of outcomes along a number: means with bands, and each individual where lines are few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from depsim.outcomes import OUTCOMES, name_column
from depsim.stages import WITHDRAWN
from depsim.study.analyses.response import SettingLine, in_order
from depsim.study.estimate import Estimate
from depsim.study.labels import setting_of

MOST_WITH_PEOPLE = 2
"""Lines up to which individuals are drawn."""
_LINE_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#6b6b6b", "#000000")
_LINE_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
"""For lines that do not differ in the treatment: Okabe and Ito's palette again."""

Places = Mapping[tuple[str, str], list[Estimate]]
"""The levels of each line and outcome, in order."""


def draw(lines: Sequence[SettingLine], places: Places, columns: Sequence[str]) -> Any:
    """The figure: a panel per outcome, each line in it.

    Args:
        lines: lines along one setting.
        places: their levels.
        columns: outcomes.
    """
    from depsim.report.figures.lines import Panel, draw_lines

    at, styles = _positions(lines), _styles(lines)
    panels = []
    for column in columns:
        drawn = [
            _drawn_line(line, style, places[line.name, column], column, at, detailed=len(lines) <= MOST_WITH_PEOPLE)
            for line, style in zip(lines, styles, strict=True)
            if (line.name, column) in places
        ]
        if drawn:
            known = OUTCOMES.get(column)
            title, unit = (known.name, known.unit) if known else (name_column(column), "")
            panels.append(Panel(title, unit, tuple(drawn), _alike(lines, places, column)))
    values = in_order({value for line in lines for value in line.values})
    return draw_lines(panels, setting_of(lines[0].key).label, [(at(float(value)), value) for value in values])


def _drawn_line(
    line: SettingLine,
    style: tuple[str, str],
    level_rows: Sequence[Estimate],
    column: str,
    at: Callable[[float], float],
    detailed: bool,
) -> Any:
    from depsim.report.figures.condition_style import ConditionStyle
    from depsim.report.figures.lines import Line as Drawn

    mean, low, high = np.array([_drawn(row) for row in level_rows]).T
    off = line.stage == WITHDRAWN
    return Drawn(
        label=line.name,
        style=ConditionStyle(*style, "--" if off else "-", off),
        x=np.array([at(float(line.value_of(row))) for row in level_rows]),
        mean=mean,
        low=low,
        high=high,
        people=line.paired(column) if detailed and len(level_rows) == len(line.values) else None,
    )


def _drawn(row: Estimate) -> tuple[float, float, float]:
    """The mean and its interval; of equal values the interval has no width."""
    mean = np.nan if row.value is None else row.value
    low, high = row.interval or ((mean, mean) if row.more.get("may_differ") is not None else (np.nan, np.nan))
    return mean, low, high


def _alike(lines: Sequence[SettingLine], places: Places, column: str) -> tuple[float, float] | None:
    """The range of no relevant difference from the best mean of a line that is alone."""
    level_rows = places.get((lines[0].name, column), [])
    if len(lines) > 1 or not any("level" in row.more for row in level_rows):
        return None
    higher = OUTCOMES[column].higher_is_better if column in OUTCOMES else True
    means = [row.value for row in level_rows if row.value is not None]
    best, margin = max(means) if higher else min(means), level_rows[0].number("margin") or 0.0
    return (best - margin, best) if higher else (best, best + margin)


def _positions(lines: Sequence[SettingLine]) -> Callable[[float], float]:
    """Where values lie: pruning levels by the logarithm of what they leave, others as they are."""
    largest = max(float(value) for line in lines for value in line.values)
    if setting_of(lines[0].key).of_the_rest and largest < 1:
        return lambda value: float(-np.log10(1 - value))
    return lambda value: value


def _styles(lines: Sequence[SettingLine]) -> list[tuple[str, str]]:
    """Colour and marker of each line: the treatment's where that sets them apart."""
    from depsim.report.figures.style import colours, markers

    treatments = [line.treatment for line in lines]
    stages = {(line.treatment, line.stage) for line in lines}
    if len(stages) == len(lines):
        colour, marker = colours(dict.fromkeys(treatments)), markers(dict.fromkeys(treatments))
        return [(colour[name], marker[name]) for name in treatments]
    bases = list(dict.fromkeys(line.series for line in lines))
    count = len(_LINE_COLOURS)
    places = [bases.index(line.series) % count for line in lines]
    return [(_LINE_COLOURS[place], _LINE_MARKERS[place]) for place in places]
