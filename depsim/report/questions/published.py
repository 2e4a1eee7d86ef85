"""Is the published individual one of ours, and does the paper's order of treatments come out elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np

from depsim.outcomes import PRIMARY, name_column
from depsim.report.ask import KEY, Ask, AskError
from depsim.report.parts import Figure, Finding, Table, table_of
from depsim.report.questions.claims import MOST_WORDS, fitting
from depsim.report.questions.conditions import AT
from depsim.report.questions.orderings import orderings_finding
from depsim.report.words import DASH, counted, listed, number, p_value, short
from depsim.stages import TREATED
from depsim.study.analyses.published import (
    FEWEST_TOGETHER,
    Named,
    cells,
    expected_outside,
    gaps,
    reference,
    sequel,
    together,
)
from depsim.study.estimate import Estimate
from depsim.study.groups import papers_conditions
from depsim.study.published import published
from depsim.study.reading import Study

_NOISE = ("combined", *(f"internal_noise_{sigma}" for sigma in ("0.5", "1.0", "1.5", "2.5")))
"""The exams under noise that the paper's tables have."""
_DRAWN = ("combined", "internal_noise_1.0", "internal_noise_2.5", "relapse_drop")
_FEWEST = 3
"""Individuals below which no percentile is given."""
_FAR = 3.0
"""Standard errors from which a mean lies far from the sequel's."""
_NAMES = {outcome.column: outcome.name for outcome in PRIMARY}


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
        text=fitting([sentence, whose, *_details(cell_rows, apart, joint)]),
        also=_sequel_words(beside),
        open=f"A joint test of the published individual takes {FEWEST_TOGETHER} individuals." if n < FEWEST_TOGETHER
        else "",
        caution=whose,
        conditions=tuple(condition.name for condition in named.values()),
    )  # fmt: skip


def _sentence(cell_rows: Sequence[Estimate], apart: Sequence[Estimate], joint: Estimate | None, n: int) -> str:
    """The condition that lies farthest out, the difference that does, and what follows from all values together."""
    if n < _FEWEST:
        pairs = [f"{row.of('condition')} {short(_of(row, 'published'))}/{short(row.value)}" for row in cell_rows
                 if row.of("outcome") == "combined" and row.more["published"] is not None]  # fmt: skip
        return f"Published and ours under combined stress: {', '.join(pairs)} % (n = {n})."
    text = ""
    for with_outcome in (True, False):
        parts = [
            _farthest_condition(cell_rows),
            _farthest_gap(apart, with_outcome),
            _joint_words(cell_rows, apart, joint, n),
        ]
        text = f"{'; '.join(filter(None, parts))}."
        if len(text.split()) <= MOST_WORDS:
            break
    return text


def _farthest_condition(cell_rows: Sequence[Estimate]) -> str:
    noisy: dict[str, list[float]] = {}
    for row in cell_rows:
        percentile = _of(row, "percentile")
        if row.of("outcome") in _NOISE and row.of("condition") in _drugs() and percentile is not None:
            noisy.setdefault(row.of("condition"), []).append(percentile)
    if not noisy:
        return ""
    name = max(noisy, key=lambda condition: abs(float(np.mean(noisy[condition])) - 50))
    low, high = min(noisy[name]), max(noisy[name])
    exams = f"in {counted(len(noisy[name]), 'noise exam')}"
    if low == high and low in (0.0, 100.0):
        return f"The published {name} lies {'below' if low == 0 else 'above'} all of ours {exams}"
    if round(low) == round(high):
        return f"The published {name} lies at the {ordinal(low)} percentile {exams}"
    return f"The published {name} lies at the {ordinal(low)} to {ordinal(high)} percentile {exams}"


def _farthest_gap(apart: Sequence[Estimate], with_outcome: bool) -> str:
    if not apart:
        return ""
    row = max(apart, key=_extremeness)
    theirs, ours = number(_of(row, "published")), number(row.value)
    at = f" {AT[row.of('outcome')]}" if with_outcome else ""
    return f"{row.of('a')} − {row.of('b')}{at}: {theirs} published, {ours} ours"


def _joint_words(cell_rows: Sequence[Estimate], apart: Sequence[Estimate], joint: Estimate | None, n: int) -> str:
    if joint is None or joint.verdict == "too few":
        return f"n = {n}"
    p = f"joint p = {p_value(joint.p)}"
    if joint.verdict == "no":
        return f"{p}: unlike ours"
    far = len(_outside([*cell_rows, *apart])) > expected_outside([*cell_rows, *apart])
    return f"{p}: {'unlucky and typical are both open' if far else 'it may well be one of ours'}"


