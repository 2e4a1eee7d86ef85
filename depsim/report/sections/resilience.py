"""Resilience curves: accuracy against internal noise."""

from __future__ import annotations

import numpy as np

from depsim.report.columns import columns_of
from depsim.report.document import Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.looks import looks
from depsim.report.figures.resilience import Curves, draw_resilience
from depsim.report.points import interval_ends
from depsim.statistics import MEAN_INTERVAL, summarise
from depsim.study.panels import Condition, Panel, align, panels
from depsim.study.published import values
from depsim.study.reading import Study

_NOISE = "internal_noise_"
_NONE = "standard"
"""The column without internal noise."""


def section(study: Study) -> Section | None:
    """The section; None where no condition is the paper's or none was measured at two noise levels."""
    pictures = [picture for panel in panels(study) if (picture := _picture(panel)) is not None]
    if not pictures:
        return None
    text = (
        "The resilience curve is accuracy on the test points while noise is added to every hidden unit. The area under "
        "it, a primary outcome, is its mean height from sigma 0 to the largest sigma."
    )
    return Section("resilience", "Resilience to internal noise", (Paragraph(text), *pictures))


def _picture(panel: Panel) -> Picture | None:
    found = (resilience_curves(condition, panel.is_papers) for condition in panel.conditions)
    curves = [curve for curve in found if curve is not None]
    if not curves:
        return None
    look = looks(panel.conditions)
    rows: list[tuple[Value, ...]] = []
    for curve in curves:
        for place, sigma in enumerate(curve.sigmas.tolist()):
            bounds = (None if np.isnan(b) else float(b) for b in (curve.low[place], curve.high[place]))
            rows.append((curve.name, sigma, len(curve.people), float(curve.mean[place]), *bounds))
    columns = columns_of("condition", Column("sigma", "sigma", "g"), "n mean", Column("low", "from", ".2f"), "high")
    diamonds = " Diamonds: the published individual." if panel.is_papers else ""
    return Picture(
        name=f"resilience_{panel.name}",
        title=f"Resilience curves: {panel.title}",
        caption="Thin lines: individuals (n above each panel). Thick line with marks: their mean; band: its "
        f"{MEAN_INTERVAL}.{diamonds} Last panel: all means.",
        draw=lambda: draw_resilience(curves, look),
        data=Sheet(f"resilience_{panel.name}", "Means", columns, tuple(rows)),
        alt="Accuracy against the strength of internal noise, one panel per condition.",
    )


def resilience_curves(condition: Condition, beside_published: bool) -> Curves | None:
    """A condition's curves to draw; None where it was not measured at two noise levels.

    Args:
        condition: whose.
        beside_published: whether the published values are comparable.
    """
    sigmas = {0.0: _NONE}
    for person in condition.arm.individuals:
        for metric in person.metrics:
            stage, _, column = metric.partition("/")
            if stage == condition.stage and column.startswith(_NOISE):
                sigmas[float(column.removeprefix(_NOISE))] = column
    levels = sorted(sigma for sigma, column in sigmas.items() if condition.values(column))
    _, people = align([condition.values(sigmas[sigma]) for sigma in levels])
    if len(levels) < 2 or not len(people):
        return None
    found = summarise(people)
    low, high = interval_ends(found)
    tables = (*values("table_1"), *values("table_2"))
    theirs = {value.column: value.mean for value in tables if value.row == condition.name}
    shown = [(sigma, mean) for sigma in levels if (mean := theirs.get(sigmas[sigma])) is not None]
    published = ([s for s, _ in shown], [m for _, m in shown]) if shown and beside_published else None
    return Curves(condition.name, np.array(levels), people, people.mean(axis=0), low, high, published)
