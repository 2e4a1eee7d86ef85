"""How accuracy changes over cycles of stress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.report.parts import Figure, Finding, crosstab
from depsim.report.questions.claims import fitting
from depsim.report.questions.curves import LINES, line, n_words
from depsim.report.questions.follow_up import Part, look_of, panels_of, parts_of
from depsim.report.questions.relapse import lasting_words
from depsim.report.words import mean_interval, short
from depsim.study.analyses.course import Curve, curve_rows, cycle_curve, last_cycle
from depsim.study.analyses.relapse import relapse_rows
from depsim.study.estimate import Estimate
from depsim.study.reading import Study

_IN_A_SENTENCE, _COLUMNS = 5, 5


def cycles(study: Study) -> Finding | None:
    """Accuracy under combined stress by cycle."""
    parts = parts_of(study)
    curves = [[own for each in part.conditions if (own := cycle_curve(each)) is not None] for part in parts]
    every = [curve_rows(own, part.group.key) for own, part in zip(curves, parts, strict=True)]
    if not any(every):
        return None
    part, rows = parts[0], every[0]
    last = max(last_cycle(own) for own in part.conditions)
    cells = {(row.of("condition"), row.key["x"]): row for row in rows}
    told = [own for own in part.own if (own.name, float(last)) in cells][:_IN_A_SENTENCE]
    said = ", ".join(
        f"{part.treatment(own)} {short(cells[own.name, float(last)].value)} ({short(cells[own.name, 0.0].value)})"
        for own in told
    )
    answer = f"Combined stress after {last} cycles (before them): {said} %{part.how}; {n_words(rows)}."
    places = sorted({0, 1, last, *range(0, last + 1, -(-last // (_COLUMNS - 1)))})
    return Finding(
        name="cycles",
        title="How does accuracy change over cycles of stress?",
        sentence=answer,
        rows=tuple(row for own in every for row in own),
        table=crosstab(
            "cycles", f"Combined stress in % by cycle, {n_words(rows)}", [row for own in every for row in own],
            "condition", {f"{float(place)}": f"cycle {place}" for place in places}, mean_interval, by="x",
            only=[own.name for own in part.conditions],
        ),
        figure=Figure(
            "cycles", f"After the maintenance of each cycle; 0: the treated network. {LINES} {n_words(rows)}.",
            lambda: _draw_cycles(part, curves[0], rows), rows,
        ),
        text=fitting([answer, "Each cycle removes some of the surviving synapses, then maintains the others."]),
        also=(lasting_words(part, [relapse_rows(own)[0] for own in part.conditions]),),
        conditions=tuple(own.name for own in part.group.conditions),
    )  # fmt: skip


def _draw_cycles(part: Part, curves: Sequence[Curve], rows: Sequence[Estimate]) -> Any:
    """A panel for each treatment, a line for each follow-up."""
    from depsim.report.figures.courses import draw_courses
    from depsim.report.figures.lines import Panel

    look, of = look_of(part), {own.condition.name: own for own in curves}
    panels = []
    for title, conditions in panels_of(part).items():
        lines = [
            line([row for row in rows if row.of("condition") == own.name], look[own.name],
                 part.names[own.arm.arm_key][1], of[own.name])
            for own in conditions if own.name in of
        ]  # fmt: skip
        panels.append(Panel(title, "combined stress, %", tuple(lines)))
    return draw_courses(panels, len(panels), "cycle of stress")
