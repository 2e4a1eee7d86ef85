"""Half-way points: the dose of half the effect, for every line that has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depsim.report.columns import columns_of, of_settings, with_interval
from depsim.report.document import Block, Column, Paragraph, Sheet, Value
from depsim.report.points import Measured, examined, setting
from depsim.report.settings import setting_of
from depsim.statistics import DoseResponse
from depsim.study.axes import Axis, Line
from depsim.study.reading import paired


@dataclass(frozen=True)
class Halfway:
    """The half-way point of a line in one outcome.

    Args:
        line: whose.
        outcome: what was measured.
        when: key of the outcome's metrics.
        curve: the fitted sigmoid; its dose is what the axis leaves of 1 where the setting says so.
        n: individuals that all arms of the line have.
    """

    line: Line
    outcome: Measured
    when: str
    curve: DoseResponse
    n: int

    def on_the_axis(self, axis: Axis) -> tuple[float, float | None, float | None, float, float]:
        """Its position on the axis with the interval, and the plateaus before and after it."""
        curve = self.curve
        middle, low, high, first, last = curve.ed50, curve.low, curve.high, curve.lower, curve.upper
        if setting_of(axis.key).dose == "remaining":
            middle, first, last = 1 - middle, last, first
            low, high = (None if bound is None else 1 - bound for bound in (high, low))
        if curve.slope < 0:
            first, last = last, first
        return middle, low, high, first, last


def half_ways(axis: Axis, lines: Sequence[Line]) -> list[Halfway]:
    """All half-way points over a setting that has doses."""
    dose = setting_of(axis.key).dose if axis.numeric else None
    found = []
    for line in lines if dose is not None else ():
        for outcome, when, metric in examined(line.arms):
            if (curve := line.fit(metric, remaining=dose == "remaining")) is not None:
                found.append(Halfway(line, outcome, when, curve, len(paired(line.arms, metric)[0])))
    return found


def half_way_block(axis: Axis, halves: Sequence[Halfway], told: Sequence[str], stem: str) -> Block:
    """Their table, or a remark that there are none.

    Args:
        axis: over which.
        halves: all of them.
        told: settings that tell lines apart.
        stem: of the sheet's name.
    """
    label = setting_of(axis.key).label
    if not halves:
        text = (
            f"No half-way point over {label}: that needs four values or more, and a mean outcome that goes from one "
            "plateau to another within them."
        )
        return Paragraph(text, "note")
    rows: list[tuple[Value, ...]] = []
    for half in halves:
        middle, low, high, first, last = half.on_the_axis(axis)
        fixed = (setting(half.line.arms[0], key) for key in told)
        place = (half.n, middle, low, high, first, last, abs(half.curve.slope))
        rows.append((half.line.treatment, *fixed, half.outcome.name, half.when, *place, half.outcome.unit))
    columns = columns_of(
        "treatment",
        *of_settings(told),
        "outcome when n",
        *with_interval("half", "half-way at", ".3g", "half_"),
        Column("before", "plateau before", ".1f"),
        Column("after", "plateau after", ".1f"),
        Column("slope", "slope", ".2g"),
        "unit",
    )
    note = (
        f"Where over the {label} the mean outcome is half-way between its plateaus (ED50 of a fitted sigmoid), with a "
        "95 % bootstrap interval over individuals where it exists. A line that is not listed has no half-way point."
    )
    shares = [half.curve for half in halves if half.outcome.unit == "%"]
    if any(not 0 <= plateau <= 100 for curve in shares for plateau in (curve.lower, curve.upper)):
        note += (
            " A plateau is where the fitted curve levels off: beyond what can be measured, it is reached by no dose."
        )
    return Sheet(f"half_way_{stem}", f"Half-way points: {label}", columns, tuple(rows), note)
