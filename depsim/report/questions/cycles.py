"""How accuracy changes over cycles of stress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.report.cell import mean_cell
from depsim.report.parts import Figure, Finding, crosstab
from depsim.report.questions.curves import LINES, line
from depsim.report.questions.follow_up import Part, panels_of, parts_of, styles_of
from depsim.report.questions.relapse import lasting_words
from depsim.report.words import n_words, paragraph, short
from depsim.study.analyses.course import ConditionCurve, curve_rows, cycle_curve, last_cycle
from depsim.study.analyses.relapse import relapse_rows
from depsim.study.estimate import Estimate
from depsim.study.reading import Study

_IN_A_SENTENCE, _COLUMNS = 5, 5


def cycles(study: Study) -> Finding | None:
    """Accuracy under combined stress by cycle."""
    parts = parts_of(study)
    curves = [
        [curve for condition in part.conditions if (curve := cycle_curve(condition)) is not None] for part in parts
    ]
    every = [curve_rows(part_curves, part.group.key) for part_curves, part in zip(curves, parts, strict=True)]
    if not any(every):
        return None
    part, rows = parts[0], every[0]
    last = max(last_cycle(condition) for condition in part.conditions)
    cells = {(row.of("condition"), row.key["x"]): row for row in rows}
    named = [condition for condition in part.representatives if (condition.name, float(last)) in cells][:_IN_A_SENTENCE]
    values = []
    for condition in named:
        first, final = (short(cells[condition.name, cycle].value) for cycle in (0.0, float(last)))
        values.append(f"{part.treatment(condition)} {final} ({first})")
    answer = f"Combined stress after {last} cycles (before them): {', '.join(values)} %{part.how}; {n_words(rows)}."
    all_rows = tuple(row for part_rows in every for row in part_rows)
    places = sorted({0, 1, last, *range(0, last + 1, -(-last // (_COLUMNS - 1)))})
    return Finding(
        name="cycles",
        title="How does accuracy change over cycles of stress?",
        sentence=answer,
        rows=all_rows,
        table=crosstab(
            "cycles",
            f"Combined stress in % by cycle, {n_words(rows)}",
            all_rows,
            "condition",
            {f"{float(place)}": f"cycle {place}" for place in places},
            mean_cell,
            by="x",
            only=[condition.name for condition in part.conditions],
        ),
        figure=Figure(
            "cycles",
            f"After the maintenance of each cycle; 0: the treated network. {LINES} {n_words(rows)}.",
            lambda: _draw_cycles(part, curves[0], rows),
            rows,
        ),
        text=paragraph([answer, "Each cycle removes some of the surviving synapses, then maintains the others."]),
        also=(lasting_words(part, [relapse_rows(condition)[0] for condition in part.conditions]),),
        conditions=tuple(condition.name for condition in part.group.conditions),
    )


def _draw_cycles(part: Part, curves: Sequence[ConditionCurve], rows: Sequence[Estimate]) -> Any:
    """A panel for each treatment, a line for each follow-up."""
    from depsim.report.figures.courses import draw_courses
    from depsim.report.figures.lines import Panel

    styles, of = styles_of(part), {curve.condition.name: curve for curve in curves}
    panels = []
    for title, conditions in panels_of(part).items():
        lines = [
            line(
                [row for row in rows if row.of("condition") == condition.name],
                styles[condition.name],
                part.names[condition.arm.arm_key][1],
                of[condition.name],
            )
            for condition in conditions
            if condition.name in of
        ]
        panels.append(Panel(title, "combined stress, %", tuple(lines)))
    return draw_courses(panels, len(panels), "cycle of stress")
