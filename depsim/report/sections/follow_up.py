"""How long treatments hold while stress goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from depsim.report.columns import columns_of, with_interval
from depsim.report.contrasts import contrast_cells, contrast_columns, spell_contrast
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.lines import Curve, Panel, draw_lines
from depsim.report.figures.style import colours, markers
from depsim.report.points import interval_ends
from depsim.report.sections import arm_claims
from depsim.report.wording import first_of
from depsim.statistics import MEAN_INTERVAL, summarise
from depsim.study.compared import Compared, compare_all
from depsim.study.courses import (
    MAINTENANCE,
    RelapseFree,
    both_lasting,
    course_of,
    followed,
    last_cycle,
    lasting,
    relapse_free,
)
from depsim.study.naming import distinct, name_arms
from depsim.study.reading import Study, StudyArm

_MEASURE, _CYCLES = "combined", "relapse-free cycles"
_DASHES = {"own": "-", "withheld": ":", "sham": "--"}
_NAMED = 4
_SUMMARY = columns_of(
    "condition n",
    Column("well", "in remission at cycle 0"),
    "relapses",
    *with_interval("mean", "relapse-free cycles, mean", ".2f"),
    Column("cycles", "of"),
)
_RISK = columns_of(
    "condition cycle",
    Column("at_risk", "at risk"),
    "relapses",
    *with_interval("share", "relapse-free, %", ".0f"),
)
_CONTRASTS = columns_of("a b", *contrast_columns("A − B, relapse-free cycles"))
_COURSE = columns_of("condition cycle n mean", Column("low", "from", ".2f"), "high")


def section(study: Study) -> Section | None:
    """The section; None where nobody was followed up."""
    arms = followed(study)
    if not arms:
        return None
    names = _names(study)
    curves = {arm.arm_key: relapse_free(arm) for arm in arms}
    text = (
        "From the treated networks, each cycle removes some of the surviving synapses and then maintains the rest. A "
        "relapse is a deficit in combined accuracy above the set points at two examinations in a row, dated to the "
        "first (assessment.relapse_deficit); whoever is not in remission at cycle 0 has no relapse-free cycle. Nobody "
        "is lost before the last cycle."
    )
    blocks: tuple[Block, ...] = (
        Paragraph(text),
        Sheet(
            "follow_up",
            "Relapse-free cycles",
            _SUMMARY,
            _summary(arms, names, curves),
            f"Mean over individuals, from and to: {MEAN_INTERVAL}.",
        ),
        _accuracy(arms, names),
        _free(arms, names, curves),
        _at_risk(arms, names, curves),
        *_contrasts(arms, names),
    )
    return Section("follow_up", "Stress that goes on", (*blocks, *_diverged(arms, names)))


def answer_lines(study: Study) -> list[str]:
    """How long the treatments hold, and what maintenance does; nothing where nobody was followed up."""
    arms = followed(study)
    if not arms:
        return []
    names = _names(study)
    own = [(float(lasting(arm).cycles.mean()), names[arm.arm_key]) for arm in distinct(arms)]
    means = sorted(own, reverse=True)
    named = first_of([f"{name} {mean:.1f}" for mean, name in means], _NAMED)
    lines = [f"Relapse-free cycles of {last_cycle(arms[0])}, on average: {named}."]
    if said := arm_claims.maintenance_words(study):
        return [*lines, said]
    if told := [each for each in _tested(arms, names) if each.contrast.beyond_chance]:
        said = "; ".join(f"{each.a} − {each.b} {spell_contrast(each.contrast)}" for each in told[:_NAMED])
        lines.append(f"What maintenance does, paired within individuals, in relapse-free cycles: {said}.")
    elif any(len(own) > 1 for own in _by_treatment(arms).values()):
        lines.append(
            "Whether maintenance matters cannot be told: no difference in relapse-free cycles is beyond chance."
        )
    return lines


def _names(study: Study) -> Mapping[str, str]:
    """The arms' names without the key that tells them apart here; names of one arm share their treatment's."""
    found = {}
    for key, name in name_arms(study.arms).items():
        parts = [part.partition(", ") for part in name.replace(f"{MAINTENANCE}=", "").split(" = ")]
        alike = len({treatment for treatment, _, _ in parts}) == 1 and all(rest for _, _, rest in parts)
        rests = " = ".join(rest for _, _, rest in parts)
        found[key] = f"{parts[0][0]}, {rests}" if alike else name.replace(f"{MAINTENANCE}=", "")
    return found


def _by_treatment(arms: Sequence[StudyArm]) -> dict[str, list[StudyArm]]:
    found: dict[str, list[StudyArm]] = {}
    for arm in arms:
        found.setdefault(arm.treatment, []).append(arm)
    return found


def _tested(arms: Sequence[StudyArm], names: Mapping[str, str]) -> tuple[Compared, ...]:
    """Each two maintenances of a treatment, one family; arms that are one are not compared."""
    return compare_all(
        (names[first.arm_key], names[second.arm_key], _CYCLES, both_lasting(first, second))
        for own in _by_treatment(arms).values()
        for first, second in combinations(own, 2)
        if first.arm_key != second.arm_key
    )


def _summary(
    arms: Sequence[StudyArm], names: Mapping[str, str], curves: Mapping[str, RelapseFree]
) -> tuple[tuple[Value, ...], ...]:
    rows: list[tuple[Value, ...]] = []
    for arm in distinct(arms):
        (found,) = summarise(lasting(arm).cycles[:, None])
        curve, last = curves[arm.arm_key], last_cycle(arm)
        well = curve.at_risk[0] - curve.events[0]
        rows.append((names[arm.arm_key], found.n, well, sum(curve.events[1:]), found.mean, *found.ends, last))
    return tuple(rows)


def _diverged(arms: Sequence[StudyArm], names: Mapping[str, str]) -> list[Paragraph]:
    """Who counts as relapsed without an outcome."""
    told = [
        f"{names[arm.arm_key]}: {', '.join(f'{seed} at cycle {cycle}' for seed, cycle in sorted(diverged.items()))}"
        for arm in distinct(arms)
        if (diverged := lasting(arm).diverged)
    ]
    if not told:
        return []
    text = (
        f"Training that diverged counts as a relapse at that cycle, at cycle 0 where it was before: {'; '.join(told)}. "
        "Accuracy by cycle is that of the others."
    )
    return [Paragraph(text, "warning")]


def _contrasts(arms: Sequence[StudyArm], names: Mapping[str, str]) -> list[Sheet]:
    rows = tuple((each.a, each.b, *contrast_cells(each.contrast)) for each in _tested(arms, names))
    note = (
        "Paired differences of the restricted mean; p of the sign-flip permutation test, Holm over this table. "
        "Conditions with the same steps are one, and are not compared with themselves."
    )
    return [Sheet("follow_up_maintenance", "Does maintenance matter?", _CONTRASTS, rows, note)] if rows else []


def _at_risk(arms: Sequence[StudyArm], names: Mapping[str, str], curves: Mapping[str, RelapseFree]) -> Sheet:
    rows = tuple(row for arm in distinct(arms) for row in _by_cycle(names[arm.arm_key], curves[arm.arm_key]))
    note = "At cycle 0 those who are not in remission count as relapsed. From and to: log-log interval of the curve."
    return Sheet("follow_up_at_risk", "Numbers at risk", _RISK, rows, note, folded=True)


def _by_cycle(name: str, found: RelapseFree) -> list[tuple[Value, ...]]:
    """A row per cycle: who is at risk, who relapses, and the share without a relapse with its interval."""
    rows: list[tuple[Value, ...]] = []
    for cycle, (at_risk, events) in enumerate(zip(found.at_risk, found.events, strict=True)):
        ends = (None if np.isnan(end[cycle]) else float(end[cycle]) for end in (found.low, found.high))
        rows.append((name, cycle, at_risk, events, float(found.share[cycle]), *ends))
    return rows


def _accuracy(arms: Sequence[StudyArm], names: Mapping[str, str]) -> Picture:
    """A panel per treatment, a line per maintenance."""
    curves: dict[str, list[Curve]] = {}
    rows: list[tuple[Value, ...]] = []
    for arm in distinct(arms):
        people = course_of(arm, _MEASURE)
        found = summarise(people)
        mean = np.array([each.mean for each in found])
        low, high = interval_ends(found)
        curves.setdefault(arm.treatment, []).append(_curve(arm, arms, names, mean, low, high, people))
        for cycle, each in enumerate(found):
            rows.append((names[arm.arm_key], cycle, each.n, each.mean, *each.ends))
    panels = [Panel(treatment, "combined stress, %", tuple(own)) for treatment, own in curves.items()]
    return Picture(
        name="follow_up_accuracy",
        title="Accuracy under combined stress, by cycle",
        caption="After the maintenance of each cycle; cycle 0 is the treated network. Thin lines: individuals; line "
        f"with marks: their mean (n in the table); band: its {MEAN_INTERVAL}.",
        draw=lambda: _draw(panels, arms),
        data=Sheet("follow_up_accuracy", "Means", _COURSE, tuple(rows)),
        alt="Combined accuracy against the stress cycle, a panel per treatment and a line per maintenance.",
    )


def _free(arms: Sequence[StudyArm], names: Mapping[str, str], free: Mapping[str, RelapseFree]) -> Picture:
    curves: dict[str, list[Curve]] = {}
    rows: list[tuple[Value, ...]] = []
    for arm in distinct(arms):
        found = free[arm.arm_key]
        curves.setdefault(arm.treatment, []).append(_curve(arm, arms, names, found.share, found.low, found.high))
        rows += [(*row[:3], *row[4:]) for row in _by_cycle(names[arm.arm_key], found)]  # without the relapses
    panels = [Panel(treatment, "without a relapse, %", tuple(own)) for treatment, own in curves.items()]
    return Picture(
        name="follow_up_relapse_free",
        title="Individuals without a relapse, by cycle",
        caption="Of all individuals; those who were never in remission have relapsed at cycle 0. Band: log-log 95 % "
        "interval; numbers at risk in the table below.",
        draw=lambda: _draw(panels, arms, shares=True),
        data=Sheet("follow_up_relapse_free", "Shares", _COURSE, tuple(rows)),
        alt="The share of individuals without a relapse against the number of the stress cycle.",
    )


def _draw(panels: Sequence[Panel], arms: Sequence[StudyArm], *, shares: bool = False) -> Any:
    ticks = [(float(cycle), str(cycle)) for cycle in range(last_cycle(arms[0]) + 1)]
    drawn = draw_lines(panels, "cycle", ticks)
    for axis in drawn.axes if shares else ():
        axis.set_ylim(-2, 102)
    return drawn


def _curve(
    arm: StudyArm,
    arms: Sequence[StudyArm],
    names: Mapping[str, str],
    mean: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    people: np.ndarray | None = None,
) -> Curve:
    """One of these arms, with a look that no other treatment of them has."""
    treatments = dict.fromkeys(each.treatment for each in arms)
    return Curve(
        label=names[arm.arm_key],
        colour=colours(treatments)[arm.treatment],
        marker=markers(treatments)[arm.treatment],
        dashes=_DASHES.get(arm.settings.get(MAINTENANCE, "own"), "-"),
        x=np.arange(mean.size),
        mean=mean,
        low=low,
        high=high,
        people=people,
    )
