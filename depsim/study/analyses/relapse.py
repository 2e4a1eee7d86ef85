"""How long treatments hold while stress goes on: relapse-free cycles of those who were in remission."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depsim.stages import BEFORE, FOLLOW_UP, MAINTAINED, STRESSED
from depsim.statistics import contrast, summarise, verdict
from depsim.study.analyses.contrasts import Pair
from depsim.study.analyses.course import last_cycle
from depsim.study.analyses.rates import REMISSION
from depsim.study.estimate import Estimate, Value, family, of_contrast, of_summary
from depsim.study.groups import Condition, Group, align
from depsim.study.reading import Study, StudyArm
from depsim.study.stored import of_treatment

CYCLES_FREE, RELAPSE = f"{FOLLOW_UP}/relapse_free_cycles", f"{FOLLOW_UP}/relapse"
CYCLES = "relapse_free_cycles"
"""The outcome of rows in cycles."""
_FEWEST = 3
"""Individuals at risk below which a curve has no band."""
_DIVERGED = re.compile(r"training diverged: .* in the (\S+)(?: (\d+))? network of ")


@dataclass(frozen=True)
class Lasting:
    """How long each individual of an arm was without a relapse, of those who were in remission at cycle 0, N of them.

    Args:
        seeds: who they are, by seed.
        cycles: without a relapse, (N,).
        ended: whether a relapse ended them, (N,); else the follow-up did.
        never: seeds of those with a deficit who were not in remission at cycle 0, so that nothing could be lost.
        without_deficit: seeds of those who had no deficit to treat; they are in no rate.
        diverged: those whose training diverged, with the cycle: their networks have no outcome, which is a relapse.
    """

    seeds: tuple[int, ...]
    cycles: np.ndarray
    ended: np.ndarray
    never: tuple[int, ...]
    without_deficit: tuple[int, ...]
    diverged: Mapping[int, int]

    @property
    def by_seed(self) -> dict[int, float]:
        """Relapse-free cycles of those at risk."""
        return dict(zip(self.seeds, self.cycles.tolist(), strict=True))


def lasting(arm: StudyArm) -> Lasting:
    """How long each individual of an arm was without a relapse; whose training diverged relapsed at that cycle.

    Who diverged before the first cycle was never in remission. Other failures say nothing of their individuals, and
    are left out.
    """
    had_none = _without_deficit(arm)
    measured = zip(arm.seeds, arm.values(CYCLES_FREE), arm.values(RELAPSE), strict=True)
    outcomes = {seed: (free, relapse) for seed, free, relapse in measured if seed not in had_none}
    at = ((failure.seed, _DIVERGED.search(failure.reason)) for failure in arm.failures)
    diverged = {
        seed: int(where[2] or 0) if where[1] in (STRESSED, MAINTAINED) else 0 for seed, where in at if where is not None
    }
    outcomes |= {seed: (float(cycle), 1.0 if cycle else np.nan) for seed, cycle in diverged.items()}
    seeds = tuple(seed for seed in sorted(outcomes) if np.isfinite(outcomes[seed][1]))
    return Lasting(
        seeds=seeds,
        cycles=np.array([outcomes[seed][0] for seed in seeds], dtype=np.float64),
        ended=np.array([outcomes[seed][1] > 0.5 for seed in seeds], dtype=bool),
        never=tuple(sorted(set(outcomes) - set(seeds))),
        without_deficit=tuple(sorted(had_none)),
        diverged=diverged,
    )


def _without_deficit(arm: StudyArm) -> set[int]:
    """Who had no deficit to treat: whoever has no remission, where that was asked."""
    if not arm.has(REMISSION) and not arm.has(f"{BEFORE}/depressed_deficit"):
        return set()
    return {seed for seed, value in zip(arm.seeds, arm.values(REMISSION), strict=True) if np.isnan(value)}


def followed(group: Group, names: Mapping[str, str]) -> list[Condition]:
    """The arms of a group whose individuals were followed through cycles of stress, whatever was on during them.

    Args:
        group: of a study.
        names: of its arms, by arm key.
    """
    arms = [arm for arm in group.arms if arm.has(f"{MAINTAINED}/combined/1")]
    return [Condition(names[arm.arm_key], arm) for arm in arms]


def relapse_rows(condition: Condition, apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """Who reached remission, and how long it held: a row in cycles, and one in per cent for each cycle.

    The row in cycles is the mean of those in remission at cycle 0, restricted to the cycles that there were, as is its
    interval; its ``more`` counts who was in remission, of how many with a deficit, and who relapsed. Rows of the
    relapse-free curve have as n who is at risk at a cycle, and as interval the log-log one.

    References: Kalbfleisch & Prentice (2002) for the log-log interval.
    """
    remissions, last = lasting(condition.arm), last_cycle(condition)
    key = {**apart, "condition": condition.name}
    (part,) = summarise(100 * remissions.cycles[:, None] / last, bounded=True)
    more: dict[str, Value] = {
        "remitted": len(remissions.seeds),
        "with_deficit": len(remissions.seeds) + len(remissions.never),
        "without_deficit": len(remissions.without_deficit),
        "relapses": int(remissions.ended.sum()),
        "cycles": last,
        "diverged": len(remissions.diverged),
    }
    row = of_summary({**key, "outcome": CYCLES}, part, **more)
    value, low, high, sd = (None if end is None else end * last / 100 for end in (row.value, row.low, row.high, row.sd))
    row = row._replace(value=value, low=low, high=high, sd=sd)
    return (row, *_curve(remissions, last, key)) if remissions.seeds else (row,)


def _curve(remissions: Lasting, last: int, key: Mapping[str, str | float]) -> list[Estimate]:
    from scipy import stats  # slow to import

    cycles = np.arange(last + 1)
    curve = stats.ecdf(
        stats.CensoredData(uncensored=remissions.cycles[remissions.ended], right=remissions.cycles[~remissions.ended])
    ).sf
    low = high = np.full(cycles.size, np.nan)
    if remissions.ended.any() and len(remissions.seeds) >= _FEWEST:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # where all or none are left the interval is not defined
            band = curve.confidence_interval(method="log-log")
        low, high = (100 * np.asarray(end.evaluate(cycles)) for end in (band.low, band.high))
    shares = 100 * np.asarray(curve.evaluate(cycles))
    low, high = (np.where(shares < 100, end, np.nan) for end in (low, high))
    return [
        Estimate(
            {**key, "outcome": "relapse_free", "x": float(cycle)},
            int((remissions.cycles >= cycle).sum()),
            float(shares[cycle]),
            None if np.isnan(low[cycle]) else float(low[cycle]),
            None if np.isnan(high[cycle]) else float(high[cycle]),
            more={"relapses": int((remissions.cycles[remissions.ended] == cycle).sum())},
        )
        for cycle in cycles
    ]


def relapse_pairs(study: Study, conditions: Sequence[Condition]) -> list[Pair]:
    """Conditions that differ in the follow-up alone, then those that differ in the treatment alone.

    Untreated conditions have no part, as nobody is brought to a remission that could be lost.

    Args:
        study: whose; an arm with several names is compared under each of them.
        conditions: of :func:`followed`.
    """
    names: dict[str, list[Mapping[str, str]]] = {}
    for arm in study.arms:
        names.setdefault(arm.arm_key, []).append(arm.settings)
    pairs: dict[str, list[Pair]] = {"follow_up": [], "treatment": []}
    for a, b in combinations([condition for condition in conditions if not condition.is_control], 2):
        kinds = {_differs(x, y) for x in names[a.arm.arm_key] for y in names[b.arm.arm_key]}
        for how, kind_pairs in pairs.items():
            if how in kinds:
                kind_pairs.append(Pair(a, b, how))
                break
    return [*pairs["follow_up"], *pairs["treatment"]]


def _differs(a: Mapping[str, str], b: Mapping[str, str]) -> str:
    """Whether settings differ in the ``follow_up`` alone, in the ``treatment`` alone, or in more: empty."""
    kinds = {
        "treatment" if of_treatment(key) else key.partition(".")[0] for key in {*a, *b} if a.get(key) != b.get(key)
    }
    return kinds.pop() if len(kinds) == 1 else ""


def relapse_contrasts(pairs: Sequence[Pair], apart: Mapping[str, str | float] = {}) -> tuple[Estimate, ...]:
    """Differences in relapse-free cycles of those at risk under both conditions: one family.

    Every pair counts as a test, whoever was in remission; with fewer than two at risk under both there is no p.
    """
    rows = []
    for pair in pairs:
        remissions = [lasting(condition.arm) for condition in (pair.a, pair.b)]
        _, both = align([side.by_seed for side in remissions])
        more: dict[str, Value] = {
            "remitted_a": len(remissions[0].seeds),
            "remitted_b": len(remissions[1].seeds),
            "mean_a": float(both[:, 0].mean()) if len(both) else None,
            "mean_b": float(both[:, 1].mean()) if len(both) else None,
            "tests": len(pairs),
        }
        key = {**apart, "a": pair.a.name, "b": pair.b.name, "outcome": CYCLES, "how": pair.how}
        rows.append(of_contrast(key, contrast(both[:, 0], both[:, 1], len(pairs)), **more))
    return tuple(row._replace(verdict=verdict(row.p_holm, row.n, len(pairs))) for row in family(rows, tests=len(pairs)))
