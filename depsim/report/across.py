"""The page about all conditions together: outcomes against how much a treatment changed, and against all pruning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.scatter import Dot, draw_scatter
from depsim.report.points import OUTCOMES, Point, spell_counts, summary_cells
from depsim.report.settings import arm_name
from depsim.report.wording import counted
from depsim.statistics import MEAN_INTERVAL, Summary, summarise
from depsim.study.axes import Slice
from depsim.study.reading import StudyArm

Points = Mapping[tuple[str, str], Point]
_FEWEST = 3
"""Conditions from which points make a picture."""
_DOSES = {
    "dose/l1": Column("l1", "L1: mean change of a weight", ".3g"),
    "dose/l2": Column("l2", "L2: root of summed squares / weights", ".3g"),
    "dose/path": Column("path", "path: L1 summed over steps", ".3g"),
    "dose/turnover": Column("turnover", "weights changed by a tenth, %", ".3g"),
    "dose/logit": Column("logit", "mean change of a logit", ".3g"),
}
"""By metric."""


def across_page(part: Slice, points: Points, suffix: str) -> Section | None:
    """The page, or None where there are too few conditions for any picture.

    Args:
        part: the conditions.
        points: of all arms.
        suffix: of names, unique to the slice of the study.
    """
    dose = _picture(
        f"by_dose{suffix}",
        "Outcomes by the dose",
        "L1 dose: mean change of a weight",
        "dose/l1",
        {outcome.name: (outcome.unit, next(iter(outcome.metrics.values()))) for outcome in OUTCOMES},
        part,
        points,
    )
    relapse = _picture(
        f"relapse_by_pruning{suffix}",
        "Relapse by cumulative pruning",
        "sparsity after the relapse, %",
        "relapsed/sparsity",
        {"relapse drop": ("points", "relapse_drop"), "combined stress, relapsed": ("%", "relapsed/combined")},
        part,
        points,
    )
    blocks: list[Block] = [picture for picture in (dose, relapse) if picture is not None]
    if not blocks:
        return None
    if dose is not None:
        blocks.insert(1, _doses(part.arms, suffix))
    if relapse is not None:
        blocks += _untouched(part.arms)
    intro = Paragraph(
        "One point is one condition. Conditions differ in more than what is drawn, so a slope here is no effect of the "
        "horizontal axis alone."
    )
    return Section(f"across{suffix.replace('_', '-')}", "Across all conditions", (intro, *blocks))


def _picture(
    name: str,
    title: str,
    x_label: str,
    x_metric: str,
    wanted: Mapping[str, tuple[str, str]],
    part: Slice,
    points: Points,
) -> Picture | None:
    found: dict[str, list[tuple[StudyArm, Summary, Summary]]] = {}
    for panel, (_unit, metric) in wanted.items():
        arms = [arm for arm in part.arms if arm.has(x_metric) and arm.has(metric)]
        if len(arms) >= _FEWEST:
            found[panel] = [(arm, *_both(arm, x_metric, metric, points)) for arm in arms]
    if not found:
        return None
    panels = {
        panel: [Dot(arm.treatment, x.mean, y.mean, x.interval, y.interval) for arm, x, y in own]
        for panel, own in found.items()
    }
    rows: list[tuple[Value, ...]] = []
    for panel, own in found.items():
        for arm, x, y in own:
            cells = (x.mean, *x.ends, *summary_cells(y))
            rows.append((arm.treatment, arm.arm_key, panel, *cells))
    columns = columns_of(
        "treatment arm_key outcome",
        *with_interval("x", x_label, ".3g", "x_"),
        "n mean ci_low ci_high sd",
    )
    counts = spell_counts([y for own in found.values() for *_, y in own])
    return Picture(
        name=name,
        title=title,
        caption=(
            f"One point per condition ({counts} each): means, and both ways, where the individuals "
            f"differ, the {MEAN_INTERVAL}."
        ),
        draw=partial(draw_scatter, panels, x_label, [wanted[panel][0] for panel in panels]),
        data=Sheet(name, title, columns, tuple(rows)),
        alt=f"Scatter plots of {', '.join(panels)} against {x_label}, a point per condition; numbers in the table.",
    )


def _doses(arms: Sequence[StudyArm], suffix: str) -> Sheet:
    """Every dose of every condition, none where it was not measured."""
    rows = tuple(
        (
            arm_name(arm, arms),
            len(arm.seeds),
            *(float(np.nanmean(arm.values(m))) if arm.has(m) else None for m in _DOSES),
        )
        for arm in arms
    )
    note = (
        "Means over individuals, from before the treatment to after it, masked weights included. Path: each step that "
        "changes weights counts for itself, so what is undone counts twice. Logits: on the standard test points, "
        "without noise, the networks before and after each in their standing state."
    )
    columns = columns_of("condition n", *_DOSES.values())
    return Sheet(f"doses{suffix}", "How much each condition changed", columns, rows, note)


def _both(arm: StudyArm, x_metric: str, metric: str, points: Points) -> tuple[Summary, Summary]:
    """Summaries of both quantities; that of an outcome is there already."""
    known = points.get((arm.arm_key, metric))
    names = [x_metric] if known else [x_metric, metric]
    x, *rest = summarise(np.stack([arm.values(name) for name in names], axis=1))
    return x, known.summary if known else rest[0]


def _untouched(arms: Sequence[StudyArm]) -> list[Paragraph]:
    """Say where the relapse had nothing to take, so that its drop is noise between two exams."""
    spared = []
    for arm in arms:
        after = arm.values("relapsed/sparsity")
        if arm.has("relapsed/sparsity") and np.nanmax(after - arm.values("treated/sparsity"), initial=0.0) <= 0:
            spared.append(arm)
    if not spared:
        return []
    names = [arm_name(arm, arms) for arm in spared]
    text = (
        f"In {counted(len(spared), 'condition')} the relapse had nothing left to take, and the drop is only noise "
        f"between two exams: {'; '.join(names)}."
    )
    return [Paragraph(text, "warning")]
