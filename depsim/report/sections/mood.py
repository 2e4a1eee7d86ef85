"""How conditions bear a constant push on all hidden units, and how active their hidden units are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.looks import looks
from depsim.report.figures.resilience import Curves, draw_resilience
from depsim.report.points import interval_ends
from depsim.report.sections.tables import spell_summary
from depsim.report.wording import told_apart
from depsim.stages import DEPRESSED, EXAMINED_ON_AND_OFF, HEALTHY, TREATED, WITHDRAWN
from depsim.statistics import MEAN_INTERVAL, family, summarise
from depsim.study.bias import ACTIVATION, BiasCurve, bias_curve, compare_thresholds
from depsim.study.components import without_crossed
from depsim.study.naming import name_arms
from depsim.study.panels import Condition
from depsim.study.reading import Group, Study, StudyArm

_LONG = 12
_THRESHOLDS = columns_of(
    "condition n",
    Column("median", "median", ".2f"),
    Column("smallest", "smallest", ".2f"),
    Column("largest", "largest", ".2f"),
    Column("not_reached", "not reached"),
    Column("none", "no threshold"),
)
_SIGNS = columns_of(
    "a b n",
    Column("higher", "A higher"),
    Column("lower", "A lower"),
    "ties",
    *with_interval("share", "A higher, %", ".0f"),
    "p p_holm",
)
_PEOPLE = columns_of("condition seed", Column("threshold", "threshold bias", ".3f"))
_ACTIVATION = columns_of("condition n", *with_interval("mean", "mean", ".4g"))


@dataclass(frozen=True)
class _Bias:
    """A condition at a stage, and its bias curve."""

    condition: Condition
    curve: BiasCurve


def section(study: Study) -> Section | None:
    """The section; None where nobody was examined so."""
    names = name_arms(study.arms)
    groups = [(group, own) for group in without_crossed(study).groups() if (own := _curves(group, names))]
    if not groups:
        return None
    text = (
        "In the biased examinations the internal noise, of SD 1, has a mean m, which pushes all hidden units one way. "
        "The threshold bias of an individual is the first m at which its accuracy is half of its own without noise, by "
        "linear interpolation between the measured ones; it has none where that half is below what guessing gets. "
        "Activation is the mean size of what hidden units send on the test points without noise, after scaling."
    )
    blocks: list[Block] = [Paragraph(text)]
    for (group, own), suffix, whose in told_apart(groups, lambda part: part[0].data):
        blocks += _blocks(group, own, names, suffix, whose)
    return Section("bias", "Biased noise and activation", tuple(blocks))


def _curves(group: Group, names: dict[str, str]) -> list[_Bias]:
    found = []
    for arm in group.arms:
        for stage in EXAMINED_ON_AND_OFF:
            if (curve := bias_curve(arm, stage)) is not None:
                off = f" {WITHDRAWN}" if stage == WITHDRAWN else ""
                found.append(_Bias(Condition(names[arm.arm_key] + off, arm, stage), curve))
    return found


def _blocks(group: Group, own: Sequence[_Bias], names: dict[str, str], suffix: str, whose: str) -> Iterator[Block]:
    before = _before(group)
    yield _picture(own, before, suffix, whose)
    every = [*((stage, curve) for stage, curve in before.items()), *((o.condition.name, o.curve) for o in own)]
    means = sorted({float(mean) for _, curve in every for mean in curve.means})
    columns = columns_of("condition n", *(Column(f"m_{mean:g}", f"m = {mean:g}") for mean in means))
    rows = tuple(_accuracies(name, curve, means) for name, curve in every)
    note = f"Accuracy on the test points, per cent: mean [{MEAN_INTERVAL}]."
    yield Sheet(f"bias{suffix}", f"Accuracy under biased noise{whose}", columns, rows, note)
    yield from _thresholds(own, suffix, whose)
    activation = tuple(_activations(group, names))
    if activation:
        note = f"Mean over individuals; from and to: {MEAN_INTERVAL}."
        yield Sheet(f"activation{suffix}", f"Activation{whose}", _ACTIVATION, activation, note)


def _before(group: Group) -> dict[str, BiasCurve]:
    """What is the same in all conditions, from the one with most individuals."""
    largest = max(group.arms, key=lambda arm: len(arm.seeds))
    found = {stage: bias_curve(largest, stage) for stage in (HEALTHY, DEPRESSED)}
    return {stage: curve for stage, curve in found.items() if curve is not None}


def _accuracies(name: str, curve: BiasCurve, means: Sequence[float]) -> tuple[Value, ...]:
    cells = dict(zip(curve.means.tolist(), map(spell_summary, summarise(curve.people)), strict=True))
    return (name, len(curve.seeds), *(cells.get(mean) for mean in means))


def _picture(own: Sequence[_Bias], before: dict[str, BiasCurve], suffix: str, whose: str) -> Picture:
    curves, rows = [], []
    for each in own:
        found = summarise(each.curve.people)
        low, high = interval_ends(found)
        mean = np.array([summary.mean for summary in found])
        curves.append(Curves(each.condition.name, each.curve.means, each.curve.people, mean, low, high, None))
        for m, summary in zip(each.curve.means.tolist(), found, strict=True):
            rows.append((each.condition.name, m, summary.n, summary.mean, *summary.ends))
    ill = before.get(DEPRESSED)
    reference = None if ill is None else (DEPRESSED, ill.means, ill.people.mean(axis=0))
    look = looks([each.condition for each in own])
    dotted = "" if reference is None else " Dotted: mean of the depressed networks, before any treatment."
    columns = columns_of("condition", Column("m", "m", "g"), "n mean", Column("low", "from", ".2f"), "high")
    return Picture(
        name=f"bias_curves{suffix}",
        title=f"Accuracy under biased noise{whose}",
        caption="Thin lines: individuals (n above each panel). Thick line with marks: their mean; band: its "
        f"{MEAN_INTERVAL}; broken and hollow where the drug is withdrawn.{dotted} Last panel: all means.",
        draw=lambda: draw_resilience(curves, look, "mean of the internal noise, m", reference),
        data=Sheet(f"bias_curves{suffix}", "Means", columns, tuple(rows)),
        alt="Accuracy against the mean of the internal noise, one panel per condition.",
    )


def _thresholds(own: Sequence[_Bias], suffix: str, whose: str) -> Iterator[Sheet]:
    rows = tuple(_threshold_row(each.condition.name, each.curve) for each in own)
    note = (
        "n: individuals with a threshold, reached or not; one that is not reached counts as larger than all that are. "
        "No threshold: half of the accuracy without noise is below what guessing gets."
    )
    yield Sheet(f"bias_thresholds{suffix}", f"Threshold bias{whose}", _THRESHOLDS, rows, note)
    signs = _signs([each for each in own if each.condition.stage == TREATED])
    if signs:
        note = (
            "Paired within individuals by direction alone, as thresholds that are not reached have no value: share "
            "with Wilson's interval, ties half (both not reached is a tie); p of the sign test, without ties, Holm "
            "over this table."
        )
        title = f"Whose threshold bias is higher{whose}"
        yield Sheet(f"bias_signs{suffix}", title, _SIGNS, signs, note, folded=len(signs) > _LONG)
    people = tuple(
        (each.condition.name, seed, _spell_threshold(threshold, each.curve))
        for each in own
        for seed, threshold in zip(each.curve.seeds, each.curve.thresholds.tolist(), strict=True)
    )
    yield Sheet(f"bias_individuals{suffix}", f"Threshold bias of each individual{whose}", _PEOPLE, people, folded=True)


def _threshold_row(name: str, curve: BiasCurve) -> tuple[Value, ...]:
    own = curve.counted
    ends = (
        [_spell_threshold(float(value), curve) for value in (curve.median, own[0], own[-1])] if own.size else [None] * 3
    )
    return name, own.size, *ends, int(np.isinf(own).sum()), int(np.isnan(curve.thresholds).sum())


def _spell_threshold(value: float, curve: BiasCurve) -> Value:
    """A number; ``> 1.0`` beyond the largest mean that was measured; None for none."""
    if np.isnan(value):
        return None
    return f"> {curve.means[-1]}" if np.isinf(value) else value


def _signs(own: Sequence[_Bias]) -> tuple[tuple[Value, ...], ...]:
    asked = [(a, b) for a, b in combinations(own, 2) if a.condition.arm.arm_key != b.condition.arm.arm_key]
    found = family([compare_thresholds(a.curve, b.curve) for a, b in asked])
    return tuple(
        (a.condition.name, b.condition.name, s.share.n, s.higher, s.lower, s.ties, *s.share.per_cent, s.p, s.p_holm)
        for (a, b), s in zip(asked, found, strict=True)
        if s is not None
    )


def _activations(group: Group, names: dict[str, str]) -> Iterator[tuple[Value, ...]]:
    largest = max(group.arms, key=lambda arm: len(arm.seeds))
    wanted: list[tuple[str, StudyArm, str]] = [(stage, largest, stage) for stage in (HEALTHY, DEPRESSED)]
    for arm in group.arms:
        wanted.append((names[arm.arm_key], arm, TREATED))
        wanted.append((f"{names[arm.arm_key]} {WITHDRAWN}", arm, WITHDRAWN))
    for name, arm, stage in wanted:
        if arm.has(f"{stage}/{ACTIVATION}"):
            (found,) = summarise(arm.values(f"{stage}/{ACTIVATION}")[:, None])
            yield name, found.n, found.mean, *found.ends
