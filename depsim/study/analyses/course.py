"""How conditions change: with internal noise, as a drug is taken off, and over cycles of stress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

from depsim.follow_up import WithdrawalCurve
from depsim.outcomes import is_bounded
from depsim.stages import BEFORE, DEPRESSED, HEALTHY, MAINTAINED, TREATED, WITHDRAWAL
from depsim.statistics import contrast, simultaneous, summarise, verdict
from depsim.study.estimate import Estimate, Value, family, of_contrast, of_summary
from depsim.study.groups import Condition, Group, align
from depsim.study.stored import stored_follow_up

NO_NOISE, NOISE = "standard", "internal_noise_"
"""The column without internal noise, and how the others begin."""
MEASURES = ("combined", "internal_noise_2.5", "biased_0.5")
"""What is examined while a drug is taken off, in this order, as far as it was measured."""


class ConditionCurve(NamedTuple):
    """A condition in one measure along something.

    Args:
        condition: whose.
        outcomes: the column at each place, K of them.
        x: the places, (K,).
        seeds: individuals with every value, N of them.
        people: their values, (N, K).
    """

    condition: Condition
    outcomes: tuple[str, ...]
    x: tuple[float, ...]
    seeds: tuple[int, ...]
    people: np.ndarray

    @property
    def outcome(self) -> str:
        """The column of the first place."""
        return self.outcomes[0]


def curve(condition: Condition, columns: Mapping[float, str], outcomes: Sequence[str] = ()) -> ConditionCurve | None:
    """A condition along something; None below two places, or where nobody has all of them.

    Args:
        condition: whose.
        columns: place to metric or column, those that somebody has count.
        outcomes: what rows call them; the columns themselves where it is left out.
    """
    names = dict(zip(columns, outcomes, strict=True)) if outcomes else dict(columns)
    places = [place for place, column in columns.items() if condition.values(column)]
    seeds, people = align([condition.values(columns[place]) for place in places])
    if len(places) < 2 or not seeds:
        return None
    return ConditionCurve(condition, tuple(names[place] for place in places), tuple(places), seeds, people)


def curve_rows(
    curves: Sequence[ConditionCurve],
    apart: Mapping[str, str | float] = {},
    published: Mapping[tuple[str, str], float | None] | None = None,
) -> tuple[Estimate, ...]:
    """A row for each condition and place: the mean over individuals, and the published value where there is one.

    Args:
        curves: of the conditions.
        apart: what every key begins with.
        published: value by condition and column.
    """
    rows = []
    for curve in curves:
        bounded = np.array([is_bounded(column) for column in curve.outcomes])
        summaries = summarise(curve.people, bounded=bounded)
        for column, place, summary in zip(curve.outcomes, curve.x, summaries, strict=True):
            key = {**apart, "condition": curve.condition.name, "outcome": column, "x": place}
            theirs = (published or {}).get((curve.condition.name, column))
            rows.append(of_summary(key, summary, **({} if theirs is None else {"published": theirs})))
    return tuple(rows)


def untreated_stages(group: Group) -> list[Condition]:
    """The healthy and the depressed networks, which all conditions share, of the condition with most individuals."""
    largest = max(group.arms, key=lambda arm: len(arm.seeds))
    return [Condition(stage, largest, stage) for stage in (HEALTHY, DEPRESSED)]


def noise_curve(condition: Condition) -> ConditionCurve | None:
    """Accuracy against internal noise at a condition's stage, from none on; None below two levels."""
    prefix = f"{condition.stage}/{NOISE}"
    names = {name for name in condition.arm.metrics if name.startswith(prefix)}
    levels = sorted(float(name.removeprefix(prefix)) for name in names)
    return curve(condition, {0.0: NO_NOISE, **{level: f"{NOISE}{level}" for level in levels}})


def noise_curves(group: Group) -> list[ConditionCurve]:
    """Of each condition, after the healthy and the depressed networks."""
    return [
        curve
        for condition in (*untreated_stages(group), *group.conditions)
        if (curve := noise_curve(condition)) is not None
    ]


def withdrawal_curves(group: Group) -> list[ConditionCurve]:
    """Accuracy by the share of the drug that is left, in per cent, falling: by measure, then by condition."""
    made = []
    for measure in MEASURES:
        for condition in group.conditions:
            follow_up = stored_follow_up(condition.arm.settings) if condition.stage == TREATED else None
            shares = follow_up.shares if isinstance(follow_up, WithdrawalCurve) else ()
            columns = {100 * share: f"{WITHDRAWAL}/{measure}/{place}" for place, share in enumerate(shares)}
            if len(shares) > 1 and all(map(condition.arm.has, columns.values())):
                made.append(curve(condition, columns, [measure] * len(shares)))
    return [curve for curve in made if curve is not None]


def borrowed(curves: Sequence[ConditionCurve], apart: Sequence[Mapping[str, str | float]]) -> tuple[Estimate, ...]:
    """What each condition loses from all of the drug to none of it: one family over conditions and measures.

    ``more`` has the relief (all of the drug less the depressed network, where that was measured), and the step that
    loses most on average, which is chosen by its result and so has an interval that holds for all steps at once.

    Args:
        curves: of :func:`withdrawal_curves`.
        apart: of each curve, what its key begins with.
    """
    tested = family(
        [
            _borrowed(curve, len(curves), {**part_key, **_key(curve)})
            for curve, part_key in zip(curves, apart, strict=True)
        ]
    )
    return tuple(row._replace(verdict=verdict(row.p_holm, row.n, len(curves))) for row in tested)


def _borrowed(curve: ConditionCurve, tests: int, key: Mapping[str, str | float]) -> Estimate:
    first, last = curve.people[:, 0], curve.people[:, -1]
    losses = -np.diff(curve.people, axis=1)
    step = int(losses.mean(axis=0).argmax())
    low, high = (None if np.isnan(end[step]) else float(end[step]) for end in simultaneous(losses))
    depressed = curve.condition.values(f"{BEFORE}/depressed_{curve.outcome}")
    relief = [value - depressed[seed] for seed, value in zip(curve.seeds, first, strict=True) if seed in depressed]
    more: dict[str, Value] = {
        "mean_a": float(first.mean()),
        "mean_b": float(last.mean()),
        "relief": float(np.mean(relief)) if relief else None,
        "steepest_from": curve.x[step],
        "steepest_to": curve.x[step + 1],
        "lost": float(losses[:, step].mean()),
        "lost_low": low,
        "lost_high": high,
        "agreeing": int((losses.argmax(axis=1) == step).sum()),
        "tests": tests,
    }
    return of_contrast({**key, "what": "borrowed"}, contrast(first, last, tests), **more)


def _key(curve: ConditionCurve) -> dict[str, str | float]:
    return {"condition": curve.condition.name, "outcome": curve.outcome}


def last_cycle(condition: Condition) -> int:
    """How many cycles of stress the individuals of a condition were followed through."""
    return next(cycle for cycle in count() if not condition.arm.has(f"{MAINTAINED}/combined/{cycle + 1}"))


def cycle_curve(condition: Condition) -> ConditionCurve | None:
    """Combined accuracy after the maintenance of each cycle; cycle 0 is the treated network, examined afresh."""
    cycles = range(last_cycle(condition) + 1)
    columns = {float(cycle): f"{MAINTAINED}/combined/{cycle}" for cycle in cycles}
    return curve(condition, columns, ["combined"] * len(columns))
