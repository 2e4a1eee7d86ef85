"""Is a rule that sends individuals to drugs better than one drug for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from depsim.outcomes import SHORT_NAMES, short_name
from depsim.report.cell import Cell, difference_cell, with_words
from depsim.report.parts import Figure, Finding, Table, crosstab
from depsim.report.words import difference, listed, mean_interval, number
from depsim.statistics.triage import LEARNERS
from depsim.study.analyses.rules import DIVISIONS, LEARNED, ORACLE, RANDOM, rules
from depsim.study.estimate import Estimate
from depsim.study.groups import Group

_TEXT = (
    f"Learned on the individuals of the first {LEARNERS} seeds, as the best single drug was: a tree of two questions "
    "about what is measured before treatment. Frozen and scored on the others. An oracle knows every outcome, so no "
    "rule reaches it."
)


def findings(parts: Sequence[Group]) -> tuple[Finding, ...]:
    """What rules gain on fresh individuals."""
    rows = rules(parts)
    if not rows:
        return ()
    first = [row for row in rows if dict(parts[0].key).items() <= dict(row.key).items()] or list(rows)
    learned = [row for row in first if row.of("rule") == LEARNED]
    values = ", ".join(f"{short_name(row.of('outcome'))} {difference(row)}" for row in learned)
    answers = list(dict.fromkeys(row.verdict or "" for row in learned))
    useful = answers[0] if len(answers) == 1 else "/".join(row.verdict or "" for row in learned)
    sentence = (
        f"A learned rule gains over the best drug: {values} points; useful: {useful} "
        f"(n = {learned[0].n} fresh individuals). {_divided(learned)}"
    )
    undecided = [short_name(row.of("outcome")) for row in learned if row.verdict == "undecided"]
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
    gains = ", ".join(f"{short_name(row.of('outcome'))} {_two_digits(row)}" for row in over)
    return f"Over {DIVISIONS} random divisions into {LEARNERS} learners and the others, mean [95 % of them]: {gains}."


def _two_digits(row: Estimate) -> str:
    return mean_interval(row, 2, True) if row.value or row.low or row.high else "0"


def _table(first: Sequence[Estimate], rows: Sequence[Estimate]) -> Table:
    learned = {row.of("outcome"): row for row in first if row.of("rule") == LEARNED}
    drugs = list(dict.fromkeys(str(row.more["single"]) for row in learned.values()))
    one = (
        drugs[0]
        if len(drugs) == 1
        else listed([f"{row.more['single']} ({short_name(name)})" for name, row in learned.items()])
    )
    margins = ", ".join(f"{number(_margin(row))} ({short_name(name)})" for name, row in learned.items())
    tests = next((row.more["tests"] for row in first if row.p is not None), 0)
    note = f"Gain over {one} for all; useful above {margins} points, Holm over {tests} tests."
    return crosstab(
        "rules",
        f"Gain in points [95 % interval], n = {first[0].n} fresh individuals",
        rows,
        "rule",
        SHORT_NAMES,
        _cell,
        heading="drug chosen",
        note=note,
    )


def _cell(row: Estimate) -> Cell:
    return with_words(difference_cell(row), row.verdict or "")


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
        title = short_name(row.of("outcome"))
        colour = GREY if row.of("rule") in (RANDOM, ORACLE) else INK
        marks.setdefault(title, []).append(Mark(row.of("rule"), row.value or 0.0, row.interval, colour))
        bands[title] = _margin(row)
    return draw_forest(marks, "gain, points", bands=bands)


def _margin(row: Estimate) -> float:
    return _more(row, "margin")


def _more(row: Estimate, name: str) -> float:
    return float(row.more.get(name) or 0.0)
