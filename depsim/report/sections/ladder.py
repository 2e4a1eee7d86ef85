"""Step by step: who recovers at which step of a ladder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Block, Column, Paragraph, Picture, Section, Sheet, Value
from depsim.report.figures.ladder import draw_ladder
from depsim.study.ladders import Ladder, are_the_question, ladders
from depsim.study.naming import name_arms
from depsim.study.reading import Study

STAR_D = (36.8, 30.6, 13.7, 13.0)
"""Remission of those who began each step, per cent: Rush et al. (2006), QIDS-SR; only a shape to look at."""
_SOURCE = "STAR*D (2006), patients: for the shape only"
_RUNGS = columns_of(
    "step",
    Column("drugs", "what is given"),
    Column("got", "got it"),
    *with_interval("recovered", "recovered with it, %", ".0f"),
    Column("total", "in remission with it or before, % of all", ".0f"),
)


def section(study: Study) -> Section | None:
    """The section; None without a ladder."""
    found, names = ladders(study), name_arms(study.arms)
    if not found:
        return None
    blocks: list[Block] = [
        Paragraph(
            "Each step after the first is for those only who are not in remission then. Whoever is in remission in the "
            "end has recovered with the last step that it got. Beside stand the shares of the STAR*D trial (Rush et "
            "al. 2006), whose patients left and whose drugs were others: only the shape can be looked at."
        )
    ]
    for place, own in enumerate(found):
        blocks.append(_picture(own, names, "" if len(found) == 1 else f"_{place + 1}"))
    return Section("ladder", "Step by step", tuple(blocks))


def answer_lines(study: Study) -> list[str]:
    """Who recovers at which step, where no other regimen is the question."""
    if not are_the_question(study):
        return []
    names, lines = name_arms(study.arms), []
    for own in ladders(study)[:1]:
        told = ", then ".join(f"{rung.drugs} {100 * rung.total:.0f} %" for rung in own.rungs)
        lines.append(f"Step by step in {names[own.arm.arm_key]}, in remission of all {own.n} so far: {told}.")
    return lines


def _picture(own: Ladder, names: Mapping[str, str], suffix: str) -> Picture:
    found = [rung.recovered for rung in own.rungs]
    shares = [each.per_cent for each in found]
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (place + 1, rung.drugs, rung.recovered.n, *(ends if rung.recovered.n else (None,) * 3), 100 * rung.total)
        for place, (rung, ends) in enumerate(zip(own.rungs, shares, strict=True))
    )
    title = f"Who recovers at which step: {names[own.arm.arm_key]}"
    note = "Shares with Wilson's 95 % interval; whoever had no deficit to begin with is left out."
    steps = [f"{place + 1}: {rung.drugs} (n = {rung.recovered.n})" for place, rung in enumerate(own.rungs)]
    return Picture(
        f"ladder{suffix}",
        title,
        f"n = {own.n}. Bars: of those who got a step, the share that is in remission in the end with this as its last "
        "step, with Wilson's 95 % interval. Circles: remission of the patients of STAR*D who began a step.",
        partial(draw_ladder, steps, shares, STAR_D, _SOURCE),
        Sheet(f"ladder{suffix}", title, _RUNGS, rows, note),
        "Bars of the share that recovers at each step, and circles of a trial with patients",
    )
