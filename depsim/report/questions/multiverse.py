"""In what share of reasonable settings does each ordering hold, and which settings change that?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, ClassVar

from depsim.outcomes import OUTCOMES
from depsim.report.ask import Ask, Unasked, require
from depsim.report.cell import mean_cell, number_cell
from depsim.report.parts import CellOf, Figure, Finding, Table, table_of
from depsim.report.questions.deciding import deciding_finding
from depsim.report.setting_words import beyond_words, name_setting
from depsim.report.words import counted, number, share_words
from depsim.study.analyses.multiverse import Ordering, orderings
from depsim.study.estimate import Estimate
from depsim.study.main_effects import FEWEST_POINTS
from depsim.study.multiverse import PAPERS
from depsim.study.naming import PLACEBO_PREFIX, name_treatment
from depsim.study.reading import Study

_FIRST = "internal_noise_2.5"
_OFTEN = 95.0
_SMALL = 8
"""Rows of the table of the answer."""


class AcrossSettings(Ask):
    """In what share of the points of a multiverse each ordering holds, and which settings change that.

    Args:
        outcome: of the answer and the picture; extreme noise where it is left out.
        pair: the two arms of the answer, by name, such as ``[ketamine, placebo of ketamine]``; the first two drugs
            where it is left out.
    """

    word: ClassVar[str] = "multiverse"
    of_multiverses: ClassVar[bool] = True
    shorthand: ClassVar[str] = "outcome"

    outcome: str = ""
    pair: tuple[str, str] | None = None

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse an outcome that is no primary one, and arms that are not there."""
        require(self.word, "outcome", self.outcome or None, list(OUTCOMES))
        names = [name_treatment(treatment) for treatment in treatments if treatment != "placebo"]
        for arm in self.pair or ():
            require(self.word, "pair", arm, [*names, *(f"{PLACEBO_PREFIX}{name}" for name in names)])

    def findings(self, study: Study) -> Sequence[Finding]:
        """The orderings, the other outcomes, and which settings change the first; none without points."""
        every = orderings(study)
        if not every:
            return ()
        first = self._first(every)
        rows = {ordering: ordering.row() for ordering in every}
        decided = deciding_finding(first, y_label(first))
        others = [ordering for ordering in every if ordering.outcome != first.outcome]
        sentences = [_answer(first, [o for o in every if o.outcome == first.outcome], rows), *decided]
        return (*sentences, *([_others(others, rows)] if others else []))

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """The orderings over the points."""
        return (Unasked(10, cls()),)

    def _first(self, every: Sequence[Ordering]) -> Ordering:
        """The ordering of the answer."""
        of_pair = [o for o in every if self.pair is None or {o.a, o.b} == set(self.pair)] or list(every)
        of_outcome = [o for o in of_pair if o.outcome == (self.outcome or _FIRST)]
        return (of_outcome or of_pair)[0]


def y_label(ordering: Ordering) -> str:
    """Of an effect's axis."""
    return f"{ordering.a} better than {ordering.b}, points"


def _answer(first: Ordering, alike: Sequence[Ordering], rows: dict[Ordering, Estimate]) -> Finding:
    """The share of points in which the first ordering holds, and where it does not."""
    row = rows[first]
    shown = [rows[ordering] for ordering in (first, *(o for o in alike if o is not first))]
    sets = counted(row.n, "set")
    sentence = f"{first.a} beats {first.b} {OUTCOMES[first.outcome].where} in {share_words(row)} of {sets} of settings"
    where = _where_not(first)
    few = row.n < FEWEST_POINTS
    return Finding(
        "multiverse",
        "In what share of the settings does each order hold?",
        f"{sentence}; {where}." if where else f"{sentence}.",
        tuple(rows.values()),
        _table("multiverse", first.outcome, shown),
        _figure(first),
        also=(_often(rows),),
        open=f"To say which settings change it takes {FEWEST_POINTS} sets of settings; there are {row.n} "
        f"(`points={FEWEST_POINTS}`)."
        if few
        else "",
        caution="A share of settings depends on their ranges; it is no probability.",
    )


def _where_not(ordering: Ordering) -> str:
    """How often an ordering does not hold in an end of the range of the setting that stands out, and elsewhere."""
    third = ordering.where_not
    if third is None:
        return ""
    key, above = ordering.keys[third.setting], third.bound > 0.5
    space = ordering.multiverse.space[key]
    return (
        f"it does not in {third.fails} of the {third.sets} sets in which the {name_setting(key)} "
        f"{beyond_words(space, third.bound, above)}, the {'highest' if above else 'lowest'} third of its range "
        f"({space.text}), and in {third.others_fail} of the {third.others} others"
    )


