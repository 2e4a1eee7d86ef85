"""The published individual beside ours: the verdict in words, and its differences between conditions."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.outcomes import name_column
from depsim.report.columns import columns_of
from depsim.report.document import Column, Sheet, Value
from depsim.report.wording import counted, listed
from depsim.study.comparison import Comparison, Gap
from depsim.study.panels import Panel

_NAMED = 3
"""Values that are named one by one; of more it is said how many."""
_COLUMNS = columns_of(
    "outcome a b",
    Column("published", "published A − B", "+.1f"),
    "n",
    Column("mean", "ours, mean", "+.2f"),
    Column("predicted_low", "predicted from", "+.2f"),
    Column("predicted_high", "to", "+.2f"),
    "percentile",
    Column("verdict", "published value"),
)
INSIDE = {True: "inside", False: "outside", None: None}
"""Where a published value lies, in a word."""


def published_words(found: Comparison) -> str:
    """Whether the published individual can be told from ours, and how large a shift would have been noticed."""
    who, joint, judged = "published individual (seed 42)", found.joint, found.judged
    if joint is None or joint.n < 2 or not judged:
        return f"Whether the {who} is one of ours cannot be told: too few individuals beside it."
    cells = [f"{cell.value.row} {name_column(cell.value.column)}" for cell in found.outside]
    which = f"{len(cells)} of its {counted(len(judged), 'value')} {'lies' if len(cells) == 1 else 'lie'}"
    alone = f"one by one, {which} outside what 95 % of new individuals would show ({_named(cells, found.by_chance)})"
    gaps = [gap for gap in found.gaps if gap.inside is not None]
    if gaps:
        by_chance = sum(gap.prediction.miss for gap in gaps if gap.prediction)
        apart = [f"{gap.a} − {gap.b} {name_column(gap.outcome.column)}" for gap in gaps if not gap.inside]
        all_gaps = counted(len(gaps), "difference")
        alone += f", and {len(apart)} of its {all_gaps} between conditions ({_named(apart, by_chance)})"
    if joint.distinguishable is None:
        return (
            f"Whether the {who} can be told from ours is open: {counted(joint.n, 'individual')} beside it, where 19 "
            f"are needed; {alone}."
        )
    answer = "distinguishable" if joint.distinguishable else "not distinguishable"
    power = "in at least one condition the test notices not even a shift by 10 SD"
    if found.noticed is not None:
        power = f"the test notices a shift of any one condition by {found.noticed:g} SD 8 times of 10"
    place = f"rank {joint.rank} of {joint.n + 1}, p = {joint.p:.2f}"
    values = f"{joint.values} values that vary together" if joint.values > 1 else "only value that varies"
    together = f"by its {values} ({place}; {power})"
    return f"The {who} is {answer} from ours {together}; {alone}."


def gaps_sheet(panel: Panel, gaps: Sequence[Gap]) -> Sheet:
    """One row per difference between two conditions that the paper's table gives."""
    rows: list[tuple[Value, ...]] = []
    for gap in gaps:
        low, high = (gap.prediction.low, gap.prediction.high) if gap.prediction else (None, None)
        numbers = (gap.published, gap.ours.n, gap.ours.mean, low, high, gap.percentile)
        rows.append((gap.outcome.name, gap.a, gap.b, *numbers, INSIDE[gap.inside]))
    note = (
        "How far apart two conditions lie in one individual: the published one's difference beside those of ours. "
        "Luck with a seed shows here sooner than in the values. “predicted”: for 95 % of new individuals, from order "
        "statistics (39 individuals or more) or Student's t (fewer)."
    )
    title = f"Published differences between conditions: {panel.title}"
    return Sheet(f"gaps_{panel.name}", title, _COLUMNS, tuple(rows), note, folded=True)


def _named(names: Sequence[str], by_chance: float) -> str:
    """How many there would be by chance, and which they are if they are few."""
    return "; ".join([f"{by_chance:.1f} by chance", *([listed(names)] if 0 < len(names) <= _NAMED else [])])
