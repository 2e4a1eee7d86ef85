"""Which setting of a multiverse decides an ordering, and the effect along the most important ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from depsim.report.cell import mean_cell
from depsim.report.parts import CellOf, Figure, Finding, table_of
from depsim.report.setting_words import name_setting
from depsim.report.words import number, share_words
from depsim.study.analyses.multiverse import Ordering
from depsim.study.estimate import Estimate
from depsim.study.main_effects import MainEffects
from depsim.study.multiverse import PAPERS

_CURVES, _PARTS = 2, 8
"""Settings along which effects are drawn, and parts of a range."""


def deciding_finding(ordering: Ordering, y_label: str) -> tuple[Finding, ...]:
    """The finding; empty below 60 points.

    Args:
        ordering: whose.
        y_label: of its effects.
    """
    effects = ordering.decided
    if effects is None:
        return ()
    order = np.argsort(-effects.shares, kind="stable")
    rows = tuple(_row(ordering, effects, int(place)) for place in order)
    sentence = _sentence(ordering, effects, rows)
    along = [_middle(ordering, int(place)) for place in order[:_CURVES]]
    space, papers = ordering.multiverse.space, ordering.multiverse.settings.get(PAPERS, {})
    columns: dict[str, CellOf] = {
        "setting": lambda row: name_setting(row.of("setting")),
        "range": lambda row: space[row.of("setting")].text,
        "paper": lambda row: papers.get(row.of("setting"), "–"),
        "share, % [95 % interval]": lambda row: mean_cell(row, 0),
    }
    caption = (
        "Left: share of the variance over sets of settings that each setting alone accounts for (functional ANOVA), "
        "with its interval from resampled sets. Right: each set along the settings with the largest shares; line and "
        f"band: mean and middle half in {_PARTS} parts of the range."
    )
    drawn = Figure("deciding_settings", caption, partial(_draw, ordering, rows, order, along, y_label), rows)
    title = f"{ordering.a} − {ordering.b}: what each setting accounts for, {rows[0].n} sets of settings"
    table = table_of("deciding_settings", title, rows, columns)
    return (
        Finding(
            "deciding",
            "Which settings change the order?",
            sentence,
            rows,
            table,
            drawn,
            text=f"{sentence} {_along_words(rows, along)}",
        ),
    )


def _row(ordering: Ordering, effects: MainEffects, place: int) -> Estimate:
    key = {"a": ordering.a, "b": ordering.b, "outcome": ordering.outcome, "setting": ordering.keys[place]}
    value, low, high = (100 * float(part[place]) for part in (effects.shares, effects.low, effects.high))
    return Estimate(key, len(ordering.effects), value, low, high, more={"decides": effects.deciding == place})


def _sentence(ordering: Ordering, effects: MainEffects, rows: Sequence[Estimate]) -> str:
    """The setting with the largest share, and the range that it was asked in, on which the share depends."""
    key = rows[0].of("setting")
    first = f"{name_setting(key)} (range: {ordering.multiverse.space[key].text})"
    if effects.deciding is None:
        return f"No setting stands out: the largest share of the variance is {share_words(rows[0])}, the {first}."
    return f"The {first} alone accounts for {share_words(rows[0])} of the variance over settings."


def _along_words(rows: Sequence[Estimate], along: Sequence[np.ndarray]) -> str:
    """The effect in the lowest and the highest part of each range."""
    parts = [
        f"along the {name_setting(row.of('setting'))} {number(middle[0, 1], 1, True)} to "
        f"{number(middle[-1, 1], 1, True)} points"
        for row, middle in zip(rows, along, strict=False)
    ]
    return f"Effect from the lowest to the highest values: {'; '.join(parts)}."


def _middle(ordering: Ordering, setting: int) -> np.ndarray:
    """Where each part of a setting's range is, and the mean and middle half of the effects there, (C, 4).

    Parts hold as many points each; of values in an order each is a part.
    """
    column = ordering.places[:, setting]
    known = np.isfinite(column)
    column, means = column[known], ordering.means[known]
    options = ordering.multiverse.space[ordering.keys[setting]].values
    order = np.argsort(column, kind="stable")
    if options is not None:
        parts = [np.flatnonzero(column == place) for place in np.unique(column)]
    else:
        parts = np.array_split(order, min(_PARTS, len(order)))
    rows = [(column[part].mean(), means[part].mean(), *np.quantile(means[part], [0.25, 0.75])) for part in parts]
    return np.array(rows)


def _draw(
    ordering: Ordering, rows: Sequence[Estimate], order: np.ndarray, along: Sequence[np.ndarray], y_label: str
) -> Any:
    from depsim.report.figures.forest import Mark
    from depsim.report.figures.multiverse import EffectCurve, draw_deciding

    marks = [Mark(name_setting(row.of("setting")), row.value or 0.0, row.interval) for row in rows]
    curves = []
    for place, parts in zip(map(int, order), along, strict=False):
        space = ordering.multiverse.space[ordering.keys[place]]
        middle = np.column_stack([[space.number(x) for x in parts[:, 0]], parts[:, 1:]])
        column = ordering.places[:, place]
        known = np.isfinite(column)
        x = np.array([space.number(x) for x in column[known]])
        label = name_setting(ordering.keys[place])
        curves.append(EffectCurve(label, x, ordering.means[known], middle, space.log, space.names))
    return draw_deciding(marks, curves, y_label)
