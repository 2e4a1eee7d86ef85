"""Paired differences as a finding: a sentence, a table with tests, each individual as a dot, and what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from depsim.outcomes import OUTCOMES, PRIMARY, long_name, name_column, short_name
from depsim.report.cell import Cell, difference_cell, number_cell, p_cell, with_words
from depsim.report.parts import MOST_ROWS, CellOf, Figure, Finding, Table, crosstab, table_of
from depsim.report.questions.conditions import figure_of, rows_of, sentence_of
from depsim.report.setting_words import fitting
from depsim.report.words import counted, difference, listed, n_words, number, short
from depsim.statistics import fewest_to_judge
from depsim.study.analyses.contrasts import Pair
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, Group, align
from depsim.study.naming import UNTREATED

_ROWS_IN_A_FIGURE = 12
_PAIRS_IN_A_SENTENCE = 3
_JUDGED = ("yes", "undecided")
"""What is printed of whether one is higher in most individuals; too few is said in another column."""

DIFFERENCE_COLUMNS: Mapping[str, CellOf] = {
    "A − B": lambda row: f"{row.of('a')} − {row.of('b')}",
    "outcome": lambda row: short_name(row.of("outcome")),
    "A": lambda row: number_cell(row.number("mean_a")),
    "B": lambda row: number_cell(row.number("mean_b")),
    "difference [95 % interval]": difference_cell,
    "A higher in, %": lambda row: _majority(row),
    "p (Holm)": lambda row: p_cell(row.p_holm),
    "differ?": lambda row: f"{row.more['collapses']} collapsed" if row.more.get("collapses") else row.verdict or "",
    "as good?": lambda row: str(row.more.get("as_good") or ""),
}


def finding(
    group: Group,
    pairs: Sequence[Pair],
    rows: Sequence[Estimate],
    every: tuple[Estimate, ...],
    title: str,
    name: str = "contrasts",
    sentence: str = "",
) -> Finding:
    """The answer to a question about pairs.

    Args:
        group: whose conditions they are.
        pairs: that were compared.
        rows: of these.
        every: these and those of other groups, for the file.
        title: the question.
        name: of its files.
        sentence: the answer where it is not what the conditions reach.
    """
    shown = _in_order(rows)
    established = sum(row.verdict == "yes" for row in rows)
    also: tuple[str, ...] = ()
    if established:
        also = (
            f"{established} of {len(rows)} paired differences are established (sign-flip tests, Holm over "
            f"{_tests(rows)}).",
        )
    return Finding(
        name=name,
        title=title,
        sentence=sentence or pair_sentence(pairs, rows, group),
        rows=every,
        table=differences_table(name, rows, every, shown),
        figure=differences_figure(f"{name}_differences", pairs, rows),
        picture=figure_of(group, tuple(dict.fromkeys(row.of("outcome") for row in rows)), f"{name}_individuals"),
        text=_text(rows),
        also=also,
        open=open_words(rows),
        caution=collapse_words(rows),
        conditions=tuple(condition.name for condition in group.conditions),
    )


def pair_sentence(pairs: Sequence[Pair], rows: Sequence[Estimate], group: Group) -> str:
    """One pair: both means and the difference, outcome by outcome; several: what the conditions reach."""
    if len({(pair.a.name, pair.b.name) for pair in pairs}) > 1:
        outcomes = tuple(dict.fromkeys(row.of("outcome") for row in rows))
        return sentence_of(group, rows_of(group, outcomes))
    parts: list[str] = []
    for row in rows:
        at = OUTCOMES[row.of("outcome")].at if row.of("outcome") in OUTCOMES else name_column(row.of("outcome"))
        a, b = short(row.number("mean_a")), short(row.number("mean_b"))
        if not parts:
            parts.append(f"{row.of('a')} {a} against {row.of('b')} {b} % {at} ({difference(row)})")
        else:
            parts.append(f"{at} {a}/{b} ({difference(row)})" if len(parts) < 2 else f"{at} {a}/{b}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}; n = {rows[0].n}."


def placebo_sentence(rows: Sequence[Estimate]) -> str:
    """What each drug reaches and what its training alone does, in two outcomes; of many, the least and the most."""
    pairs = list(dict.fromkeys((row.of("a"), row.of("b")) for row in rows))[:_PAIRS_IN_A_SENTENCE]
    columns = list(dict.fromkeys(row.of("outcome") for row in rows))[:2]
    by_outcome = {column: [row for row in rows if row.of("outcome") == column] for column in columns}
    means = "; ".join(
        f"{short_name(column)} "
        + ", ".join(
            f"{row.of('a')} {short(row.number('mean_a'))}/{short(row.number('mean_b'))}"
            for row in of_outcome
            if (row.of("a"), row.of("b")) in pairs
        )
        for column, of_outcome in by_outcome.items()
    )
    whole = f"Drug/placebo, %: {means} (n = {min(row.n for row in rows)})."
    return fitting([whole, range_sentence("Beyond placebo", rows)])


def differences_sentence(rows: Sequence[Estimate]) -> str:
    """The differences of up to three pairs in two outcomes, each with its interval; of many, the least and the most."""
    if len({(row.of("a"), row.of("b")) for row in rows}) > _PAIRS_IN_A_SENTENCE:
        return range_sentence("Differences", rows)
    parts = [
        f"{short_name(column)}: "
        + ", ".join(f"{row.of('a')} − {row.of('b')} {difference(row)}" for row in rows if row.of("outcome") == column)
        for column in list(dict.fromkeys(row.of("outcome") for row in rows))[:2]
    ]
    return f"Differences in points, {'; '.join(parts)} ({n_words(rows)})."


def range_sentence(beyond: str, rows: Sequence[Estimate]) -> str:
    """The smallest and the largest of several differences, in two outcomes or in as many as a sentence holds.

    Args:
        beyond: what these are differences to.
        rows: differences.
    """
    columns = list(dict.fromkeys(row.of("outcome") for row in rows))[:2]
    ranges = [
        f"{short_name(column)} {_least_to_most([r for r in rows if r.of('outcome') == column])}" for column in columns
    ]
    n = min(row.n for row in rows)
    return fitting([f"{beyond}, points: {'; '.join(ranges[:most])} (n = {n})." for most in (2, 1)])


def _least_to_most(rows: Sequence[Estimate]) -> str:
    """The smallest and the largest difference, each with whose it is."""
    ordered = sorted(rows, key=lambda row: row.value or 0.0)
    ends = [ordered[0], *ordered[1:][-1:]]
    return " to ".join(f"{number(row.value, 1, True)} ({row.of('a')})" for row in ends)


def untrained_words(rows: Sequence[Estimate]) -> str:
    """That a drug was compared with individuals who were not trained; empty where none did better than they."""
    better = [row for row in rows if row.of("b") == UNTREATED and row.verdict == "yes" and (row.value or 0) > 0]
    if not better:
        return ""
    return "Untreated individuals were not trained: `--placebo` adds the training of each drug without its ingredient."


def open_words(rows: Sequence[Estimate]) -> str:
    """Which differences could not be established, and how many individuals would tell."""
    few = [row for row in rows if row.verdict == "too few"]
    if few:
        most = max(row.n for row in rows)
        needed = fewest_to_judge(_tests(rows))
        return (
            f"No verdict yet: n = {most}, and {_tests(rows)} tests take {needed} individuals (`cohort.size={needed}`)."
        )
    undecided = [row for row in rows if row.verdict == "undecided" and row.more.get("as_good") != "yes"]
    if not undecided:
        return ""
    row = max(undecided, key=lambda one: one.number("needed") or 0.0)
    takes, margin = row.number("needed"), row.number("margin")
    widest = f"{row.of('a')} − {row.of('b')}, {_name(row)}, {difference(row)}"
    more = f" (± {number(margin)} points take {takes:,.0f} individuals)" if takes and margin else ""
    left = len(undecided) - 1
    others = f"; so {'is' if left == 1 else 'are'} {left} other{'' if left == 1 else 's'}" if left else ""
    return f"Undecided: {widest}{more}{others}."


def collapse_words(rows: Sequence[Estimate]) -> str:
    """How many collapsed where so few decide a mean that it carries no verdict."""
    few = [row for row in rows if row.more.get("collapses") and row.verdict is None]
    if not few:
        return ""
    row = max(few, key=lambda one: one.number("collapses") or 0)
    pairs = len(dict.fromkeys((one.of("a"), one.of("b")) for one in few))
    more = f", and as few in {pairs - 1} other pairs" if pairs > 2 else " and in one other pair" if pairs == 2 else ""
    return (
        f"{row.more['collapses']} of {row.n} collapsed under {row.of('a')} or {row.of('b')}{more}: so few decide the "
        "mean, which has no verdict there; whether most individuals are higher has one."
    )


def margin_words(rows: Sequence[Estimate]) -> str:
    """The smallest relevant differences of rows that were judged by one, each outcome's least and largest."""
    margins: dict[str, list[float]] = {}
    for row in rows:
        if row.more.get("as_good") and (margin := row.number("margin")) is not None:
            margins.setdefault(_name(row), []).append(margin)
    spans = {name: dict.fromkeys(number(end, 2) for end in (min(of), max(of))) for name, of in margins.items()}
    return ", ".join(f"{name} {' to '.join(span)}" for name, span in spans.items())


