"""Do the conditions differ: paired differences of all pairs, or against one control."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from depsim.outcomes import PRIMARY, name_column
from depsim.report.ask import Ask, require
from depsim.report.parts import Figure, Finding, Table, table_of
from depsim.report.questions.conditions import AT, rows_of, sentence_of
from depsim.report.words import counted, difference, listed, number, p_value, short
from depsim.statistics import fewest_to_judge
from depsim.study.analyses.contrasts import COLUMNS, Pair, against, all_pairs, contrasts
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition, Group, align, groups
from depsim.study.reading import Study

_MOST_FOR_ALL_PAIRS = 6
"""Conditions up to which all pairs are compared; of more, each is compared with untreated individuals."""
_ROWS_IN_A_FIGURE = 12
NAMES = {outcome.column: outcome.name for outcome in PRIMARY}

Cell = Callable[[Estimate], str]
DIFFERENCE_COLUMNS: Mapping[str, Cell] = {
    "A − B": lambda row: f"{row.of('a')} − {row.of('b')}",
    "outcome": lambda row: NAMES.get(row.of("outcome"), name_column(row.of("outcome"))),
    "A": lambda row: number(_number(row, "mean_a")),
    "B": lambda row: number(_number(row, "mean_b")),
    "difference [95 % interval]": difference,
    "A higher in, %": lambda row: number(_number(row, "superiority", 100), 0),
    "p (Holm)": lambda row: p_value(row.p_holm),
    "differ?": lambda row: row.verdict or "",
    "as good?": lambda row: str(row.more.get("as_good") or ""),
}


class Contrasts(Ask):
    """Whether conditions that differ in the treatment alone differ in their outcomes.

    Args:
        against: a treatment that all others are compared with; left out, all pairs are compared, of more than six
            conditions each with the untreated one.
        outcomes: columns of the outcomes; the primary ones where none are given.
    """

    word: ClassVar[str] = "contrasts"
    shorthand: ClassVar[str] = "against"

    against: str | None = None
    outcomes: tuple[str, ...] = COLUMNS

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse a control that no condition of the sweep is."""
        require(self.word, "against", self.against, treatments)

    def findings(self, study: Study) -> Sequence[Finding]:
        """One for all groups together; the first one is shown."""
        parts = [(group, pairs) for group in groups(study, ("treatment",)) if (pairs := self._pairs(group))]
        if not parts:
            return ()
        tested = [contrasts(pairs, self.outcomes, group.key) for group, pairs in parts]
        group, first = parts[0][0], tested[0]
        if not first:
            return ()
        title = f"What does each treatment do beside {self._control_name(group)}?" if self.against else (
            "Which conditions differ?")  # fmt: skip
        return (finding(group, parts[0][1], first, tuple(row for rows in tested for row in rows), title),)

    def _control_name(self, group: Group) -> str:
        return next((c.name for c in group.conditions if c.arm.treatment == self.against), str(self.against))

    def _pairs(self, group: Group) -> list[Pair]:
        if self.against is not None:
            controls = [own for own in group.conditions if own.arm.treatment == self.against]
            return against(group, controls[0]) if len(controls) == 1 else []
        if len(group.conditions) <= _MOST_FOR_ALL_PAIRS:
            return all_pairs(group)
        return against(group, group.control) if group.control is not None else []


def finding(
    group: Group, pairs: Sequence[Pair], rows: Sequence[Estimate], every: tuple[Estimate, ...], title: str,
    name: str = "contrasts", sentence: str = "",
) -> Finding:  # fmt: skip
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
    also = ()
    if established:
        also = (f"{established} of {len(rows)} paired differences are established (sign-flip tests, Holm over "
                f"{_tests(rows)}).",)  # fmt: skip
    return Finding(
        name=name,
        title=title,
        sentence=sentence or pair_sentence(pairs, rows, group),
        rows=every,
        table=differences_table(name, rows, every, shown),
        figure=differences_figure(f"{name}_differences", pairs, rows),
        text=_text(rows),
        also=also,
        open=open_words(rows),
        caution=collapse_words(rows),
        conditions=tuple(condition.name for condition in group.conditions),
    )


