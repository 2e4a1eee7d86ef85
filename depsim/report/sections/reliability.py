"""Within and between individuals: how much of a difference between individuals would be there again."""

from __future__ import annotations

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Column, Paragraph, Section, Sheet, Value
from depsim.report.wording import counted
from depsim.statistics.reliability import LOWEST, Reliability
from depsim.study.naming import name_arms
from depsim.study.reading import Study
from depsim.study.reliability import Replicated, replicated, replicates_of

_COLUMNS = columns_of(
    "condition outcome when",
    Column("n", "individuals"),
    Column("replicates", "replicates of each"),
    Column("within", "SD within", ".2f"),
    Column("between", "SD between", ".2f"),
    *with_interval("reliability", "reliability", ".2f"),
    "unit",
    Column("statement", "about individuals"),
)
_NO_STATEMENT = "no statement possible"
_NOTE = (
    "One-way analysis of variance over the individuals that have every replicate. Within: between replicates of one "
    "individual, which share data, healthy network and pathology, and differ in training order, treatment noise and "
    "exam noise from there on. Between: between individuals, free of that. Reliability: the share of the variance of "
    "one replicate that is between individuals, with its 95 % interval for normal values."
)


def section(study: Study) -> Section | None:
    """The section; None where no individual has replicates."""
    names, found = name_arms(study.arms), _found(study)
    if not found:
        return None
    blocks = [
        Paragraph(
            "Individuals were simulated several times. Replicates are no further individuals: every other number here "
            f"is of replicate 0, as if there were no others. Where the reliability is below {LOWEST}, more of the "
            "variance lies between replicates of one individual than between individuals, and no statement about "
            "individuals is possible."
        )
    ]
    rows = tuple(_row(names[key], one) for key, own in found for one in own)
    if low := [f"{row[0]}: {row[1]}, {row[2]}" for row in rows if row[-1] == _NO_STATEMENT]:
        blocks.append(Paragraph(f"No statement about individuals is possible for {'; '.join(low)}.", "warning"))
    failed = sum(len(again.failures) for arm in study.arms for again in arm.replicates)
    if failed:
        text = f"{counted(failed, 'replicate')} failed; these individuals are left out of this table, not of others."
        blocks.append(Paragraph(text, "warning"))
    sheet = Sheet("reliability", "Within and between individuals", _COLUMNS, rows, _NOTE)
    return Section("reliability", "Would it be the same again?", (*blocks, sheet))


def statement(own: Reliability | None) -> str:
    """What a reliability allows to say about individuals."""
    if own is None:
        return "too few individuals"
    if own.share is None:
        return "all alike"
    if own.share < LOWEST:
        return _NO_STATEMENT
    return "reliable" if own.low is not None and own.low >= LOWEST else "undetermined"


def _found(study: Study) -> list[tuple[str, list[Replicated]]]:
    """Arm key and outcomes of every condition with replicates; of several names of one arm the first."""
    arms = {arm.arm_key: arm for arm in reversed(study.arms) if arm.replicates and arm.individuals}
    return [(key, replicated(replicates_of(arms[key]))) for key in reversed(arms)]


def _row(name: str, found: Replicated) -> tuple[Value, ...]:
    own = found.reliability
    head: tuple[Value, ...] = (name, found.outcome.name, found.when, found.complete)
    if own is None:
        return (*head, None, None, None, None, None, None, found.outcome.unit, statement(own))
    numbers = (own.replicates, own.within, own.between, own.share, own.low, own.high)
    return (*head, *numbers, found.outcome.unit, statement(own))
