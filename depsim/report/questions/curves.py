"""What questions about curves and rates share: lines from rows, and words about n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from depsim.report.cell import mean_cell
from depsim.report.parts import Figure, Finding, Table, crosstab
from depsim.report.questions.conditions import MOST_CONDITIONS
from depsim.report.words import means_sentence, n_words, paragraph
from depsim.stages import DEPRESSED, HEALTHY
from depsim.statistics import fewest_to_judge
from depsim.study.analyses.course import ConditionCurve, curve_rows
from depsim.study.estimate import Estimate
from depsim.study.groups import Group

if TYPE_CHECKING:
    from depsim.report.figures.condition_style import ConditionStyle
    from depsim.report.figures.lines import Line

LINES = "Thin lines: individuals; marks: their mean; band: its 95 % interval."
"""What a figure of curves shows."""
REFERENCES = (HEALTHY, DEPRESSED)
"""The networks before any treatment, which all conditions share."""
_PANELS_A_ROW, _IN_A_SENTENCE, _COLUMNS = 6, 5, 7


def line(
    rows: Sequence[Estimate],
    style: ConditionStyle | None,
    label: str = "",
    curve: ConditionCurve | None = None,
    *,
    steps: bool = False,
) -> Line:
    """A line of a figure from its rows, place by place.

    Args:
        rows: with an ``x`` in their key, and the published value in ``more`` where there is one.
        style: of the condition; None for a reference.
        label: for a legend.
        curve: the individuals, where they are drawn.
        steps: whether it stays level from place to place.
    """
    from depsim.report.figures.lines import Line

    x = np.array([float(row.key["x"]) for row in rows])
    mean, low, high = np.array([(row.value, *_band(row)) for row in rows], dtype=np.float64).T
    if steps:  # a band that ends between two places would not be drawn
        low, high = (np.where(np.isnan(end), mean, end) for end in (low, high))
    theirs = [
        (place, float(value))
        for place, row in zip(x.tolist(), rows, strict=True)
        if isinstance(value := row.more.get("published"), int | float)
    ]
    published = ([place for place, _ in theirs], [value for _, value in theirs]) if theirs else None
    return Line(label, style, x, mean, low, high, None if curve is None else curve.people, published, steps)


def _band(row: Estimate) -> tuple[float | None, float | None]:
    """Ends of a band: where all values are equal it has no width."""
    return (row.value, row.value) if row.sd == 0 else (row.low, row.high)


def curve_finding(
    name: str,
    title: str,
    axes: tuple[str, str, str],
    parts: Sequence[tuple[Group, Sequence[ConditionCurve]]],
    text: str = "",
    published: Sequence[Mapping[tuple[str, str], float | None]] = (),
) -> Finding:
    """The answer to a question about conditions along something.

    Args:
        name: of its files.
        title: the question.
        axes: what the places are, what is measured, and its unit.
        parts: groups with their curves; the first one is shown.
        text: what a reader has to know.
        published: of each group, value by condition and column.
    """
    cells = published or [{}] * len(parts)
    every = [curve_rows(curves, group.key, theirs) for (group, curves), theirs in zip(parts, cells, strict=True)]
    (group, curves), rows = parts[0], every[0]
    x, y, unit = axes
    treated = [row for row in rows if row.of("condition") not in REFERENCES]
    diamonds = " Diamonds: the published individual." if any("published" in row.more for row in treated) else ""
    caption = f"{LINES}{diamonds} {n_words(treated)}."
    answer = _at_levels(treated, f"{y} at {x.partition(',')[0]}")
    quantity, _, unit_of_x = x.partition(", ")
    by = f"{quantity} ({unit_of_x})" if unit_of_x else quantity
    shown = [curve.condition.name for curve in curves]
    return Finding(
        name=name,
        title=title,
        sentence=answer,
        rows=tuple(row for part in every for row in part),
        table=_places(name, f"{y.capitalize()} in {unit} by {by}, {n_words(treated)}", every, shown),
        figure=Figure(name, caption, lambda: draw_by_condition(group, curves, rows, x, f"{y}, {unit}"), rows),
        text=paragraph([answer, text]),
        conditions=names_of(curves),
    )


def _at_levels(rows: Sequence[Estimate], at: str) -> str:
    """What conditions reach at a middle and at the largest place; of three conditions or fewer at a third one, too."""
    names = list(dict.fromkeys(row.of("condition") for row in rows))[:_IN_A_SENTENCE]
    levels = sorted({float(row.key["x"]) for row in rows if row.key["x"] != 0})
    few = (levels[0],) if len(names) < 4 and len(levels) > 2 else ()
    chosen = sorted({*few, levels[(len(levels) - 1) // 2], levels[-1]})
    words = {x: f"{at} {x:g}" if x == chosen[0] else f"{x:g}" for x in chosen}
    outcomes = {row.of("outcome"): words[x] for x in chosen for row in rows if row.key["x"] == x}
    return f"{means_sentence(rows, outcomes, names)} ({n_words(rows)})."


def _places(name: str, title: str, every: Sequence[Sequence[Estimate]], shown: Sequence[str]) -> Table:
    """Conditions by places along the curve, of many as many as the page has room for."""
    places = sorted({float(row.key["x"]) for row in every[0]})
    step = -(-len(places) // _COLUMNS)
    across = {str(place): f"{place:g}" for place in [*places[:-1:step], places[-1]]}
    rows = [row for part in every for row in part]
    return crosstab(name, title, rows, "condition", across, mean_cell, by="x", only=shown)


def few_words(rows: Sequence[Estimate]) -> str:
    """How many individuals a verdict on these tests takes; empty where some have one."""
    if not rows or any(row.verdict != "too few" for row in rows):
        return ""
    tests = int(float(rows[0].more.get("tests") or len(rows)))
    needed = fewest_to_judge(tests)
    words = "test takes" if tests == 1 else "tests take"
    return f"No verdict yet: {n_words(rows)}, and {tests} {words} {needed} individuals (`cohort.size={needed}`)."


def names_of(curves: Sequence[ConditionCurve]) -> tuple[str, ...]:
    """The conditions of curves, without the networks before any treatment."""
    names = dict.fromkeys(curve.condition.name for curve in curves)
    return tuple(name for name in names if name not in REFERENCES)


def draw_by_condition(
    group: Group,
    curves: Sequence[ConditionCurve],
    rows: Sequence[Estimate],
    x_label: str,
    y_label: str = "accuracy, %",
) -> Any:
    """A panel for each condition, the healthy networks in each, and one with all means.

    Args:
        group: whose conditions they are.
        curves: of the conditions and of the networks before any treatment.
        rows: of the curves.
        x_label, y_label: of the axes.
    """
    from depsim.report.figures.condition_style import condition_styles
    from depsim.report.figures.courses import draw_courses
    from depsim.report.figures.lines import Panel

    styles = condition_styles(group.conditions)
    of = {
        curve.condition.name: [row for row in rows if row.of("condition") == curve.condition.name] for curve in curves
    }
    healthy = (line(of[HEALTHY], None, HEALTHY),) if HEALTHY in of else ()
    drawn = [curve for curve in curves if curve.condition.name not in REFERENCES][:MOST_CONDITIONS]
    panels = []
    for curve in drawn:
        name = curve.condition.name
        panels.append(Panel(name, y_label, (line(of[name], styles[name], "", curve), *healthy)))
    if len(drawn) > 1:
        means = tuple(
            line(of[curve.condition.name], styles[curve.condition.name], curve.condition.name) for curve in drawn
        )
        panels.append(Panel("means", y_label, (*means, *healthy)))
    columns = len(panels) if len(panels) <= _PANELS_A_ROW else -(-len(panels) // 2)
    return draw_courses(panels, columns, x_label)
