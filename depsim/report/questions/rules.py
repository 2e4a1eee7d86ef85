"""Is a rule that sends individuals to drugs better than one drug for all, and does the paper's name the right ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.report.parts import Figure, Finding, Table, crosstab, table_of
from depsim.report.questions.conditions import SHORT
from depsim.report.words import difference, listed, mean_interval, number, p_value
from depsim.statistics.triage import LEARNERS
from depsim.study.analyses.rules import DIVISIONS, LEARNED, PAPERS, kinds, rules
from depsim.study.estimate import Estimate
from depsim.study.groups import Group

_TEXT = (
    f"Learned on the individuals of the first {LEARNERS} seeds, as the best single drug was: a tree of two questions "
    "about what is measured before treatment. Frozen and scored on the others. An oracle knows every outcome, so no "
    "rule reaches it."
)
_FEWEST_FRESH = 40
"""Individuals beyond those that a rule is learned on, for an interval worth reading."""


def findings(parts: Sequence[Group]) -> tuple[Finding, ...]:
    """What rules gain on fresh individuals, and for how many the paper's sentences about kinds of them hold."""
    learned = _rules(parts)
    return (*learned, *_kinds(parts[0] if parts else None, judged=bool(learned)))


def _rules(parts: Sequence[Group]) -> tuple[Finding, ...]:
    rows = rules(parts)
    if not rows:
        return ()
    first = [row for row in rows if dict(parts[0].key).items() <= dict(row.key).items()] or list(rows)
    learned = [row for row in first if row.of("rule") == LEARNED]
    values = ", ".join(f"{SHORT.get(row.of('outcome'), '')} {difference(row)}" for row in learned)
    answers = list(dict.fromkeys(row.verdict or "" for row in learned))
    useful = answers[0] if len(answers) == 1 else "/".join(row.verdict or "" for row in learned)
    sentence = (
        f"A learned rule gains over the best drug: {values} points; useful: {useful} "
        f"(n = {learned[0].n} fresh individuals). {_divided(learned)}"
    )
    undecided = [SHORT.get(row.of("outcome"), "") for row in learned if row.verdict == "undecided"]
    unknown = (
        f"Undecided on {learned[0].n} fresh individuals: a rule's use for {listed(undecided)}." if undecided else ""
    )
    return (
        Finding(
            "rules",
            "Is a rule better than one drug for all?",
            sentence,
            rows,
            _table(first, rows),
            _figure(first),
            text=_TEXT,
            open=unknown,
        ),
    )


def _divided(learned: Sequence[Estimate]) -> str:
    """The learned gains beside those of random divisions."""
    over = [
        row._replace(value=_more(row, "divided"), low=_more(row, "divided_low"), high=_more(row, "divided_high"))
        for row in learned
    ]
    gains = ", ".join(f"{SHORT.get(row.of('outcome'), '')} {_two_digits(row)}" for row in over)
    return f"Over {DIVISIONS} random divisions into {LEARNERS} learners and the others, mean [95 % of them]: {gains}."


def _two_digits(row: Estimate) -> str:
    return mean_interval(row, 2, True) if row.value or row.low or row.high else "0"


def _table(first: Sequence[Estimate], rows: Sequence[Estimate]) -> Table:
    learned = {row.of("outcome"): row for row in first if row.of("rule") == LEARNED}
    drugs = list(dict.fromkeys(str(row.more["single"]) for row in learned.values()))
    one = (
        drugs[0]
        if len(drugs) == 1
        else listed([f"{row.more['single']} ({SHORT[name]})" for name, row in learned.items()])
    )
    margins = ", ".join(f"{number(_margin(row))} ({SHORT[name]})" for name, row in learned.items())
    tests = next((row.more["tests"] for row in first if row.p is not None), 0)
    note = f"Gain over {one} for all; useful above {margins} points, Holm over {tests} tests."
    return crosstab(
        "rules",
        f"Gain in points [95 % interval], n = {first[0].n} fresh individuals",
        rows,
        "rule",
        SHORT,
        _cell,
        heading="drug chosen",
        note=note,
    )


def _cell(row: Estimate) -> str:
    return f"{difference(row)}{f' {row.verdict}' if row.verdict else ''}"


def _figure(rows: Sequence[Estimate]) -> Figure:
    caption = (
        f"Mean gain over the best single drug with its 95 % interval, n = {rows[0].n} fresh individuals; grey: gains "
        "that do not matter."
    )
    return Figure("rules_gains", caption, lambda: _draw(rows), tuple(rows))


def _draw(rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.forest import Mark, draw_forest
    from depsim.report.figures.style import GREY, INK

    marks: dict[str, list[Mark]] = {}
    bands = {}
    for row in rows:
        title = SHORT.get(row.of("outcome"), row.of("outcome"))
        colour = INK if row.of("rule") in (LEARNED, PAPERS) else GREY
        marks.setdefault(title, []).append(Mark(row.of("rule"), row.value or 0.0, row.interval, colour))
        bands[title] = _margin(row)
    return draw_forest(marks, "gain, points", bands=bands)


def _margin(row: Estimate) -> float:
    return _more(row, "margin")


def _more(row: Estimate, name: str) -> float:
    return float(row.more.get(name) or 0.0)


def _kinds(group: Group | None, judged: bool) -> tuple[Finding, ...]:
    rows = kinds(group) if group is not None else ()
    if not rows:
        return ()
    holds = "; ".join(
        f"{row.of('says')} for {number(row.value, 0)} % {_ends(row)} with {row.of('who')} "
        f"(others {number(_others(row), 0)} %)"
        for row in rows[:2]
    )
    columns = {
        "individuals": lambda row: row.of("who"),
        "the paper": lambda row: row.of("says"),
        "n": lambda row: str(row.n),
        "holds for, %": lambda row: mean_interval(row, 0),
        "for the others, %": lambda row: number(_others(row), 0),
        "p (Holm)": lambda row: p_value(row.p_holm),
        "for most?": lambda row: row.verdict or "",
    }
    title = "Does the paper's Figure 4 name the right drug?"
    text = "A sentence about a kind of individual says something of that kind where it holds for fewer of the others."
    table = table_of(
        "kinds", "For how many each sentence holds", rows, columns, note="Best by area; exact tests of half."
    )
    needed = LEARNERS + _FEWEST_FRESH
    unknown = (
        "" if judged else f"No rule yet: it is learned on {LEARNERS} and scored on others (`cohort.size={needed}`)."
    )
    return (Finding("kinds", title, f"{holds[:1].upper()}{holds[1:]}.", rows, table, text=text, open=unknown),)


def _ends(row: Estimate) -> str:
    return f"[{number(row.low, 0)}, {number(row.high, 0)}]"


def _others(row: Estimate) -> float | None:
    value = row.more.get("others")
    return float(value) if isinstance(value, int | float) else None