def _details(cell_rows: Sequence[Estimate], apart: Sequence[Estimate], joint: Estimate | None) -> list[str]:
    """How many values lie outside, on which side of our middle they lie, and what the joint test would notice."""
    parts = []
    judged = [[row for row in rows if row.more["inside"] is not None] for rows in (cell_rows, apart)]
    if all(judged):
        outside = [f"{len(_outside(rows))} of {len(rows)} {what}" for rows, what in
                   zip(judged, ("values", "differences"), strict=True)]  # fmt: skip
        expected = listed([number(expected_outside(rows)) for rows in judged])
        parts.append(f"Outside where 95 % of new individuals lie: {listed(outside)} (expected {expected}).")
    treated = [p for row in cell_rows if row.of("outcome") in _NOISE and row.of("condition") in _drugs()
               and (p := _of(row, "percentile")) is not None]  # fmt: skip
    if treated and max(row.n for row in cell_rows) >= _FEWEST:
        below = sum(percentile < 50 for percentile in treated)
        parts.append(f"{below} of {len(treated)} noise accuracies of treated networks lie below our median.")
    shifts = {} if joint is None or joint.verdict == "too few" else {
        name.removeprefix("noticed "): shift for name, shift in joint.more.items() if name.startswith("noticed ")
    }  # fmt: skip
    if shifts:
        noticed = [f"{name} {'over 10' if shift is None else f'{shift:g}'}" for name, shift in shifts.items()]
        parts.append(f"The joint test notices a shift of one condition by so many SD: {', '.join(noticed)}.")
    return parts


def _sequel_words(beside: Sequence[Estimate]) -> tuple[str, ...]:
    known = [distance for row in beside if (distance := _of(row, "distance")) is not None]
    if not known:
        return ()
    near = sum(abs(distance) < _FAR for distance in known)
    return (f"{near} of {len(known)} means of the sequel's ten individuals lie within three standard errors of ours.",)


def _table(cell_rows: Sequence[Estimate], apart: Sequence[Estimate], n: int) -> Table:
    """What lies farthest out first."""
    rows = [row for row in (*cell_rows, *apart) if row.more["published"] is not None]
    columns = {
        "condition or difference": lambda row: row.of("condition") or f"{row.of('a')} − {row.of('b')}",
        "outcome": lambda row: _NAMES.get(row.of("outcome"), name_column(row.of("outcome"))),
        "published": lambda row: number(_of(row, "published")),
        "ours, mean": lambda row: number(row.value),
        "95 % of new individuals": _predicted,
        "percentile": lambda row: number(_of(row, "percentile"), 0),
        "inside?": lambda row: {True: "yes", False: "no"}.get(row.more["inside"], DASH),
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
            low, high = _of(row, "predicted_low"), _of(row, "predicted_high")
            predicted = None if low is None or high is None else (low, high)
            sample = np.array([*condition.values(column).values()])
            strip = Strip(condition.name, sample, row.value, row.interval, _of(row, "published"), predicted)
            panels.setdefault(_NAMES.get(column, name_column(column)), (unit, []))[1].append(strip)
    return draw_strips(panels, condition_styles([*named.values()]))


def ordinal(value: float) -> str:
    """A rank in words of digits.

    >>> [ordinal(value) for value in (0.2, 1, 2.4, 3, 11, 12, 98.5, 21)]
    ['0th', '1st', '2nd', '3rd', '11th', '12th', '98th', '21st']
    """
    whole = round(value)
    ending = "th" if whole % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"


def _extremeness(row: Estimate) -> float:
    """How far a published value lies from the middle of ours; beyond all of them, in our standard deviations."""
    percentile, theirs = _of(row, "percentile"), _of(row, "published")
    if percentile is None or theirs is None or row.value is None:
        return -1.0
    away = abs(theirs - row.value) / row.sd if row.sd else 0.0
    return abs(percentile - 50) + min(away, 100.0) / 1000


def _drugs() -> list[str]:
    """The paper's conditions in which a drug is at work."""
    return [row for row, (drug, stage) in published()["rows"].items() if drug != "none" and stage == TREATED]


def _outside(rows: Sequence[Estimate]) -> list[Estimate]:
    return [row for row in rows if row.more["inside"] is False]


def _predicted(row: Estimate) -> str:
    low, high = _of(row, "predicted_low"), _of(row, "predicted_high")
    return DASH if low is None or high is None else f"{number(low)} to {number(high)}"


def _of(row: Estimate, name: str) -> float | None:
    value = row.more.get(name)
    return float(value) if isinstance(value, int | float) else None
