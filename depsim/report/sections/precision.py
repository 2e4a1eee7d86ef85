"""Enough individuals? How wide intervals are, and how many more a target needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from depsim.report.columns import columns_of
from depsim.report.document import Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.half_widths import MOST_NAMED, Width, draw_half_widths
from depsim.report.figures.looks import looks
from depsim.report.wording import counted
from depsim.study.contrasts import contrasts
from depsim.study.panels import Panel, panels
from depsim.study.precision import TARGET, Precision, half_widths, precision
from depsim.study.reading import Study

_COLUMNS = columns_of(
    "outcome a b n",
    Column("half_width", "half-width, points", ".2f"),
    Column("needed", f"needed for {TARGET:g} point"),
    "more",
)
_SMALLEST, _LARGEST, _POINTS = 5, 1_000, 25


def section(study: Study) -> Section | None:
    """The section; None without a contrast that two individuals have."""
    subs = [made for panel in panels(study) if (made := _sub(panel)) is not None]
    if not subs:
        return None
    text = (
        "How well is each contrast known? The half-width is half of the 95 % interval of the mean paired difference. "
        f"More individuals make it smaller; the target is {TARGET:g} point. A study stops when its intervals are "
        "narrow enough, never because a p is small enough."
    )
    return Section("precision", "Are there enough individuals?", (Paragraph(text),), subs)


def _sub(panel: Panel) -> Section | None:
    found = [one for one in precision(contrasts(panel)) if one.half_width is not None]
    if not found:
        return None
    rows = tuple(_row(one) for one in found)
    note = (
        "Student's interval, from the standard deviation of these individuals' differences; needed: in all, from the "
        "upper 80 % limit of that standard deviation, and from ten individuals on."
    )
    sheet = Sheet(f"precision_{panel.name}", f"Half-widths: {panel.title}", _COLUMNS, rows, note, folded=True)
    # Differences that are all equal have no width to draw on a logarithmic axis.
    spread = [one for one in found if one.half_width]
    drawn = (_picture(panel, spread),) if spread else ()
    blocks = (Paragraph(_told(found), "answer"), *drawn, sheet)
    return Section(f"precision-{panel.name.replace('_', '-')}", panel.title, blocks)


def _told(found: Sequence[Precision]) -> str:
    there = sum(one.half_width is not None and one.half_width <= TARGET for one in found)
    text = f"{there} of {len(found)} contrasts are known to within {TARGET:g} point here."
    widest = max(found, key=lambda one: (one.needed or 0, one.half_width or 0))
    if not widest.more:
        return text
    pair = widest.pair
    return (
        f"{text} The widest, {pair.a} against {pair.b} on {pair.outcome.name}, is known to within "
        f"{widest.half_width:.2f} points and needs {counted(widest.more, 'more individual')} to be surely so in "
        "another study of that size."
    )


def _row(one: Precision) -> tuple[Value, ...]:
    pair = one.pair
    return pair.outcome.name, pair.a, pair.b, pair.contrast.n, one.half_width, one.needed, one.more


def _picture(panel: Panel, found: Sequence[Precision]) -> Picture:
    n = max(one.pair.contrast.n for one in found)
    sizes = np.unique(np.geomspace(_SMALLEST, max(_LARGEST, n), _POINTS).round().astype(int))
    outcomes: dict[str, list[Width]] = {}
    rows: list[tuple[Value, ...]] = []
    for one in found:
        pair, widths = one.pair, half_widths(one.pair, sizes.tolist())
        outcomes.setdefault(pair.outcome.name, []).append(Width(pair.a, pair.b, sizes, widths))
        rows += [(pair.outcome.name, pair.a, pair.b, int(s), float(w)) for s, w in zip(sizes, widths, strict=True)]
    look = looks(panel.conditions)
    many = len({(one.pair.a, one.pair.b) for one in found}) > MOST_NAMED
    others = f" (of the {MOST_NAMED} pairs with the widest intervals; grey: all others)" if many else ""
    columns = columns_of("outcome a b individuals", Column("half_width", "half-width", ".3f"))
    return Picture(
        name=f"half_widths_{panel.name}",
        title=f"Half-width against the number of individuals: {panel.title}",
        caption="Half-width to expect of each contrast's 95 % interval, from the spread among these individuals. Line: "
        f"the first condition's colour; marks: the second's{others}. Vertical: n = {n}, as at hand; dotted: the target "
        f"of {TARGET:g} point.",
        draw=lambda: draw_half_widths(outcomes, look, n, TARGET),
        data=Sheet(f"half_widths_{panel.name}", "Half-widths", columns, tuple(rows)),
        alt="Falling curves of the interval's half-width against the number of individuals.",
    )