def majority_words(rows: Sequence[Estimate]) -> str:
    """What the words behind a share of individuals say; empty where there are none."""
    judged = any(row.more.get("majority") in _JUDGED for row in rows)
    return " In brackets: is one higher in most individuals (sign tests, Holm)?" if judged else ""


def differences_table(
    name: str, rows: Sequence[Estimate], every: Sequence[Estimate], shown: Sequence[Estimate]
) -> Table:
    """Differences with their tests; of many pairs a line each, so that all outcomes are answered."""
    n = n_words(rows)
    note = f"p adjusted by Holm over {_tests(rows)} tests."
    if _are_many(shown):
        return _line_a_pair(name, f"Paired differences in points [95 % interval], {n}", every, shown, note)
    columns = dict(DIFFERENCE_COLUMNS)
    if not any(row.more.get("as_good") for row in rows):
        columns.pop("as good?")
    note += majority_words(rows)
    if margins := margin_words(rows):
        note += f" As good: within the smallest relevant difference in points ({margins})."
    return table_of(name, f"Paired differences in points, {n}", every, columns, shown=shown, note=note)


def _are_many(rows: Sequence[Estimate]) -> bool:
    """Whether a table of rows would hold little more than the first outcome."""
    pairs = dict.fromkeys((row.of("a"), row.of("b")) for row in rows)
    first = [pair for pair in pairs if pair[1] != UNTREATED] or list(pairs)
    outcomes = {row.of("outcome") for row in rows}
    return len(rows) > MOST_ROWS and len(first) > MOST_ROWS // 2 and 1 < len(outcomes) <= len(PRIMARY)


