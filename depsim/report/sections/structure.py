"""Structure: what is left of each layer at each stage, and whether regrowth restores what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.layers import Bar, Course, draw_courses, draw_overlaps
from depsim.report.points import band, spell_counts, summary_cells
from depsim.report.settings import arm_name
from depsim.stages import STAGES
from depsim.statistics import MEAN_INTERVAL
from depsim.study.components import without_crossed
from depsim.study.reading import Study, StudyArm
from depsim.study.structure import KINDS, Layered, Overlap, layered, overlaps

_MOST_PANELS = 9
"""Conditions that a figure has room for; the tables have all of them."""
_SPARSITY, _TITLE = "sparsity", "Layer sparsity by stage"
_OVERLAPS = {
    "restored": (
        "Overlap of regrown with original synapses",
        "restored, %",
        "Of the regrown synapses, those that a milder pruning by magnitude, leaving as many, would have spared.",
    ),
    "lost_again": (
        "Regrown synapses lost to the relapse",
        "regrown among the lost, %",
        "Of the synapses that the relapse removes, those that had regrown.",
    ),
}


def section(study: Study) -> Section | None:
    """The section; None where nothing of it was measured."""
    arms = [arm for arm in without_crossed(study).arms if arm.individuals]
    names = {arm.arm_key: arm_name(arm, arms) for arm in arms}
    subs = [page] if (page := _sparsity_page(arms, names)) is not None else []
    found = {arm.arm_key: overlaps(arm) for arm in arms}
    subs += [page for kind in KINDS if (page := _overlap_page(kind, arms, names, found)) is not None]
    if not subs:
        return None
    intro = "Layers count from the input. Biases are no synapses and never count."
    return Section("structure", "Structure", (Paragraph(intro),), subs)


def _sparsity_page(arms: Sequence[StudyArm], names: Mapping[str, str]) -> Section | None:
    found = {arm.arm_key: own for arm in arms if (own := layered(arm, _SPARSITY))}
    if not found:
        return None
    shown = _some([arm for arm in arms if arm.arm_key in found])
    layers = sorted({each.layer for own in found.values() for each in own})
    stages = [stage for stage in STAGES if any(each.stage == stage for own in found.values() for each in own)]
    panels = {names[arm.arm_key]: [_course(found[arm.arm_key], layer, stages) for layer in layers] for arm in shown}
    counts = spell_counts(each.summary for arm in shown for each in found[arm.arm_key])
    picture = Picture(
        name=_SPARSITY,
        title=_TITLE,
        caption=(
            f"Means over individuals ({counts}); bands: {MEAN_INTERVAL}, without width where all are equal."
            + _only_some(len(shown), len(found))
        ),
        draw=partial(draw_courses, panels, stages, "sparsity, %"),
        data=_layers_sheet([arm for arm in arms if arm.arm_key in found], names, found),
        alt=f"{_TITLE}: one panel per condition, one line per layer over the stages; numbers in the table.",
    )
    meaning = "Synapses that are masked out, in % of the layer's."
    return Section("structure-sparsity", _TITLE, (Paragraph(meaning), picture, picture.data))


def _course(found: Sequence[Layered], layer: int, stages: Sequence[str]) -> Course:
    own = {each.stage: each.summary for each in found if each.layer == layer}
    mean, low, high = band([own.get(stage) for stage in stages])
    return Course(f"layer {layer}", mean, np.where(np.isnan(low), mean, low), np.where(np.isnan(high), mean, high))


def _some(arms: Sequence[StudyArm]) -> list[StudyArm]:
    """As many as a figure has room for, evenly over all of them."""
    places = np.unique(np.linspace(0, len(arms) - 1, min(len(arms), _MOST_PANELS)).round().astype(int))
    return [arms[place] for place in places]


def _only_some(shown: int, all_of_them: int) -> str:
    return "" if shown == all_of_them else f" {shown} of {all_of_them} conditions, spread evenly; the table has all."


def _layers_sheet(arms: Iterable[StudyArm], names: Mapping[str, str], found: Mapping[str, Sequence[Layered]]) -> Sheet:
    columns = columns_of(
        "condition stage layer n",
        *with_interval("mean", "mean", ".2f", "ci_"),
        Column("sd", "SD", ".2f"),
    )
    rows = tuple(
        (names[arm.arm_key], each.stage, each.layer, *summary_cells(each.summary))
        for arm in arms
        for each in found[arm.arm_key]
    )
    note = f"n individuals; {MEAN_INTERVAL}, none where all values are equal or n < 3."
    return Sheet(_SPARSITY, _TITLE, columns, rows, note, folded=True)


def _overlap_page(
    kind: str, arms: Sequence[StudyArm], names: Mapping[str, str], found: Mapping[str, Sequence[Overlap]]
) -> Section | None:
    own = {key: [each for each in all_of_them if each.kind == kind] for key, all_of_them in found.items()}
    with_any = [arm for arm in arms if own[arm.arm_key]]
    if not with_any:
        return None
    title, unit, meaning = _OVERLAPS[kind]
    shown = _some(with_any)
    panels = {names[arm.arm_key]: [_bar(each) for each in own[arm.arm_key]] for arm in shown}
    counts = spell_counts(each.share for arm in shown for each in own[arm.arm_key])
    sheet = _overlap_sheet(kind, title, [(names[arm.arm_key], each) for arm in with_any
                                         for each in own[arm.arm_key]])  # fmt: skip
    picture = Picture(
        name=f"overlap_{kind}",
        title=title,
        caption=(
            f"Dots are means over individuals ({counts}); bars: {MEAN_INTERVAL}. Grey line: the exact "
            "expectation by lot; grey area: where 95 % of individuals would lie by lot (hypergeometric)."
            + _only_some(len(shown), len(with_any))
        ),
        draw=partial(draw_overlaps, panels, unit),
        data=sheet,
        alt=f"{title}: one panel per condition, one dot per layer, beside chance; numbers in the table.",
    )
    return Section(f"structure-{kind.replace('_', '-')}", title, (Paragraph(meaning), picture, sheet))


def _bar(overlap: Overlap) -> Bar:
    return Bar(
        f"layer {overlap.layer}", overlap.share.mean, overlap.share.interval, overlap.chance.mean, overlap.interval
    )


def _overlap_sheet(kind: str, title: str, overlaps: Iterable[tuple[str, Overlap]]) -> Sheet:
    columns = columns_of(
        "condition layer n",
        *with_interval("mean", "mean, %", ".1f", "ci_"),
        "sd",
        *with_interval("chance", "chance, %", ".1f", "chance_", "95 % by lot, from"),
        *with_interval("difference", "mean − chance", "+.1f", "difference_"),
        Column("above", "individuals above"),
        "below",
    )
    rows: list[tuple[Value, ...]] = []
    for name, each in overlaps:
        by_lot = each.interval or (None, None)
        difference = (each.difference.mean, *each.difference.ends)
        outside = tuple(None if share is None else int(share.count) for share in (each.above, each.below))
        rows.append((name, each.layer, *summary_cells(each.share), each.chance.mean, *by_lot, *difference, *outside))
    note = (
        "Chance is the exact expectation had the synapses been drawn by lot. Its interval holds 95 % of individuals "
        "then (quantiles of the hypergeometric distribution); above and below count individuals outside their own. "
        f"Beside mean and difference: {MEAN_INTERVAL}."
    )
    return Sheet(f"overlap_{kind}", title, columns, tuple(rows), note, folded=len(rows) > 24)
