"""Points: what was measured of a condition in each primary outcome, and the tables that list them all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.outcomes import PRIMARY, Outcome
from depsim.report.columns import columns_of, of_settings
from depsim.report.document import Sheet, Value
from depsim.report.wording import span
from depsim.stages import EXAMINED_ON_AND_OFF, RELAPSED
from depsim.statistics import MEAN_INTERVAL, Summary, summarise
from depsim.study.reading import StudyArm
from depsim.study.table import number_or_text


@dataclass(frozen=True)
class Measured:
    """A primary outcome and the metrics that hold it.

    Args:
        name: what people call it.
        stem: the same for file names.
        unit: of its values.
        metrics: when it was measured to the metric: on treatment, and where it can be withdrawn, off it.
    """

    name: str
    stem: str
    unit: str
    metrics: Mapping[str, str]


def _measured(outcome: Outcome) -> Measured:
    stages = EXAMINED_ON_AND_OFF if outcome.unit == "%" else ()
    metrics = {stage: f"{stage}/{outcome.column}" for stage in stages} or {RELAPSED: outcome.column}
    return Measured(outcome.name, outcome.column.replace(".", "_"), outcome.unit, metrics)


OUTCOMES = tuple(map(_measured, PRIMARY))
"""The primary outcomes, where they were measured."""


@dataclass(frozen=True)
class Point:
    """One condition in one outcome.

    Args:
        arm: the condition.
        outcome: what was measured.
        when: key of the outcome's metrics.
        summary: over the individuals of the condition.
    """

    arm: StudyArm
    outcome: Measured
    when: str
    summary: Summary


def outcomes_of(arms: Sequence[StudyArm]) -> list[Measured]:
    """The primary outcomes that any of these arms has."""
    return [outcome for outcome in OUTCOMES if any(arm.has(name) for arm in arms for name in outcome.metrics.values())]


def examined(arms: Sequence[StudyArm]) -> list[tuple[Measured, str, str]]:
    """The primary outcomes that any of these arms has, as :func:`outcomes_of`: each with a metric of it, and when."""
    every = ((outcome, when, metric) for outcome in OUTCOMES for when, metric in outcome.metrics.items())
    return [each for each in every if any(arm.has(each[2]) for arm in arms)]


def points_of(arms: Iterable[StudyArm]) -> dict[tuple[str, str], Point]:
    """Every condition in every primary outcome, by condition key and metric; what nobody has is left out."""
    found = {}
    for arm in arms:
        asked = examined([arm])
        if not asked:
            continue
        summaries = summarise(np.stack([arm.values(name) for *_, name in asked], axis=1))
        for (outcome, when, name), summary in zip(asked, summaries, strict=True):
            if summary.n:
                found[arm.arm_key, name] = Point(arm, outcome, when, summary)
    return found


def points_sheet(name: str, title: str, keys: Sequence[str], points: Iterable[Point], *, folded: bool) -> Sheet:
    """The table of these points.

    Args:
        name, title: of the sheet.
        keys: settings that tell the conditions apart.
        points: its rows, in order.
        folded: whether the page shows it only when asked to.
    """
    columns = columns_of("treatment", *of_settings(keys), "outcome when n mean ci_low ci_high sd unit arm_key")
    rows = tuple(
        (
            point.arm.treatment,
            *(setting(point.arm, key) for key in keys),
            point.outcome.name,
            point.when,
            *summary_cells(point.summary),
            point.outcome.unit,
            point.arm.arm_key,
        )
        for point in points
    )
    note = (
        f"n individuals; {MEAN_INTERVAL}, none where all values are equal or n is below 3. SD is between individuals."
    )
    return Sheet(name, title, columns, rows, note, folded)


def summary_cells(summary: Summary) -> tuple[Value, Value, Value, Value, Value]:
    """n, mean, both ends of the interval and SD."""
    return summary.n, summary.mean if summary.n else None, *summary.ends, summary.sd


def interval_ends(summaries: Sequence[Summary]) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of intervals, (K,) each; NaN where there is none."""
    low, high = np.array([summary.interval or (math.nan, math.nan) for summary in summaries]).T
    return low, high


def band(summaries: Sequence[Summary | None]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means and interval ends to draw, (K,) each: of equal values the interval has no width, else NaN is missing."""
    mean = np.array([math.nan if s is None else s.mean for s in summaries])
    low, high = mean.copy(), mean.copy()
    for place, summary in enumerate(summaries):
        if summary is not None and not (summary.constant or summary.interval):
            low[place] = high[place] = math.nan
        elif summary is not None and summary.interval:
            low[place], high[place] = summary.interval
    return mean, low, high


def setting(arm: StudyArm, key: str) -> Value:
    """A setting as a number where it is one; None where the arm has no such setting."""
    text = arm.settings.get(key)
    return None if text is None else number_or_text(text)


def spell_counts(summaries: Iterable[Summary]) -> str:
    """How many individuals stand behind means, for a caption.

    >>> spell_counts(summarise(np.array([[1.0, np.nan], [2.0, 3.0]])))
    'n = 1 to 2 individuals'
    """
    counts = {summary.n for summary in summaries}
    return f"n = {span(counts)} individual{'' if counts == {1} else 's'}" if counts else "no individual"
