"""The page about one varied setting: outcomes along it, and contrasts between its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from depsim.report.document import Block, Paragraph, Picture, Section, Sheet
from depsim.report.figures.lines import Curve, Panel, draw_lines
from depsim.report.figures.style import colours, dashes, markers
from depsim.report.points import Point, band, examined, outcomes_of, points_sheet, spell_counts
from depsim.report.settings import file_stem, places, setting_of, spell_fixed
from depsim.report.value_contrasts import contrasts_sheet
from depsim.stages import WITHDRAWN
from depsim.statistics import MEAN_INTERVAL
from depsim.study.axes import Axis, Line
from depsim.study.naming import distinct
from depsim.study.reading import paired

Points = Mapping[tuple[str, str], Point]
_LINE_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#6b6b6b", "#000000")
_LINE_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
"""For lines that are not told apart by the treatment: Okabe and Ito's palette again."""
_FEWEST_FOR_NUMBERS = 3
"""Values from which a numeric setting is a line; two are compared like categories."""


def axis_page(axis: Axis, lines: Sequence[Line], points: Points, suffix: str) -> Section:
    """The page.

    Args:
        axis: the varied setting.
        lines: the arms along it.
        points: of all arms.
        suffix: of names, unique to the slice of the study.
    """
    known, stem = setting_of(axis.key), file_stem(axis.key) + suffix
    arms = distinct(arm for line in lines for arm in line.arms)
    told = list(dict.fromkeys(key for line in lines for key in line.fixed))
    sheet = points_sheet(
        f"points_{stem}",
        f"Every point: {known.label}",
        [axis.key, *told],
        [points[arm.arm_key, name] for *_, name in examined(arms) for line in lines for arm in line.arms
         if (arm.arm_key, name) in points],
        folded=True,
    )  # fmt: skip
    if not sheet.rows:
        text = "None of the conditions has a primary outcome, so there is nothing to show along this setting."
        return Section(f"along-{stem}", known.title, (Paragraph(text, "note"),))
    blocks: list[Block] = [Paragraph(known.intro), *_remarks(lines)]
    blocks.append(_picture(axis, lines, points, sheet, stem))
    if _compared(axis):
        blocks.append(contrasts_sheet(axis, lines, told, stem))
    return Section(f"along-{stem}", known.title, (*blocks, sheet))


def _compared(axis: Axis) -> bool:
    return not axis.numeric or len(axis.values) < _FEWEST_FOR_NUMBERS


def _remarks(lines: Sequence[Line]) -> list[Paragraph]:
    uneven = [line for line in lines if len({arm.seeds for arm in line.arms}) > 1]
    if not uneven:
        return []
    which = "; ".join(line_name(line, lines) for line in uneven)
    text = (
        f"Not all conditions have the same individuals ({which}). Means are over each condition's own; contrasts are "
        "of the individuals that all compared conditions have."
    )
    return [Paragraph(text, "warning")]


def line_name(line: Line, lines: Sequence[Line]) -> str:
    """A name for a line, as short as tells it from the others."""
    fixed = spell_fixed(line.fixed)
    alone = len({other.treatment for other in lines}) == 1
    return fixed if alone and fixed else f"{line.treatment}, {fixed}" if fixed else line.treatment


def _looks(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Colour and marker of each line: the treatment's where that tells them apart."""
    names = [line.treatment for line in lines]
    if len(set(names)) == len(names):
        colour, marker = colours(names), markers(names)
        return [(colour[name], marker[name]) for name in names]
    count = len(_LINE_COLOURS)
    return [(_LINE_COLOURS[place % count], _LINE_MARKERS[place % count]) for place in range(len(lines))]


def _picture(axis: Axis, lines: Sequence[Line], points: Points, sheet: Sheet, stem: str) -> Picture:
    known, looks = setting_of(axis.key), _looks(lines)
    outcomes = outcomes_of([arm for line in lines for arm in line.arms])
    panels = []
    for outcome in outcomes:
        curves = []
        for line, look in zip(lines, looks, strict=True):
            for when, metric in outcome.metrics.items():
                if line.has(metric):
                    name = line_name(line, lines) + (" (withdrawn)" if when == WITHDRAWN else "")
                    curves.append(_curve(axis, line, name, metric, when, look, points))
        panels.append(Panel(outcome.name, outcome.unit, tuple(curves)))
    ticks = list(zip(places(axis, axis.values), map(known.spell, axis.values), strict=True))
    counts = spell_counts([point.summary for point in points.values() if _in(point, lines)])

    def draw() -> Any:
        return draw_lines(panels, known.label, ticks, discrete=_compared(axis))

    return Picture(
        name=f"along_{stem}",
        title=f"Primary outcomes by {known.label}",
        caption=_caption(axis, panels, counts),
        draw=draw,
        data=sheet,
        alt=f"Line plots of {', '.join(panel.title for panel in panels)} against {known.label}; numbers in the table.",
    )


def _in(point: Point, lines: Sequence[Line]) -> bool:
    return any(point.arm is arm for line in lines for arm in line.arms)


def _caption(axis: Axis, panels: Sequence[Panel], counts: str) -> str:
    said = [f"Points are means over individuals ({counts} each)."]
    if _compared(axis):
        said.append(f"Bars: {MEAN_INTERVAL}; thin lines are individuals.")
    elif all(panel.banded for panel in panels):
        said.append(f"Bands: {MEAN_INTERVAL}.")
    else:
        said.append("With so many lines intervals are in the table only.")
    if any(curve.dashes != "-" for panel in panels for curve in panel.curves):
        said.append("Broken lines: the drug withdrawn.")
    return " ".join(said)


def _curve(
    axis: Axis,
    line: Line,
    name: str,
    metric: str,
    when: str,
    look: tuple[str, str],
    points: Points,
) -> Curve:
    own = [points.get((arm.arm_key, metric)) for arm in line.arms]
    mean, low, high = band([point.summary if point else None for point in own])
    return Curve(
        label=name,
        colour=look[0],
        marker=look[1],
        dashes=dashes(when),
        x=np.array(places(axis, line.values)),
        mean=mean,
        low=low,
        high=high,
        people=paired(line.arms, metric)[1] if _compared(axis) else None,
    )
