"""Who benefits from what: outcomes and differences of drugs along traits, rules, and what would be there again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from depsim.outcomes import PRIMARY, SHORT_NAMES, short_name
from depsim.report.ask import Ask, AskError, Unasked
from depsim.report.cell import Cell, difference_cell, with_words
from depsim.report.parts import MOST_ROWS, Figure, Finding, Table, crosstab
from depsim.report.questions import reliability, rules
from depsim.report.words import difference, number
from depsim.statistics import FEWEST_FOR_INFERENCE
from depsim.statistics.triage import LEARNERS
from depsim.study.analyses.traits import differing, drugs, scaled, trait_slopes
from depsim.study.estimate import Estimate
from depsim.study.groups import Group, align, groups
from depsim.study.naming import UNTREATED
from depsim.study.reading import Study

_UNITS = {outcome.column: outcome.unit for outcome in PRIMARY}
_POINTS = 50
"""Of a fitted line."""


class WhoBenefits(Ask):
    """Who benefits from what, where individuals differ in traits or have replicates.

    Args:
        of: ``slopes`` along traits, a ``rule`` that sends individuals to drugs, or the ``reliability`` of individuals.
    """

    word: ClassVar[str] = "traits"
    shorthand: ClassVar[str] = "of"

    of: Literal["slopes", "rule", "reliability"] = "slopes"

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse to compare drugs where there is one alone."""
        if self.of != "reliability" and len({*treatments} - {"none", UNTREATED}) < 2:
            raise AskError(
                f"report: {self.word}.of={self.of}: takes two drugs or more, there are "
                f"{', '.join(sorted(treatments)) or 'none'}"
            )

    def findings(self, study: Study) -> Sequence[Finding]:
        """What was asked of all groups together; the first one is shown."""
        parts = groups(study, ("treatment",))
        if self.of == "rule":
            return rules.findings(parts)
        if self.of == "reliability":
            return reliability.findings(parts)
        return _slopes([group for group in parts if differing(group)])

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """Slopes where individuals differ, a rule where enough are left, reliability where they have replicates."""
        parts = [group for group in groups(study, ("treatment",)) if differing(group)]
        asks = [Unasked(30, cls())] if parts else []
        if any(len(drugs(group)) > 1 and group.n > LEARNERS for group in parts):
            asks.append(Unasked(31, cls(of="rule")))
        if any(arm.replicates for arm in study.arms):
            asks.append(Unasked(150, cls(of="reliability")))
        return asks


def _slopes(parts: Sequence[Group]) -> Sequence[Finding]:
    rows = trait_slopes(parts)
    if not rows:
        return ()
    group = parts[0]
    first = [row for row in rows if all(row.key.get(key) == value for key, value in group.key.items())]
    compared, drug_rows = [row for row in first if row.of("b")], [row for row in first if not row.of("b")]
    main = compared or drug_rows
    findings = [
        Finding(
            "traits",
            "Who benefits from what?",
            _sentence(main),
            rows,
            _table("traits", main, rows),
            _figure(group, drug_rows, _steepest(main)[0].of("trait")),
            text=_text(main),
            also=_established(main),
            open=_open(main),
            conditions=tuple(drug.name for drug in drugs(group)),
        )
    ]
    if compared:
        title = "How does each drug's own outcome go with the traits?"
        findings.append(
            Finding(
                "traits_own",
                title,
                _own_sentence(drug_rows),
                tuple(drug_rows),
                _table("traits_own", drug_rows, drug_rows),
            )
        )
    return findings


def _steepest(rows: Sequence[Estimate]) -> list[Estimate]:
    """The rows of the pair and trait that the sentence is about, outcome by outcome.

    The steepest one, whose interval holds together with all others; without intervals the first one.
    """
    judged = [row for row in rows if "together_low" in row.more]
    chosen = max(judged, key=lambda row: abs(row.value or 0.0)) if judged else rows[0]
    return [row for row in rows if all(row.of(part) == chosen.of(part) for part in ("a", "b", "trait"))]


def _sentence(rows: Sequence[Estimate]) -> str:
    shown = _steepest(rows)
    trait, n = _trait(shown[0]), shown[0].n
    judged = [slope for slope in map(_together, shown) if "together_low" in slope.more]
    if judged and all(low <= 0 <= high for slope in judged if slope.interval for low, high in (slope.interval,)):
        row = max(judged, key=lambda slope: abs(slope.value or 0.0))
        return (
            f"0 of {row.more['compared']} slopes of drug minus drug are established; steepest, per SD of "
            f"{trait}: {_who(row)}, {_short(row)}, {difference(row)} points (simultaneous interval, n = {n})."
        )
    values = ", ".join(f"{_short(row)} {difference(_together(row))}" for row in shown)
    return (
        f"Per SD of {trait}, {_who(shown[0])}: {values} points ({'simultaneous intervals, ' if judged else ''}n = {n})."
    )


def _own_sentence(rows: Sequence[Estimate]) -> str:
    first = rows[0]
    same = [row for row in rows if all(row.of(part) == first.of(part) for part in ("trait", "outcome"))]
    values = ", ".join(f"{row.of('a')} {difference(row)}" for row in same[:4])
    return f"Per SD of {_trait(first)}, {_short(first)}: {values} points (n = {first.n})."


