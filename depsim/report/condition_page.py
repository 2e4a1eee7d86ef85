"""What a condition's run in MLflow shows of it: a picture, and a description with the answer of its study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from depsim.report import markdown
from depsim.report.figures import style
from depsim.report.figures.condition import Bar, draw_condition
from depsim.report.figures.looks import looks
from depsim.report.points import Point, points_sheet
from depsim.report.sections.resilience import resilience_curves
from depsim.report.wording import counted, spell_seeds
from depsim.stages import EXAMINED_ON_AND_OFF, TREATED, WITHDRAWN
from depsim.study.panels import Condition
from depsim.study.reading import StudyArm

PICTURE = "summary.png"
"""The artifact."""


Points = Mapping[str, Point]
"""A condition's primary outcomes, by metric, in order."""


def condition_picture(arm: StudyArm, name: str, points: Points) -> bytes:
    """The resilience curve with its band and the primary outcomes with their intervals, as PNG.

    Args:
        arm: the condition.
        name: of it in its study.
        points: its outcomes.
    """
    conditions = {stage: Condition(stage, arm, stage) for stage in EXAMINED_ON_AND_OFF}
    look = looks(list(conditions.values()))
    curves = [(curve, look[curve.name]) for c in conditions.values() if (curve := resilience_curves(c, False))]
    bars = []
    for point in points.values():
        off = point.when == WITHDRAWN
        bars.append(Bar(point.outcome.name + ",\nwithdrawn" * off, point.summary, look[WITHDRAWN if off else TREATED]))
    with style.look():
        return style.png(draw_condition(f"{name} · {counted(len(arm.seeds), 'individual')}", curves, bars))


def condition_description(arm: StudyArm, points: Points, answer: Sequence[str], report: str, command: str) -> str:
    """The answer of the study, the condition's own means, and the commands, as Markdown.

    Args:
        arm: the condition.
        points: its outcomes.
        answer: the lines that the report opens with.
        report: the command that made it.
        command: that made the run.
    """
    sheet = points_sheet("", f"This condition ({PICTURE})", (), points.values(), folded=False)
    own = replace(sheet, columns=sheet.columns[1:-1], rows=tuple(row[1:-1] for row in sheet.rows))  # without whose
    lines = [f"{place}. {markdown.inline(line)}" for place, line in enumerate(answer, start=1)]
    parts = ["**The answer of this study**", "\n".join(lines), markdown.sheet_markdown(own)]
    if arm.failures:
        seeds = spell_seeds(failure.seed for failure in arm.failures)
        parts.append(f"{counted(len(arm.failures), 'individual')} failed: {seeds}.")
    parts.append(f"Run by `{command}`, reported by `{report}`.")
    return "\n\n".join(parts)
