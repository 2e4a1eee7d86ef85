"""Who responds, who remits, who relapses, who recovers at which step, and who collapses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from depsim.report.ask import Ask, Unasked
from depsim.report.cell import Cell, count_cell, mean_cell, number_cell, with_words
from depsim.report.parts import CellOf, Figure, Finding, Table, crosstab, table_of
from depsim.report.questions.course import measured
from depsim.report.questions.curves import few_words
from depsim.report.questions.relapse import relapse
from depsim.report.shares import shares_figure, shares_finding
from depsim.report.words import interval, listed, n_words, number, p_value, paragraph
from depsim.stages import MAINTAINED, TREATED
from depsim.study.analyses.rates import RATES, REMISSION, collapse_rows, ladder_rows, rate_differences, rate_rows
from depsim.study.components import without_crossed
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, groups
from depsim.study.reading import Study
from depsim.study.stored import stored_collapse, stored_treatment
from depsim.treatment import Regimen

_STAR_D = "STAR*D (2006), patients: for the shape only"


class Rates(Ask):
    """How many individuals something becomes of.

    Args:
        of: ``recovery``: response and remission; ``relapse`` over cycles of stress; ``ladder``: who recovers at which
            step of a regimen; ``collapse``: who loses the task without any noise.
    """

    word: ClassVar[str] = "rates"
    shorthand: ClassVar[str] = "of"

    of: Literal["recovery", "relapse", "ladder", "collapse"]

    def findings(self, study: Study) -> Sequence[Finding]:
        """One, of relapse also how conditions differ; none where nothing of it was measured."""
        return _FINDINGS[self.of](study)

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """Relapses over cycles, ladders, which are what a study is for that has no other regimen, and recovery."""
        arms, metrics = without_crossed(study).arms, measured(study)
        conditions = [condition for group in groups(study, ("treatment",)) for condition in group.conditions]
        ladders = {condition.arm.arm_key for condition in conditions if ladder_rows(condition)}
        regimens = {arm.arm_key for arm in arms if isinstance(stored_treatment(arm.settings), Regimen)}
        asks = [Unasked(41, cls(of="relapse"))] if f"{MAINTAINED}/combined/1" in metrics else []
        if ladders:
            asks.append(Unasked(43 if ladders == regimens else 111, cls(of="ladder")))
        return [*asks, *([Unasked(113, cls(of="recovery"))] if f"{TREATED}/deficit" in metrics else [])]


def recovery(study: Study) -> list[Finding]:
    """Response and remission, and their differences from placebo and from untreated."""
    parts = [group for group in groups(study, ("treatment",)) if any(arm.has(REMISSION) for arm in group.arms)]
    every = [(rate_rows(group.conditions, group.key), rate_differences(group)) for group in parts]
    if not any(rates for rates, _ in every):
        return []
    group, (rates, differences) = parts[0], every[0]
    all_rows = tuple(row for both in every for kind_rows in both for row in kind_rows)
    return [
        Finding(
            name="recovery",
            title="Who responds, and who reaches remission?",
            sentence=(answer := _recovery_words(rates)),
            rows=all_rows,
            table=_recovery_table(rates, differences, all_rows),
            figure=shares_figure("recovery", group, rates, {rate: rate for rate in RATES}),
            text=paragraph(
                [
                    answer,
                    "A response leaves at most `assessment.response` of the depressed deficit in "
                    "combined stress, remission at most `assessment.remission` points; whoever had no deficit "
                    "is in no rate.",
                ]
            ),
            also=_sure_words(differences),
            open=few_words(differences),
            conditions=tuple(dict.fromkeys(row.of("condition") for row in rates)),
        )
    ]


def ladder(study: Study) -> list[Finding]:
    """Who recovers at which step of the regimens that are ladders."""
    made = []
    ladders = [
        (condition, rows)
        for group in groups(study, ("treatment",))
        for condition in group.conditions
        if (rows := ladder_rows(condition, group.key))
    ]
    for place, (condition, rows) in enumerate(ladders):
        name = "ladder" if place == 0 else f"ladder_{place + 1}"
        steps = ", then ".join(f"{row.more['drugs']} {number(row.number('total'), 0)} %" for row in rows)
        answer = f"In remission so far, step by step: {steps} (of {rows[0].n} with a deficit)."
        made.append(
            Finding(
                name=name,
                title=f"Who recovers at which step of {condition.name}?",
                sentence=answer,
                rows=rows,
                table=_ladder_table(name, rows),
                figure=_ladder_figure(name, condition, rows),
                text=paragraph(
                    [
                        answer,
                        "Each step after the first is for those only who are not in remission then. "
                        "STAR*D (Rush et al. 2006) had other drugs: only its shape can be looked at.",
                    ]
                ),
                conditions=(condition.name,),
            )
        )
    return made


def collapse(study: Study) -> list[Finding]:
    """Who loses the task without any noise."""
    whole = groups(study, ("treatment",))
    limits = [stored_collapse(group.arms[0].settings) for group in whole]
    every = [
        (group, collapse_rows(group.conditions, limit, group.key)) for group, limit in zip(whole, limits, strict=True)
    ]
    parts = [(group, rows) for group, rows in every if rows]
    if not parts:
        return []
    of = f"below {limits[0]:g} % standard accuracy"
    more: dict[str, CellOf] = {"lowest accuracy, %": lambda row: number_cell(row.number("lowest"))}
    return [shares_finding("collapse", "Who collapses?", of, parts, more)]


_FINDINGS: Mapping[str, Callable[[Study], list[Finding]]] = {
    "recovery": recovery,
    "relapse": relapse,
    "ladder": ladder,
    "collapse": collapse,
}


def _share(row: Estimate) -> str:
    return f"{number(row.value, 0)} {interval(row, 0)}".strip()


def _share_cell(row: Estimate) -> Cell:
    return mean_cell(row, 0)


def _recovery_words(rows: Sequence[Estimate]) -> str:
    shares = {
        rate: ", ".join(f"{row.of('condition')} {_share(row)}" for row in rows if row.of("outcome") == rate)
        for rate in RATES
    }
    return f"In remission: {shares['remission']} %. Response: {shares['response']} % ({n_words(rows)})."


def _recovery_table(rates: Sequence[Estimate], differences: Sequence[Estimate], every: Sequence[Estimate]) -> Table:
    """A line for each condition: both rates, what is left, and the differences from its controls."""
    cells: list[Estimate] = []
    for row in rates:
        cells.append(row._replace(key={**row.key, "column": row.of("outcome")}))
    for row in differences:
        key = {"condition": row.of("a"), "outcome": row.of("outcome"), "column": f"{row.of('outcome')} {row.of('how')}"}
        cells.append(row._replace(key=key))
    across = {rate: f"{rate}, %" for rate in RATES}
    across |= {f"{rate} {how}": f"{rate} less {how}, points" for how in ("placebo", "untreated") for rate in RATES}
    table = crosstab(
        "recovery",
        f"Response and remission [95 % interval], {n_words(rates)}",
        cells,
        "condition",
        across,
        _cell,
        by="column",
        only=list(dict.fromkeys(row.of("condition") for row in rates)),
        note=f"p adjusted by Holm over {len(differences)} tests of the same individuals (McNemar)."
        if differences
        else "",
    )
    return Table(table.name, table.title, table.headings, table.cells, tuple(every), table.note)


def _cell(row: Estimate) -> Cell:
    if "a" not in row.key and row.p_holm is None:
        return mean_cell(row, 0)
    return with_words(mean_cell(row, 0, signed=True), f", p {p_value(row.p_holm)}")


def _sure_words(rows: Sequence[Estimate]) -> tuple[str, ...]:
    """Remission less placebo where it is established; less untreated where there is no placebo."""
    hows = [how for how in ("placebo", "untreated") if any(row.of("how") == how for row in rows)]
    remissions = [row for row in rows if hows and row.of("how") == hows[0] and row.of("outcome") == "remission"]
    sure = [row for row in remissions if row.verdict == "yes"]
    if not sure:
        return ()
    gains = listed([f"{row.of('a')} {number(row.value, 0, True)} {interval(row, 0, True)}" for row in sure[:3]])
    more = f"; {len(sure) - 3} more differ" if len(sure) > 3 else ""
    return (f"Remission less that of {'its placebo' if hows[0] == 'placebo' else 'untreated'}: {gains} points{more}.",)


def _ladder_table(name: str, rows: Sequence[Estimate]) -> Table:
    return table_of(
        name,
        "Recovered with each step",
        rows,
        {
            "step": lambda row: row.of("step"),
            "given": lambda row: str(row.more["drugs"]),
            "got it": lambda row: count_cell(row.n),
            "recovered with it, % [95 % interval]": _share_cell,
            "in remission so far, % of all": lambda row: number_cell(row.number("total"), 0),
            "STAR*D, %": lambda row: number_cell(row.number("published")),
        },
        note="Of those who got a step, the share for whom it was the last and who are in remission; Wilson's interval.",
    )


def _ladder_figure(name: str, condition: Condition, rows: Sequence[Estimate]) -> Figure:
    def draw() -> Any:
        from depsim.report.figures.condition_style import condition_styles
        from depsim.report.figures.rates import Rate, draw_rates

        style = condition_styles([condition])[condition.name]
        rates = [
            Rate(
                f"{row.of('step')}: {row.more['drugs']} (n = {row.n})",
                style,
                row.value,
                row.interval,
                row.number("published"),
            )
            for row in rows
            if row.value is not None
        ]
        return draw_rates({condition.name: rates}, "recovered with it, % of those who got it", _STAR_D)

    caption = "Of those who got a step, the share that recovered with it and its 95 % interval. Circles: STAR*D."
    return Figure(name, caption, draw, tuple(rows))