def _text(rows: Sequence[Estimate]) -> str:
    return (
        "Slopes of the difference of two drugs within individuals on all traits together, in points per standard "
        "deviation of a trait on the scale that it is drawn on (least squares, HC3 errors). Where the slope is 0, the "
        "trait does not change which drug is better."
        if rows[0].of("b")
        else "One drug alone: its outcome on all traits together, in points per standard deviation (HC3 errors)."
    )


def _established(rows: Sequence[Estimate]) -> tuple[str, ...]:
    count = sum(row.verdict == "yes" for row in rows)
    if not count or not rows[0].of("b"):
        return ()
    tests = f"{rows[0].more['tests']}"
    return (f"{count} of {len(rows)} slopes of drug minus drug are established (Holm over {tests}).",)


def _open(rows: Sequence[Estimate]) -> str:
    """Which slopes are undecided, and how many individuals would narrow the widest to the relevant difference."""
    if all(row.interval is None for row in rows):
        needed = FEWEST_FOR_INFERENCE * int(rows[0].number("traits") or 0.0)
        return f"No intervals of slopes yet: n = {rows[0].n}, they take {needed} individuals (`cohort.size={needed}`)."
    undecided = [row for row in rows if row.verdict == "undecided" and _is_wide(row)]
    if not undecided:
        return ""
    row = max(undecided, key=_needed)
    others = f"; so are {len(undecided) - 1} others" if len(undecided) > 1 else ""
    margin = row.more.get("margin")
    more = f" (± {number(float(margin))} takes {_needed(row):,} individuals)" if margin else ""
    return f"Undecided: {_who(row)} per SD of {_trait(row)}, {_short(row)}, {difference(_together(row))}{more}{others}."


def _is_wide(row: Estimate) -> bool:
    """Whether a slope that matters, of more than the smallest relevant difference a standard deviation, is possible."""
    ends = _together(row).interval
    return ends is not None and max(map(abs, ends)) > (row.number("margin") or 0.0)


def _needed(row: Estimate) -> int:
    half, margin = (
        ((row.number("together_high") or 0.0) - (row.number("together_low") or 0.0)) / 2,
        (row.number("margin") or 0.0),
    )
    return int(np.ceil(row.n * max(half / margin, 1.0) ** 2)) if margin else 0


def _table(name: str, rows: Sequence[Estimate], every: Sequence[Estimate]) -> Table:
    """A line for each pair, or drug, and trait; a column for each outcome."""
    lined = [row._replace(key={**row.key, "line": f"{_who(row)}, {_trait(row)}"}) for row in rows]
    judged = any(row.interval for row in rows)
    note = f"yes: the slope is not 0, p adjusted by Holm over {rows[0].more['tests']} slopes." if judged else ""
    title = f"Points per SD of the trait{' [95 % interval]' if judged else ''}, n = {rows[0].n}"
    made = crosstab(name, title, lined, "line", SHORT_NAMES, _cell, most=MOST_ROWS, note=note)
    return replace(made, rows=tuple(every))


def _cell(row: Estimate) -> Cell:
    return with_words(difference_cell(row), "yes" if row.verdict == "yes" else "")


def _together(row: Estimate) -> Estimate:
    """A row with the interval that holds together with the others'."""
    if "together_low" not in row.more:
        return row
    return row._replace(low=(row.number("together_low") or 0.0), high=(row.number("together_high") or 0.0))


def _figure(group: Group, drug_rows: Sequence[Estimate], trait: str) -> Figure:
    rows = tuple(row for row in drug_rows if row.of("trait") == trait)
    band = ", with the slope's 95 % interval" if any(row.interval for row in rows) else ""
    caption = (
        f"Dots: individuals; lines: fits on all traits together{band}. "
        f"{_trait(rows[0]).capitalize()} in standard deviations, on the scale that it is drawn on. n = {rows[0].n}."
    )
    return Figure("traits_lines", caption, lambda: _draw(group, rows, trait), rows)


def _draw(group: Group, rows: Sequence[Estimate], trait: str) -> Any:
    from depsim.report.figures.condition_style import condition_styles
    from depsim.report.figures.scatter import Cloud, FittedLine, ScatterPanel, draw_scatter

    group_drugs, styles = drugs(group), condition_styles(drugs(group))
    panels: list[ScatterPanel] = []
    for column, title in SHORT_NAMES.items():
        clouds = []
        for drug in group_drugs:
            row = next((row for row in rows if (row.of("a"), row.of("outcome")) == (drug.name, column)), None)
            if row is None:
                continue
            _, table = align([drug.values(column), drug.values(f"trait/{trait}")])
            x = scaled(trait, table[:, 1])
            x = (x - x.mean()) / (x.std(ddof=1) or 1.0)
            ends = np.linspace(x.min(), x.max(), _POINTS)
            slopes = np.array([np.nan if value is None else value for value in (row.value, row.low, row.high)])
            lines = table[:, 0].mean() + slopes[:, None] * ends
            line = FittedLine(ends, lines[0], lines[1:].min(axis=0), lines[1:].max(axis=0))
            clouds.append(Cloud(drug.name, styles[drug.name].colour, styles[drug.name].marker, x, table[:, 0], line))
        if clouds:
            panels.append(ScatterPanel(title, f"{trait.replace('_', ' ')}, SD", _UNITS[column], tuple(clouds)))
    return draw_scatter(panels)


def _who(row: Estimate) -> str:
    return f"{row.of('a')} − {row.of('b')}" if row.of("b") else row.of("a")


def _short(row: Estimate) -> str:
    return short_name(row.of("outcome"))


def _trait(row: Estimate) -> str:
    return row.of("trait").replace("_", " ")