def _line_a_pair(name: str, title: str, every: Sequence[Estimate], shown: Sequence[Estimate], note: str) -> Table:
    across = {row.of("outcome"): short_name(row.of("outcome")) for row in shown}
    rows = [row._replace(key={"pair": f"{row.of('a')} − {row.of('b')}", **row.key}) for row in shown]
    note = f"yes: they differ, {note} Means, p and how many individuals are higher: `tables/{name}.csv`."
    made = crosstab(name, title, rows, "pair", across, _with_yes, heading="A − B", note=note)
    return replace(made, rows=tuple(every))


def _with_yes(row: Estimate) -> Cell:
    return with_words(difference_cell(row), "yes" if row.verdict == "yes" else "")


def differences_figure(name: str, pairs: Sequence[Pair], rows: Sequence[Estimate]) -> Figure:
    """Each individual's difference as a dot, and the mean with its interval."""
    chosen = list({(pair.a.name, pair.b.name): pair for pair in pairs}.values())[:_ROWS_IN_A_FIGURE]
    caption = "Dots: individuals' differences A − B, line: their mean and 95 % interval, grey: no relevant difference."
    return Figure(name, caption, lambda: _draw(chosen, rows), tuple(rows))


def _draw(pairs: Sequence[Pair], rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.condition_style import condition_styles
    from depsim.report.figures.estimation import Difference, draw_differences

    conditions: dict[str, Condition] = {condition.name: condition for pair in pairs for condition in (pair.a, pair.b)}
    names = {(pair.a.name, pair.b.name) for pair in pairs}
    panels: dict[str, list[Difference]] = {}
    for row in rows:
        a, b = row.of("a"), row.of("b")
        if (a, b) not in names or row.value is None:
            continue
        _, both = align([conditions[a].values(row.of("outcome")), conditions[b].values(row.of("outcome"))])
        margin = row.number("margin")
        differences = np.asarray(both[:, 0] - both[:, 1])
        panels.setdefault(_name(row), []).append(Difference(a, b, differences, row.value, row.interval, margin))
    return draw_differences(panels, condition_styles(list(conditions.values())))


def _majority(row: Estimate) -> Cell:
    """The share of individuals with A above B, and whether one of both is above the other in most."""
    share, verdict = number_cell(_per_cent(row.number("superiority")), 0), row.more.get("majority")
    return with_words(share, f"({verdict})") if verdict in _JUDGED else share


def _in_order(rows: Sequence[Estimate]) -> list[Estimate]:
    """Those against a control last, as the small table shows both; each outcome in turn."""
    return sorted(rows, key=lambda row: row.of("b") == UNTREATED)


def _text(rows: Sequence[Estimate]) -> str:
    found = [row.verdict or "without a verdict" for row in rows]
    if few := found.count("too few"):
        return f"{counted(len(rows), 'paired difference')}; too few individuals for a verdict on {few}."
    words = {"yes": "established", "undecided": "undecided", "without a verdict": "without a verdict"}
    parts = [f"{found.count(verdict)} {word}" for verdict, word in words.items() if verdict in found]
    return f"{counted(len(rows), 'paired difference')}: {listed(parts)}."


def _tests(rows: Sequence[Estimate]) -> int:
    return int(rows[0].number("tests") or len(rows)) if rows else 0


def _name(row: Estimate) -> str:
    return long_name(row.of("outcome"))


def _per_cent(share: float | None) -> float | None:
    return None if share is None else 100 * share
