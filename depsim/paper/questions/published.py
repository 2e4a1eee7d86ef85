"""Is the published individual one of ours, and does the paper's order of treatments come out elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np

from depsim.outcomes import long_name, short_name
from depsim.paper.claim_panels import panels
from depsim.paper.conditions import papers_conditions
from depsim.paper.individual import (
    FEWEST_TOGETHER,
    Named,
    cells,
    expected_outside,
    gaps,
    reference,
    sequel,
    together,
)
from depsim.paper.orderings import worlds
from depsim.paper.published import published
from depsim.paper.questions.orderings import orderings_finding
from depsim.report.ask import KEY, Ask, AskError, Unasked
from depsim.report.cell import NOTHING, Cell, number_cell
from depsim.report.parts import CellOf, Figure, Finding, Table, table_of
from depsim.report.words import DASH, listed, number, p_value, paragraph, short
from depsim.stages import TREATED
from depsim.study.estimate import Estimate
from depsim.study.reading import Study

_NOISE = ("combined", *(f"internal_noise_{sigma}" for sigma in ("0.5", "1.0", "1.5", "2.5")))
"""The exams under noise that the paper's tables have."""
_DRAWN = ("combined", "internal_noise_1.0", "internal_noise_2.5", "relapse_drop")
_FEWEST = 3
"""Individuals below which no percentile is given."""
_NAMED = 6
"""Values outside that a sentence names."""
_SHIFT = "noticed "
"""What the names of the joint test's smallest shifts begin with."""
_FAR = 3.0
"""Standard errors from which a mean lies far from the sequel's."""


class Published(Ask):
    """The paper's one individual beside ours, or its order of treatments.

    Args:
        of: ``individual``: its values, its differences between conditions, and all of them together; ``orderings``:
            which of two conditions has more, on each network and task of a study.
    """

    word: ClassVar[str] = "published"
    shorthand: ClassVar[str] = "of"

    of: Literal["individual", "orderings"] = "individual"

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse a sweep without the conditions that something was published of."""
        theirs = set(published()["treatments"]) & set(treatments)
        if len(theirs) < (2 if self.of == "orderings" else 1):
            raise AskError(f"{KEY}: published.of={self.of}: nothing was published of {listed(sorted(treatments))}")

    def findings(self, study: Study) -> Sequence[Finding]:
        """One; none where nobody is like the published individual."""
        if self.of == "orderings":
            return orderings_finding(study)
        group = reference(study)
        if group is None:
            return ()
        named = papers_conditions(group)
        cell_rows, apart, joint = cells(named), gaps(named), together(named)
        if not any(row.more["published"] is not None for row in cell_rows):
            return ()
        shares_data = group.arms[0].data == published()["paper"]["data"]
        beside = () if shares_data else sequel(named)
        return (_finding(named, cell_rows, apart, joint, beside, shares_data),)

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """The orders on several networks or tasks, and the individual where the claims about it can be judged."""
        asks = [Unasked(50, cls(of="orderings"))] if len(worlds(study)) > 1 else []
        return [*asks, *([Unasked(95, cls())] if panels(study, "paper") else [])]


def _finding(
    named: Named,
    cell_rows: Sequence[Estimate],
    apart: Sequence[Estimate],
    joint: Estimate | None,
    beside: Sequence[Estimate],
    shares_data: bool,
) -> Finding:
    n = max(row.n for row in cell_rows)
    sentence = _sentence(cell_rows, apart, joint, n)
    whose = "" if shares_data else "Ours have data of their own, the published individual had the shared data."
    further = [row._replace(key={**row.key, "table": "sequel"}) for row in beside]
    return Finding(
        name="published",
        title="Is the published individual one of ours?",
        sentence=sentence,
        rows=(*cell_rows, *apart, *([joint] if joint else []), *further),
        table=_table(cell_rows, apart, n),
        figure=_figure(named, cell_rows, n),
        text=paragraph([sentence, whose]),
        also=_sequel_words(beside),
        open=f"A joint test of the published individual takes {FEWEST_TOGETHER} individuals."
        if n < FEWEST_TOGETHER
        else "",
        caution=whose,
        conditions=tuple(condition.name for condition in named.values()),
    )


def _sentence(cell_rows: Sequence[Estimate], apart: Sequence[Estimate], joint: Estimate | None, n: int) -> str:
    """What lies outside by name, on which side of our middle, and what follows from all values together."""
    if n < _FEWEST:
        pairs = [
            f"{row.of('condition')} {short(row.number('published'))}/{short(row.value)}"
            for row in cell_rows
            if row.of("outcome") == "combined" and row.more["published"] is not None
        ]
        return f"Published and ours under combined stress: {', '.join(pairs)} % (n = {n})."
    return paragraph([_outside_words(cell_rows, apart), _side_words(cell_rows), _joint_words(cell_rows, apart, joint)])


def _outside_words(cell_rows: Sequence[Estimate], apart: Sequence[Estimate]) -> str:
    """How many published values and differences lie where fewer than one in twenty would, and which."""
    judged = [[row for row in rows if row.more["inside"] is not None] for rows in (cell_rows, apart)]
    if not any(judged):
        return ""
    counts = [
        f"{len(_outside(rows)) or 'none'} of {len(rows)} {what} ({number(expected_outside(rows))} expected)"
        for rows, what in zip(judged, ("published values", "differences between conditions"), strict=True)
        if rows
    ]
    far = sorted(_outside([*judged[0], *judged[1]]), key=_extremeness, reverse=True)
    names = [f"{_what(row)}: {number(row.number('published'))}, ours {number(row.value)}" for row in far[:_NAMED]]
    left = len(far) - len(names)
    which = f": {'; '.join(names)}{f'; and {left} more' if left > 0 else ''}" if names else ""
    verb = "lies" if len(far) == 1 else "lie"
    text = f"{listed(counts)} {verb} outside where 95 % of new individuals would lie{which}."
    return text[:1].upper() + text[1:]


def _what(row: Estimate) -> str:
    """What was published: a condition's outcome, or the difference of two."""
    return f"{row.of('condition') or row.of('a') + ' − ' + row.of('b')}, {short_name(row.of('outcome'))}"


