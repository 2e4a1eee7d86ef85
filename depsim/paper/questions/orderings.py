"""Whether the paper's order of treatments comes out, on each network and task of a study."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from depsim.outcomes import long_name
from depsim.paper.orderings import World, orderings, worlds
from depsim.report.cell import NOTHING, Content, count_cell, difference_cell, number_cell
from depsim.report.parts import MOST_ROWS, Figure, Finding, Table
from depsim.report.words import DASH, counted, difference, listed, number, paragraph
from depsim.statistics import fewest_to_judge
from depsim.study.estimate import Estimate
from depsim.study.reading import Study

_VERDICTS = ("yes", "no", "undecided", "too few")
_NAMED = 2

Order = tuple[str, str, str]
"""Two conditions and an outcome."""


def orderings_finding(study: Study) -> tuple[Finding, ...]:
    """The finding; empty where no two conditions of the paper can be put in order."""
    made = [(world, world_rows) for world in worlds(study) if (world_rows := orderings(world))]
    if not made:
        return ()
    places, rows = [world for world, _ in made], tuple(row for _, world_rows in made for row in world_rows)
    where = "on other networks and tasks" if len(places) > 1 else "here"
    sentence = _sentence(rows, places)
    return (
        Finding(
            name="orderings",
            title=f"Does the paper's order of treatments come out {where}?",
            sentence=sentence,
            rows=rows,
            table=_table(rows, places),
            figure=_figure(rows, places),
            text=paragraph([sentence, _reversed_words(rows, places)]),
            open=_open(rows),
        ),
    )


def _sentence(rows: Sequence[Estimate], places: Sequence[World]) -> str:
    """How many orders hold everywhere, those of two treatments apart; without a verdict how many differences agree."""
    drugs = _by_order([row for row in rows if row.more["between_drugs"]])
    others = _by_order([row for row in rows if not row.more["between_drugs"]])
    judged = any(row.verdict != "too few" for row in rows)
    parts = []
    if drugs:
        held = sum(_holds(order_rows, len(places), judged) for order_rows in drugs.values())
        turned = sum(any(row.verdict == "no" for row in order_rows) for order_rows in drugs.values())
        verb = ("holds" if held == 1 else "hold") if judged else f"{'has' if held == 1 else 'have'} the paper's sign"
        somewhere = " somewhere" if turned and len(places) > 1 else ""
        reversed_ = f", {turned or 'none'} {'is' if turned < 2 else 'are'} reversed{somewhere}" if judged else ""
        orders = counted(len(drugs), "order")
        parts.append(f"of the paper's {orders} of two treatments {held} {verb}{_in_all(places)}{reversed_}")
    if others:
        held = sum(_holds(order_rows, len(places), judged) for order_rows in others.values())
        orders = str(len(others)) if drugs else f"the paper's {counted(len(others), 'order')}"
        parts.append(f"of {orders} against no treatment {held}{'' if drugs else ' hold'}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]} ({_n_words(places)})."


def _holds(order_rows: Sequence[Estimate], count: int, judged: bool) -> bool:
    """Whether an order holds everywhere, or, without a verdict, whether all differences point its way."""
    return len(order_rows) == count and all(
        row.verdict == "yes" if judged else _points_alike(row) for row in order_rows
    )


def _in_all(places: Sequence[World]) -> str:
    if len(places) == 1:
        return ""
    return f" {'in both' if len(places) == 2 else f'in all {len(places)}'} pairs of task and network"


def _points_alike(row: Estimate) -> bool:
    theirs = row.more["published"]
    return isinstance(theirs, float) and (row.value or 0.0) * theirs > 0


def _n_words(places: Sequence[World]) -> str:
    sizes = sorted({world.n for world in places})
    return f"n = {sizes[0]}" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]}"


def _by_order(rows: Sequence[Estimate]) -> dict[Order, list[Estimate]]:
    made: dict[Order, list[Estimate]] = {}
    for row in rows:
        made.setdefault((row.of("a"), row.of("b"), row.of("outcome")), []).append(row)
    return made


def _spelled(order: Order) -> str:
    a, b, outcome = order
    return f"{a} − {b}, {long_name(outcome)}"


def _reversed_words(rows: Sequence[Estimate], places: Sequence[World]) -> str:
    """Which orders are reversed, and where."""
    turned = {
        order: [row.of("world") for row in order_rows if row.verdict == "no"]
        for order, order_rows in _by_order(rows).items()
        if any(row.verdict == "no" for row in order_rows)
    }
    if not turned:
        return ""
    most = sorted(turned, key=lambda order: -len(turned[order]))[:_NAMED]
    where = {order: f" ({len(turned[order])} of {len(places)})" if len(places) > 1 else "" for order in most}
    more = f", and {len(turned) - _NAMED} more" if len(turned) > _NAMED else ""
    return f"Reversed: {'; '.join(_spelled(order) + where[order] for order in most)}{more}."


def _open(rows: Sequence[Estimate]) -> str:
    """How many comparisons could not be told, and what so many individuals would have noticed."""
    if all(row.verdict == "too few" for row in rows):
        needed = max(fewest_to_judge(int(row.more["tests"] or 0)) for row in rows)
        return f"No verdict yet: {counted(int(rows[0].more['tests'] or 0), 'test')} take {needed} individuals."
    undecided = [row for row in rows if row.verdict in ("undecided", "too few")]
    noticed = [float(value) for row in undecided if isinstance(value := row.more["noticed"], float)]
    if not noticed:
        return ""
    row = max(undecided, key=lambda one: float(one.more["noticed"] or 0))
    return (
        f"{counted(len(undecided), 'comparison')} undecided; differences below {number(max(noticed))} points can "
        f"be missed ({row.of('a')} − {row.of('b')}, {row.of('world')}: {difference(row)})."
    )


def _table(rows: Sequence[Estimate], places: Sequence[World]) -> Table:
    """A line for each order of two treatments: the published difference, and how often it came out."""
    lines = []
    for order, order_rows in _by_order([row for row in rows if row.more["between_drugs"]] or rows).items():
        counts = [sum(row.verdict == verdict for row in order_rows) for verdict in _VERDICTS]
        ours: Content = difference_cell(order_rows[0]) if len(places) == 1 else listed(_extremes(order_rows))
        published = order_rows[0].more["published"]
        assert isinstance(published, float)
        cells: list[Content] = [count_cell(count) if count else NOTHING for count in counts]
        if len(places) == 1:
            cells = [order_rows[0].verdict or DASH]
        lines.append(
            (f"{order[0]} − {order[1]}", long_name(order[2]), number_cell(published, signed=True), ours, *cells)
        )
    heads = ("holds?",) if len(places) == 1 else _VERDICTS
    ours = "ours [95 % interval]" if len(places) == 1 else "ours, lowest and highest"
    note = "Paired differences in points, Holm over all pairs of conditions"
    note += "." if len(places) == 1 else " of a task and network; yes to too few: in how many of them."
    return Table(
        "orderings",
        f"The paper's orders of two treatments, {_n_words(places)}",
        ("A − B", "outcome", "published", ours, *heads),
        tuple(lines[:MOST_ROWS]),
        tuple(rows),
        note,
    )


def _extremes(order_rows: Sequence[Estimate]) -> list[str]:
    values = [row.value or 0.0 for row in order_rows]
    return list(dict.fromkeys(number(value, 1, True) for value in (min(values), max(values))))


def _figure(rows: Sequence[Estimate], places: Sequence[World]) -> Figure:
    shown = tuple(row for row in rows if row.more["between_drugs"]) or tuple(rows)
    caption = (
        "Each cell: our mean difference A − B in points; blue: established as in the paper, orange: the other way "
        f"round, grey: undecided. {_n_words(places)}."
    )
    return Figure("orderings_verdicts", caption, partial(_draw, shown, places), shown)


def _draw(rows: Sequence[Estimate], places: Sequence[World]) -> Any:
    from depsim.report.figures.verdicts import draw_verdicts

    orders, names = list(_by_order(rows)), [world.name for world in places]
    cells = {(row, column): ("not measured", DASH) for row in range(len(orders)) for column in range(len(names))}
    for row in rows:
        place = orders.index((row.of("a"), row.of("b"), row.of("outcome"))), names.index(row.of("world"))
        cells[place] = (row.verdict or "too few", number(row.value, 1, True))
    return draw_verdicts([_spelled(order) for order in orders], names, cells)
