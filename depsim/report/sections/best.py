"""Which treatments of a study may be the best, as a part of the section on who recovers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Column, Paragraph, Sheet, Value
from depsim.report.wording import counted, listed
from depsim.statistics import FEWEST_FOR_INFERENCE
from depsim.study.best import AgainstBest, against_best
from depsim.study.reading import StudyArm

_COLUMNS = columns_of(
    "outcome condition n",
    Column("may_be_best", "may be the best"),
    *with_interval("behind", "behind the best by, points", ".2f"),
)
_NOTE = (
    "How many points each condition's mean is behind the best one's, whichever that is; untreated individuals are left "
    "out, and all others count that have every condition. Intervals are simultaneous within an outcome: all of them "
    "hold together in 95 of 100 studies (multiple comparisons with the best, Edwards and Hsu 1983; max-t over whole "
    "individuals that are resampled). Whoever's interval reaches 0 may be the best; several may."
)


def blocks(arms: Mapping[str, StudyArm], suffix: str, whose: str) -> list[Paragraph | Sheet]:
    """What is said of conditions by their names; nothing where fewer than three treatments were measured.

    Args:
        arms: that differ in the treatment alone, by name.
        suffix: of the table's name.
        whose: for its title.
    """
    names = {arm.arm_key: name for name, arm in arms.items()}
    found = against_best(list(arms.values()))
    if not found:
        return []
    rows = [row for one in found for row in _rows(one, names)]
    table = Sheet(f"recovery_best{suffix}", f"Against the best{whose}", _COLUMNS, tuple(rows), _NOTE)
    return [Paragraph(" ".join(_words(one, names) for one in found)), table]


def _words(one: AgainstBest, names: Mapping[str, str]) -> str:
    if one.n < FEWEST_FOR_INFERENCE:
        return f"Which is the best in {one.outcome.name} cannot be told from {counted(one.n, 'individual')}."
    may = [names[arm.arm_key] for arm, own in zip(one.arms, one.found, strict=True) if own.may_be_best]
    who = "any of them" if len(may) == len(one.arms) else listed(may)
    verb = "is the best" if len(may) == 1 else "may be the best"
    return f"In {one.outcome.name} {who} {verb} of {counted(len(one.arms), 'treatment')} (n = {one.n})."


def _rows(one: AgainstBest, names: Mapping[str, str]) -> Sequence[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = []
    for arm, own in zip(one.arms, one.found, strict=True):
        told = one.n >= FEWEST_FOR_INFERENCE
        ends = (None if end is None else abs(end) for end in (own.high, own.low))
        may = own.may_be_best if told else None
        rows.append((one.outcome.name, names[arm.arm_key], one.n, may, abs(own.difference), *ends))
    return rows