def _side_words(cell_rows: Sequence[Estimate]) -> str:
    """On which side of our medians the accuracies of treated networks under noise lie."""
    treated = [
        p
        for row in cell_rows
        if row.of("outcome") in _NOISE
        and row.of("condition") in _drugs()
        and (p := row.number("percentile")) is not None
    ]
    if not treated:
        return ""
    below = sum(percentile < 50 for percentile in treated)
    return f"{below} of {len(treated)} noise accuracies of treated networks lie below our median."


def _joint_words(cell_rows: Sequence[Estimate], apart: Sequence[Estimate], joint: Estimate | None) -> str:
    """The joint p, what it would have noticed, and what follows."""
    if joint is None or joint.verdict == "too few":
        return ""
    shifts = [
        f"{name.removeprefix(_SHIFT)} {'over 10' if shift is None else f'{shift:g}'}"
        for name, shift in joint.more.items()
        if name.startswith(_SHIFT)
    ]
    noticed = f" (8 of 10 times it would notice a shift of one condition by so many SD: {', '.join(shifts)})"
    p = f"All values together: p = {p_value(joint.p)}{noticed if shifts else ''}"
    side = joint.more.get("one_sided")
    if isinstance(side, float):
        p += f", one-sided over the noise exams p = {p_value(side)}"
    if joint.verdict == "no":
        return f"{p}: unlike ours."
    far = len(_outside([*cell_rows, *apart])) > expected_outside([*cell_rows, *apart])
    return f"{p}: {'unlucky and typical are both open' if far else 'it may well be one of ours'}."


def _sequel_words(beside: Sequence[Estimate]) -> tuple[str, ...]:
    known = [distance for row in beside if (distance := row.number("distance")) is not None]
    if not known:
        return ()
    near = sum(abs(distance) < _FAR for distance in known)
    return (f"{near} of {len(known)} means of the sequel's ten individuals lie within three standard errors of ours.",)


def _table(cell_rows: Sequence[Estimate], apart: Sequence[Estimate], n: int) -> Table:
    """What lies farthest out first."""
    rows = [row for row in (*cell_rows, *apart) if row.more["published"] is not None]
    columns: dict[str, CellOf] = {
        "condition or difference": lambda row: row.of("condition") or f"{row.of('a')} − {row.of('b')}",
        "outcome": lambda row: long_name(row.of("outcome")),
        "published": lambda row: number_cell(row.number("published")),
        "ours, mean": lambda row: number_cell(row.value),
        "95 % of new individuals": _predicted,
        "percentile": lambda row: number_cell(row.number("percentile"), 0),
        "inside?": lambda row: DASH if row.more["inside"] is None else "yes" if row.more["inside"] else "no",
    }
    shown = sorted(rows, key=_extremeness, reverse=True)
    note = "Percentile: per cent of ours below the published value; the farthest from 50 first."
    return table_of("published", f"The published individual and ours, n = {n}", rows, columns, shown=shown, note=note)


def _figure(named: Named, cell_rows: Sequence[Estimate], n: int) -> Figure | None:
    rows = tuple(row for row in cell_rows if row.of("outcome") in _DRAWN)
    if not rows:
        return None
    band = ", band: where 95 % of new individuals would lie" if n >= _FEWEST else ""
    mean = ", line: mean and its 95 % interval" if n >= _FEWEST else ""
    caption = f"Dots: individuals{mean}{band}, diamonds: the published individual. n = {n}."
    return Figure("published_strips", caption, partial(_draw, named, rows), rows)


def _draw(named: Named, rows: Sequence[Estimate]) -> Any:
    from depsim.report.figures.condition_style import condition_styles
    from depsim.report.figures.strips import Strip, draw_strips

    panels: dict[str, tuple[str, list[Strip]]] = {}
    for column in _DRAWN:
        unit = "points" if column == "relapse_drop" else "%"
        for row in rows:
            if row.of("outcome") != column or row.value is None:
                continue
            condition = named[row.of("condition")]
            low, high = row.number("predicted_low"), row.number("predicted_high")
            predicted = None if low is None or high is None else (low, high)
            sample = np.array([*condition.values(column).values()])
            strip = Strip(condition.name, sample, row.value, row.interval, row.number("published"), predicted)
            panels.setdefault(long_name(column), (unit, []))[1].append(strip)
    return draw_strips(panels, condition_styles([*named.values()]))


def _extremeness(row: Estimate) -> float:
    """How far a published value lies from the middle of ours; beyond all of them, in our standard deviations."""
    percentile, theirs = row.number("percentile"), row.number("published")
    if percentile is None or theirs is None or row.value is None:
        return -1.0
    away = abs(theirs - row.value) / row.sd if row.sd else 0.0
    return abs(percentile - 50) + min(away, 100.0) / 1000


def _drugs() -> list[str]:
    """The paper's conditions in which a drug is at work."""
    return [row for row, (drug, stage) in published()["rows"].items() if drug != "none" and stage == TREATED]


def _outside(rows: Sequence[Estimate]) -> list[Estimate]:
    return [row for row in rows if row.more["inside"] is False]


def _predicted(row: Estimate) -> Cell:
    low, high = row.number("predicted_low"), row.number("predicted_high")
    return NOTHING if low is None or high is None else Cell(low, spelled=f"{number(low)} to {number(high)}")
