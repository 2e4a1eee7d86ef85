"""Regimens in time, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from depsim.report.parts import Figure
from depsim.study.analyses.estimates import estimates
from depsim.study.analyses.regimens import Schedule, schedules
from depsim.study.estimate import Estimate
from depsim.study.groups import Group

_MOST = 6
"""Rows of the figure, regimens first."""


def timelines_figure(group: Group) -> Figure | None:
    """What is done when, and what comes of it under combined stress; None without a regimen."""
    timed = sorted(schedules(group), key=lambda schedule: schedule.alone is not None)[:_MOST]
    if not timed:
        return None
    rows = estimates([schedule.condition for schedule in timed], ("combined",), group.key)
    caption = (
        "Left: broad bars are trainings, thin bars show where a drug stays on, hatched steps are for some only; the "
        "number is epochs. Right: combined stress; dots: individuals, line: mean and 95 % interval."
    )
    return Figure("timelines", caption, lambda: _draw_timelines(timed, rows), rows)


def _draw_timelines(timed: Sequence[Schedule], rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.timelines import TimelineRow, draw_timelines

    means = {row.of("condition"): row for row in rows}
    drawn = []
    for schedule in timed:
        row = means.get(schedule.condition.name)
        values = np.array([*schedule.condition.values("combined").values()])
        mean, ends = (row.value or 0.0, row.interval) if row is not None else (0.0, None)
        epochs = f"{schedule.line.epochs}"
        if float(schedule.epochs.mean()) != schedule.line.epochs:
            epochs += f" (mean {schedule.epochs.mean():.0f})"
        choices = {drug: schedule.choice(drug) for drug in schedule.line.doses}
        drawn.append(TimelineRow(schedule.condition.name, schedule.line, choices, epochs, values, mean, ends))
    return draw_timelines(drawn, "combined stress, %")
