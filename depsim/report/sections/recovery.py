"""Who responds to a treatment, who is in remission, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Column, Paragraph, Section, Sheet, Value
from depsim.report.sections import best
from depsim.report.wording import first_of, span, told_apart
from depsim.stages import TREATED
from depsim.statistics import family, paired_rates, proportion
from depsim.study.components import without_crossed
from depsim.study.naming import name_arms
from depsim.study.reading import Study, StudyArm, paired

_CONTROLS = ("sham", "none")
"""The treatments that others are compared with: the first of which there is one condition."""
_RATES = ("response", "remission")
_NAMED = 6
"""How many conditions the answer names."""
_MEANS = (f"{TREATED}/deficit", "treatment/epochs", "treatment/rate_steps")
_SHARES = columns_of(
    "condition n",
    *with_interval("response", "response, %", ".0f", "response_"),
    *with_interval("remission", "remission, %", ".0f", "remission_"),
    Column("deficit", "deficit left, points", ".1f"),
    Column("epochs", "epochs", ".4g"),
    Column("rate_steps", "learning rate x steps", ".3g"),
)
_COMPARED = columns_of(
    "condition",
    Column("control", "compared with"),
    "outcome n",
    *with_interval("difference", "difference, points", "+.0f"),
    "p p_holm",
)


def section(study: Study) -> Section | None:
    """The section; None where nobody has a deficit to treat."""
    found = [group for group in without_crossed(study).groups() if any(_has(arm) for arm in group.arms)]
    if not found:
        return None
    text = (
        "The deficit is how many points of accuracy under combined stress an individual is below its own healthy "
        "network. A response leaves at most the set share of the depressed deficit (assessment.response), remission at "
        "most the set points (assessment.remission). Whoever had no deficit to begin with is in no rate."
    )
    names = name_arms(study.arms)
    blocks: list[Paragraph | Sheet] = [Paragraph(text)]
    for group, suffix, whose in told_apart(found, lambda group: group.data):
        arms = {names[arm.arm_key]: arm for arm in group.arms if _has(arm)}
        note = "Shares of individuals with Wilson's 95 % interval; deficit and cost are means over individuals."
        blocks.append(Sheet(f"recovery{suffix}", f"Response and remission{whose}", _SHARES, _shares(arms), note))
        blocks += best.blocks(arms, suffix, whose) if _has_regimen(arms.values()) else []
        if rows := _compared(arms):
            note = "Paired within individuals: Bonett and Price's interval, McNemar's exact test, Holm over this table."
            blocks.append(Sheet(f"recovery_compared{suffix}", f"Beside the control{whose}", _COMPARED, rows, note))
    return Section("recovery", "Who recovers", tuple(blocks))


def remission_line(study: Study) -> str:
    """Who is in remission, the most first; empty where no regimen is among the treatments."""
    names, groups = name_arms(study.arms), without_crossed(study).groups()
    arms = [arm for arm in (groups[0].arms if groups else ()) if _has(arm)]
    if not _has_regimen(arms):
        return ""
    rates = [(arm.values(f"{TREATED}/remission"), names[arm.arm_key]) for arm in arms]
    shares = [(proportion(own), name) for own, name in rates if np.isfinite(own).any()]
    if not shares:
        return ""
    ranked = sorted(shares, key=lambda each: -each[0].share)
    told = first_of([f"{name} {100 * found.share:.0f} %" for found, name in ranked], _NAMED, ", ")
    return f"In remission: {told} (of {span(found.n for found, _ in shares)} with a deficit)."


def _has_regimen(arms: Iterable[StudyArm]) -> bool:
    return any(key.startswith("treatment.steps") for arm in arms for key in arm.settings)


def _has(arm: StudyArm) -> bool:
    return arm.has(f"{TREATED}/remission")


def _shares(arms: Mapping[str, StudyArm]) -> tuple[tuple[Value, ...], ...]:
    rows: list[tuple[Value, ...]] = []
    for name, arm in arms.items():
        rates = [proportion(arm.values(f"{TREATED}/{rate}")) for rate in _RATES]
        means = [float(np.nanmean(own)) if np.isfinite(own).any() else None for own in map(arm.values, _MEANS)]
        per_cent = [own.per_cent if own.n else (None, None, None) for own in rates]
        rows.append((name, rates[-1].n, *per_cent[0], *per_cent[1], *means))
    return tuple(rows)


def _compared(arms: Mapping[str, StudyArm]) -> tuple[tuple[Value, ...], ...]:
    """Every condition beside the control, a row per rate."""
    there = [[name for name, arm in arms.items() if arm.treatment == control] for control in _CONTROLS]
    control = next((names[0] for names in there if len(names) == 1), None)
    if control is None:
        return ()
    asked = [(name, rate) for name in arms if name != control for rate in _RATES]
    both = [paired([arms[name], arms[control]], f"{TREATED}/{rate}")[1] for name, rate in asked]
    measured = [(told, values) for told, values in zip(asked, both, strict=True) if len(values)]
    found = family([paired_rates(*values.T) for _, values in measured])
    return tuple(
        (name, control, rate, own.n, *own.per_cent, own.p, own.p_holm)
        for ((name, rate), _), own in zip(measured, found, strict=True)
    )