def _often(rows: dict[Ordering, Estimate]) -> str:
    """How many orderings hold nearly everywhere, and which holds least often."""
    often = sum((row.value or 0.0) >= _OFTEN for row in rows.values())
    ordering, least = min(rows.items(), key=lambda pair: pair[1].value or 0.0)
    return (
        f"Of {counted(len(rows), 'order')} {often} {'holds' if often == 1 else 'hold'} in at least {_OFTEN:.0f} % of "
        f"the sets; least often: {ordering.a} beats {ordering.b} {OUTCOMES[ordering.outcome].where} "
        f"({number(least.value, 0)} %)."
    )


def _table(name: str, outcome: str, rows: Sequence[Estimate]) -> Table:
    """A line for each pair in one outcome."""
    columns: dict[str, CellOf] = {
        "A beats B": lambda row: f"{row.of('a')} − {row.of('b')}",
        "in % of the sets": lambda row: mean_cell(row, 0),
        "by a relevant difference": lambda row: number_cell(row.number("relevant"), 0),
        "median effect": lambda row: number_cell(row.number("median"), signed=True),
        "paper's settings": lambda row: number_cell(row.number("paper"), signed=True),
    }
    note = (
        "A is the one that was published to be better, or the treatment with its ingredient. Effects in points, above "
        "0 where A is better. Intervals: Wilson, over sets of settings."
    )
    title = f"Orders in {OUTCOMES[outcome].name}, {counted(rows[0].n, 'set')} of settings"
    return table_of(name, title, rows, columns, shown=rows[:_SMALL], note=note)


def _others(others: Sequence[Ordering], rows: dict[Ordering, Estimate]) -> Finding:
    """The other outcomes, the orders that hold least often first."""
    shown = sorted((rows[ordering] for ordering in others), key=lambda row: row.value or 0.0)
    columns: dict[str, CellOf] = {
        "A beats B": lambda row: f"{row.of('a')} − {row.of('b')}",
        "outcome": lambda row: OUTCOMES[row.of("outcome")].name,
        "in % of the sets": lambda row: mean_cell(row, 0),
        "by a relevant difference": lambda row: number_cell(row.number("relevant"), 0),
        "median effect": lambda row: number_cell(row.number("median"), signed=True),
    }
    least, most = shown[0], shown[-1]
    shares = [row.value or 0.0 for row in rows.values()]
    sentence = (
        f"In the other outcomes an order holds in {number(least.value, 0)} % ({least.of('a')} beats {least.of('b')} "
        f"{OUTCOMES[least.of('outcome')].where}) to {number(most.value, 0)} % of the sets; over all outcomes in "
        f"{number(min(shares), 0)} to {number(max(shares), 0)} %."
    )
    title = f"Orders in the other outcomes, {counted(least.n, 'set')} of settings"
    table = table_of("multiverse_outcomes", title, shown, columns)
    return Finding("multiverse_outcomes", "And in the other outcomes?", sentence, tuple(shown), table)


def _figure(ordering: Ordering) -> Figure:
    """The specification curve of an ordering."""
    rows = tuple(
        Estimate(
            {"set": effect.point, "a": ordering.a, "b": ordering.b, "outcome": ordering.outcome},
            effect.gains.size,
            effect.mean,
            more={
                "lowest": float(effect.gains.min()),
                "highest": float(effect.gains.max()),
                **ordering.multiverse.settings[effect.point],
            },
        )
        for effect in sorted(ordering.effects, key=lambda effect: effect.mean)
    )
    caption = (
        f"Each set of settings, by effect {OUTCOMES[ordering.outcome].where}: mean (blue: {ordering.a} better, orange: "
        "not), small dots and line: individuals; grey band: no relevant difference; diamond: the paper's settings. "
        "Strips: where in its range each setting lies."
    )
    return Figure("specification_curve", caption, partial(_draw, ordering), rows)


def _draw(ordering: Ordering) -> Any:
    from depsim.report.figures.multiverse import CurvePoint, draw_specification_curve

    points = [
        CurvePoint(effect.mean, effect.gains, places, effect.point == PAPERS)
        for effect, places in zip(ordering.effects, ordering.places, strict=True)
    ]
    margins = [effect.margin for effect in ordering.effects if effect.margin is not None]
    names = [name_setting(key) for key in ordering.keys]
    return draw_specification_curve(points, names, y_label(ordering), max(margins, default=None))
