"""What becomes of individuals under stress that goes on: accuracy by cycle, and who is how long without a relapse."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import count

import numpy as np

from depsim.stages import FOLLOW_UP, MAINTAINED
from depsim.study.reading import Study, StudyArm

CYCLES_FREE, RELAPSE = f"{FOLLOW_UP}/relapse_free_cycles", f"{FOLLOW_UP}/relapse"


@dataclass(frozen=True)
class RelapseFree:
    """Those of an arm that are without a relapse, cycle by cycle.

    Args:
        at_risk: individuals that had not relapsed before each cycle, from 0 on; (C + 1,).
        events: those who relapse at it; at cycle 0 those who are not in remission.
        share: of all who are without a relapse after it, per cent; (C + 1,).
        low, high: its 95 % interval (log-log); NaN where all or none are left.
    """

    at_risk: tuple[int, ...]
    events: tuple[int, ...]
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray


def followed(study: Study) -> list[StudyArm]:
    """The arms whose individuals were followed up through cycles."""
    return [arm for arm in study.arms if arm.has(CYCLES_FREE)]


def last_cycle(arm: StudyArm) -> int:
    """How many cycles an arm's individuals were followed for."""
    return next(cycle for cycle in count() if not arm.has(f"{MAINTAINED}/combined/{cycle + 1}"))


def course_of(arm: StudyArm, what: str) -> np.ndarray:
    """A measure after the maintenance of each cycle, those with all of them, (N, C + 1)."""
    table = np.array([arm.values(f"{MAINTAINED}/{what}/{cycle}") for cycle in range(last_cycle(arm) + 1)]).T
    return np.asarray(table[np.isfinite(table).all(axis=1)])


def relapse_free(arm: StudyArm) -> RelapseFree:
    """The relapse-free curve of an arm; whoever was never in remission relapses at cycle 0.

    References: STATISTICS 13; Kalbfleisch & Prentice (2002) for the log-log interval.
    """
    from scipy import stats  # slow to import

    free, relapsed = arm.values(CYCLES_FREE), arm.values(RELAPSE)
    known = np.isfinite(free)
    times, ended = free[known], ~(relapsed[known] == 0)
    cycles = np.arange(last_cycle(arm) + 1)
    curve = stats.ecdf(stats.CensoredData(uncensored=times[ended], right=times[~ended])).sf
    low = high = np.full(cycles.size, np.nan)
    if ended.any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # where all or none are left the interval is not defined
            band = curve.confidence_interval(method="log-log")
        low, high = (100 * np.asarray(each.evaluate(cycles)) for each in (band.low, band.high))
    return RelapseFree(
        tuple(int((times >= cycle).sum()) for cycle in cycles),
        tuple(int((times[ended] == cycle).sum()) for cycle in cycles),
        100 * np.asarray(curve.evaluate(cycles)),
        low,
        high,
    )
