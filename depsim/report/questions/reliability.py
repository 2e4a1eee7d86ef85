"""Would it be the same again: what replicates allow to say of single individuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.outcomes import SHORT_NAMES, short_name
from depsim.report.cell import Content, mean_cell, with_words
from depsim.report.parts import MOST_ROWS, Figure, Finding, crosstab
from depsim.report.words import counted, mean_interval, number
from depsim.statistics.reliability import LOWEST
from depsim.study.analyses.reliability import reliabilities
from depsim.study.estimate import Estimate
from depsim.study.groups import Group

_TEXT = (
    "Replicates of an individual share data, healthy network and pathology, and differ in order and noise from there "
    "on. Intraclass correlation: the share of the variance of one replicate that lies between individuals. Below 0.5 "
    "nothing can be said of single individuals."
)
_NAMED = 3


def findings(parts: Sequence[Group]) -> tuple[Finding, ...]:
    """The reliability of each outcome and of the differences of drugs; nothing without replicates."""
    rows = tuple(row for group in parts for row in reliabilities(group))
    if not rows:
        return ()
    group = next(group for group in parts if reliabilities(group))
    first = [row for row in rows if dict(group.key).items() <= dict(row.key).items()]
    column = first[0].of("outcome")
    shown = [row for row in first if row.of("outcome") == column and row.value is not None][:4]
    values = ", ".join(f"{row.of('condition')} {mean_interval(row, 2)}" for row in shown)
    possible = sum(row.verdict == "yes" for row in first)
    sentence = (
        f"Reliable for single individuals: {possible} of {len(first)} outcomes and differences; "
        f"{short_name(column)}: {values or 'unknown'} (n = {first[0].n})."
    )
    failed = sum(len(again.failures) for arm in group.arms for again in arm.replicates)
    lost = f" {counted(failed, 'replicate')} failed." if failed else ""
    replicates = max(int(row.more.get("replicates") or 0) for row in first)
    note = f"{replicates} replicates each; in parentheses the SD within and between individuals."
    table = crosstab(
        "reliability",
        f"Reliability [95 % interval], n = {first[0].n}",
        first,
        "condition",
        SHORT_NAMES,
        _cell,
        most=MOST_ROWS,
        note=note,
    )
    return (
        Finding(
            "reliability",
            "Would it be the same again?",
            sentence,
            rows,
            table,
            _figure(first),
            text=_TEXT + lost,
            caution=_caution(first),
        ),
    )


def _cell(row: Estimate) -> Content:
    if row.value is None:
        return f"n = {row.n}"
    within, between = (row.number(name) for name in ("within", "between"))
    return with_words(mean_cell(row, 2), f"({number(within)}/{number(between)}) {row.verdict}")


def _caution(rows: Sequence[Estimate]) -> str:
    low = [f"{row.of('condition')}, {short_name(row.of('outcome'))}" for row in rows if row.verdict == "no"]
    if not low:
        return ""
    more = f" and {len(low) - _NAMED} more" if len(low) > _NAMED else ""
    return f"Reliability below {LOWEST}: say nothing of single individuals for {'; '.join(low[:_NAMED])}{more}."


def _figure(rows: Sequence[Estimate]) -> Figure:
    caption = f"Reliability with its 95 % interval, n = {rows[0].n}; line: {LOWEST}, below it nothing can be said."
    return Figure("reliability_shares", caption, lambda: _draw(rows), tuple(rows))


def _draw(rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.forest import Mark, draw_forest

    marks: dict[str, list[Mark]] = {}
    for row in rows:
        if row.value is not None:
            title = short_name(row.of("outcome"))
            marks.setdefault(title, []).append(Mark(row.of("condition"), row.value, row.interval))
    return draw_forest(marks, "reliability", at=LOWEST, limits=(-0.02, 1.02))
