"""Which seed matters: the share of each stream of chance in the variance between networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from depsim.outcomes import SHORT_NAMES, short_name
from depsim.report.ask import Ask, Unasked
from depsim.report.cell import Cell, mean_cell, with_words
from depsim.report.parts import Figure, Finding, Table, crosstab
from depsim.report.words import counted, interval, listed, number
from depsim.statistics.variance import RESIDUAL
from depsim.study.analyses.variance import Incomplete, components, incomplete
from depsim.study.components import REMAINING, crossed_designs
from depsim.study.estimate import Estimate
from depsim.study.reading import Study

_TEXT = (
    "Networks were made of combinations of held streams, the seeds of any two of which meet equally often. A share is "
    "the part of the variance that comes with a stream alone; the residual holds what only combinations explain. "
    "Networks that share streams are no individuals, so nothing compares them with any. Where levels of a stream "
    "collapse now and then, intervals hold a share in as few as 55 % of studies, and one of two equal streams may be "
    "called the largest in up to 8 %."
)
_MOST_NAMED = 4


class Variance(Ask):
    """The variance components of every crossed design of a study."""

    word: ClassVar[str] = "variance"

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for all designs together; nothing where no streams were crossed."""
        designs = crossed_designs(study)
        if not designs:
            return ()
        rows, lacking = components(designs), incomplete(designs)
        shown = _varied(rows)
        return (
            Finding(
                "variance",
                "Which seed matters?",
                _sentence(shown) if shown else _nothing(rows, lacking),
                rows,
                _table(shown, rows) if shown else None,
                _figure(shown) if shown else None,
                text=_TEXT,
                also=_surely(shown),
                open=_lacking(lacking) if shown else "",
                caution=_constant(rows),
                conditions=tuple(dict.fromkeys(row.of("condition") for row in rows)),
            ),
        )

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """All components of a study with crossed designs."""
        return (Unasked(20, cls()),) if crossed_designs(study) else ()


def _varied(rows: Sequence[Estimate]) -> list[Estimate]:
    """Those of outcomes that differ between networks, outcome by outcome."""
    return [row for column in SHORT_NAMES for row in rows if row.of("outcome") == column and row.value is not None]


def _sentence(rows: Sequence[Estimate]) -> str:
    """The stream with the largest estimate under each treatment, in the first outcome."""
    column = rows[0].of("outcome")
    streams = [row for row in rows if row.of("outcome") == column and row.of("component") != RESIDUAL]
    largest = {row.of("condition"): row for row in sorted(streams, key=lambda row: row.value or 0.0)}
    largest = {row.of("condition"): largest[row.of("condition")] for row in streams}
    parts = [
        f"{_stream(row)} {number(row.value, 0)} {interval(row, 0)} ({condition})"
        for condition, row in list(largest.items())[:_MOST_NAMED]
    ]
    shares = f"Largest estimated shares of variance in %, {short_name(column)}: {', '.join(parts)}"
    return f"{shares}; n = {rows[0].n} networks."


def _surely(rows: Sequence[Estimate]) -> tuple[str, ...]:
    """The streams that are the largest beyond doubt."""
    sure = [
        f"{_stream(row)} ({row.of('condition')}, {short_name(row.of('outcome'))})"
        for row in rows
        if row.more["largest"]
    ]
    more = f" and {len(sure) - _MOST_NAMED} more" if len(sure) > _MOST_NAMED else ""
    return (f"Surely the largest stream: {', '.join(sure[:_MOST_NAMED])}{more}.",) if sure else ()


def _nothing(rows: Sequence[Estimate], lacking: Sequence[Incomplete]) -> str:
    if rows:
        return f"All {rows[0].n} networks have the same value in every outcome, so there is no variance to split."
    return _lacking(lacking)


def _lacking(lacking: Sequence[Incomplete]) -> str:
    """Which designs lack networks; the same sweep computes them."""
    if not lacking:
        return ""
    names = listed([one.name for one in lacking[:_MOST_NAMED]])
    failed = sum(one.failed for one in lacking)
    return (
        f"No shares for {names}: {counted(lacking[0].networks, 'network')} of an incomplete design"
        f"{f', {failed} failed' if failed else ''}; the same sweep computes what is missing."
    )


def _constant(rows: Sequence[Estimate]) -> str:
    same = dict.fromkeys(f"{row.of('condition')} ({_outcome(row)})" for row in rows if row.value is None)
    more = f" and {len(same) - _MOST_NAMED} more" if len(same) > _MOST_NAMED else ""
    return f"The same value in all networks: {', '.join(list(same)[:_MOST_NAMED])}{more}." if same else ""


def _table(shown: Sequence[Estimate], rows: Sequence[Estimate]) -> Table:
    """A line for each outcome and treatment, a column for each component."""
    lined = [row._replace(key={**row.key, "line": f"{_outcome(row)}, {row.of('condition')}"}) for row in shown]
    across = {row.of("component"): _stream(row) for row in shown}
    title = f"Share of the variance in % [95 % interval], n = {shown[0].n} networks"
    note = f"`{REMAINING}` stands for the streams that were not held." if REMAINING in across else ""
    made = crosstab("variance", title, lined, "line", across, _cell, by="component", note=note)
    return replace(made, rows=tuple(rows))


def _cell(row: Estimate) -> Cell:
    return with_words(mean_cell(row, 0), "largest" if row.more["largest"] else "")


def _stream(row: Estimate) -> str:
    return row.of("component")


def _figure(rows: Sequence[Estimate]) -> Figure:
    levels = {_stream(row): row.more["levels"] for row in rows if row.more.get("levels")}
    seeds = ", ".join(f"{count} of {name}" for name, count in levels.items())
    caption = (
        f"Each bar: the variance of an outcome over n = {rows[0].n} networks (seeds: {seeds}), split into components "
        "in %. Intervals are in the table."
    )
    return Figure("variance_shares", caption, lambda: _draw(rows), tuple(rows))


def _draw(rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.stacked_bars import draw_stacked_bars

    panels: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        bars = panels.setdefault(short_name(row.of("outcome")), {})
        bars.setdefault(row.of("condition"), {})[_stream(row)] = (row.value or 0.0) / 100
    return draw_stacked_bars(panels, RESIDUAL)


def _outcome(row: Estimate) -> str:
    return short_name(row.of("outcome"))
