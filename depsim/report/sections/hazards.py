"""Hazards of a relapse, beside the cycles without one: secondary, and said to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depsim.report.columns import columns_of, with_interval
from depsim.report.document import Column, Sheet, Value
from depsim.study.reading import StudyArm
from depsim.study.relapse_hazards import HazardContrast, drug_hazards, maintenance_hazards

_COLUMNS = columns_of(
    "a b n",
    Column("events_a", "relapses under A"),
    Column("events_b", "under B"),
    *with_interval("ratio", "hazard ratio, A / B", ".3g"),
    "p p_holm",
)
_HOW = (
    "Secondary; the primary comparison is that of relapse-free cycles. Complementary log-log model in discrete time "
    "with a hazard of its own for each cycle, by generalised estimating equations with individuals as clusters; "
    "bias-reduced robust interval (Mancl and DeRouen), Holm over this table. Above 1, A relapses sooner. A dash: below "
    "ten individuals, without a relapse in one of the two, or with complete separation no ratio can be told."
)
_WHO = {
    "follow_up_hazards_maintenance": (
        "Hazard of a relapse by maintenance (secondary)",
        "From cycle 1 on, those who were in remission at cycle 0 under both.",
    ),
    "follow_up_hazards_drugs": (
        "Hazard of a relapse by treatment, each with its own maintenance (secondary)",
        "From cycle 0 on, where whoever is not in remission has relapsed.",
    ),
}


def sheets(arms: Sequence[StudyArm], names: Mapping[str, str]) -> list[Sheet]:
    """A table for maintenances and one for treatments, where there are two to compare.

    Args:
        arms: that were followed up.
        names: of them, by arm key.
    """
    found = zip(_WHO.items(), (maintenance_hazards(arms), drug_hazards(arms)), strict=True)
    return [
        Sheet(name, title, _COLUMNS, tuple(_row(one, names) for one in own), f"{who} {_HOW}")
        for (name, (title, who)), own in found
        if own
    ]


def _row(one: HazardContrast, names: Mapping[str, str]) -> tuple[Value, ...]:
    own, found = (names[one.a.arm_key], names[one.b.arm_key], one.n), one.found
    if found is None:
        return (*own, *[None] * 7)
    return (*own, *found.events, found.ratio, found.low, found.high, found.p, found.p_holm)