def pair_sentence(pairs: Sequence[Pair], rows: Sequence[Estimate], group: Group) -> str:
    """One pair: both means and the difference, outcome by outcome; several: what the conditions reach."""
    if len({(pair.a.name, pair.b.name) for pair in pairs}) > 1:
        return sentence_of(group, rows_of(group))
    parts = []
    for row in rows:
        at = AT.get(row.of("outcome"), name_column(row.of("outcome")))
        a, b = short(_number(row, "mean_a")), short(_number(row, "mean_b"))
        if not parts:
            parts.append(f"{row.of('a')} {a} against {row.of('b')} {b} % {at} ({difference(row)})")
        else:
            parts.append(f"{at} {a}/{b} ({difference(row)})" if len(parts) < 2 else f"{at} {a}/{b}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}; n = {rows[0].n}."


def open_words(rows: Sequence[Estimate]) -> str:
    """Which differences could not be established, and how many individuals would tell."""
    few = [row for row in rows if row.verdict == "too few"]
    if few:
        most = max(row.n for row in rows)
        needed = fewest_to_judge(_tests(rows))
        return f"No verdict yet: n = {most}, and {_tests(rows)} tests take {needed} individuals (`cohort.size={needed}`)."
    undecided = [row for row in rows if row.verdict == "undecided" and row.more.get("as_good") != "yes"]
    if not undecided:
        return ""
    row = max(undecided, key=lambda one: float(one.more.get("needed") or 0))
    needed, margin = row.more.get("needed"), row.more.get("margin")
    told = f"{row.of('a')} − {row.of('b')}, {_name(row)}, {difference(row)}"
    more = f" (± {number(float(margin))} points take {int(needed):,} individuals)" if needed and margin else ""
    others = f"; so are {len(undecided) - 1} others" if len(undecided) > 1 else ""
    return f"Undecided: {told}{more}{others}."


def collapse_words(rows: Sequence[Estimate]) -> str:
    """Where the mean and most individuals point in opposite directions."""
    for row in rows:
        share, p = _number(row, "superiority"), _number(row, "superiority_p")
        if share is None or p is None or p > 0.05 or row.value is None:
            continue
        if (share - 0.5) * row.value < 0 or (row.verdict == "undecided" and abs(share - 0.5) > 0.25):
            higher = row.of("a") if share > 0.5 else row.of("b")
            many = 100 * max(share, 1 - share)
            return (f"The mean hides single individuals: {row.of('a')} − {row.of('b')} is {difference(row)} in "
                    f"{_name(row)}, yet {higher} is higher in {many:.0f} % of them.")  # fmt: skip
    return ""


def differences_table(
    name: str, rows: Sequence[Estimate], every: Sequence[Estimate], shown: Sequence[Estimate] | None = None
) -> Table:
    """Differences with their tests."""
    columns = dict(DIFFERENCE_COLUMNS)
    if not any(row.more.get("as_good") for row in rows):
        columns.pop("as good?")
    margins = {_name(row): row.more["margin"] for row in rows if row.more.get("as_good")}
    note = f"p adjusted by Holm over {_tests(rows)} tests."
    if margins:
        near = ", ".join(f"{name} {number(float(margin))}" for name, margin in margins.items() if margin)  # type: ignore[arg-type]
        note += f" As good: within the smallest relevant difference in points ({near} or less near a ceiling)."
    sizes = sorted({row.n for row in rows})
    n = f"n = {sizes[0]}" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]}"
    return table_of(name, f"Paired differences in points, {n}", every, columns, shown=shown or rows, note=note)


def differences_figure(name: str, pairs: Sequence[Pair], rows: Sequence[Estimate]) -> Figure:
    """Each individual's difference as a dot, and the mean with its interval."""
    chosen = list({(pair.a.name, pair.b.name): pair for pair in pairs}.values())[:_ROWS_IN_A_FIGURE]
    caption = "Dots: individuals' differences A − B, line: their mean and 95 % interval, grey: no relevant difference."
    return Figure(name, caption, lambda: _draw(chosen, rows), tuple(rows))


def _draw(pairs: Sequence[Pair], rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.estimation import Difference, draw_differences
    from depsim.report.figures.looks import looks

    conditions: dict[str, Condition] = {own.name: own for pair in pairs for own in (pair.a, pair.b)}
    names = {(pair.a.name, pair.b.name) for pair in pairs}
    panels: dict[str, list[Difference]] = {}
    for row in rows:
        a, b = row.of("a"), row.of("b")
        if (a, b) not in names or row.value is None:
            continue
        _, both = align([conditions[a].values(row.of("outcome")), conditions[b].values(row.of("outcome"))])
        margin = _number(row, "margin")
        differences = np.asarray(both[:, 0] - both[:, 1])
        panels.setdefault(_name(row), []).append(Difference(a, b, differences, row.value, row.interval, margin))
    return draw_differences(panels, looks(list(conditions.values())))


def _in_order(rows: Sequence[Estimate]) -> list[Estimate]:
    """Those against a control last, as the small table shows both; each outcome in turn."""
    return sorted(rows, key=lambda row: row.of("b") == "untreated")


def _text(rows: Sequence[Estimate]) -> str:
    verdicts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in ("yes", "undecided", "too few")}
    if verdicts["too few"]:
        return f"{counted(len(rows), 'paired difference')}; too few individuals for a verdict on {verdicts['too few']}."
    parts = [f"{count} {word}" for word, count in (("established", verdicts["yes"]),
                                                  ("undecided", verdicts["undecided"])) if count]  # fmt: skip
    return f"{counted(len(rows), 'paired difference')}: {listed(parts)}."


def _tests(rows: Sequence[Estimate]) -> int:
    return int(_number(rows[0], "tests") or len(rows)) if rows else 0


def _name(row: Estimate) -> str:
    return NAMES.get(row.of("outcome"), name_column(row.of("outcome")))


def _number(row: Estimate, name: str, times: float = 1.0) -> float | None:
    value = row.more.get(name)
    return times * value if isinstance(value, int | float) else None


