"""Whether conditions differ: differences within individuals, tests of one family, and equivalence as a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from depsim.outcomes import PRIMARY
from depsim.statistics import (
    FEWEST_FOR_INFERENCE,
    LEVEL,
    Verdict,
    contrast,
    equivalence,
    half_width,
    holm,
    individuals_needed,
    relevant_margin,
    verdict,
)
from depsim.study.estimate import Estimate, Value, family, of_contrast
from depsim.study.groups import Condition, Group, align, few_collapses
from depsim.study.stored import stored_ceilings, stored_relevant, stored_tests

COLUMNS = tuple(outcome.column for outcome in PRIMARY)
RELAPSE_DROP = "relapse_drop"
_HIGHER_IS_BETTER = {outcome.column: outcome.higher_is_better for outcome in PRIMARY}


class Pair(NamedTuple):
    """Condition A against condition B, and what B is to A where that has to be said."""

    a: Condition
    b: Condition
    how: str = ""


def all_pairs(group: Group) -> list[Pair]:
    """All pairs of a group's conditions; untreated individuals come last, so that a difference says what a drug did.

    An arm with several names is not compared with itself.
    """
    ordered = sorted(group.conditions, key=lambda condition: condition.is_control)
    return [Pair(a, b) for a, b in combinations(ordered, 2) if (a.arm.arm_key, a.stage) != (b.arm.arm_key, b.stage)]


def against(group: Group, control: Condition, how: str = "") -> list[Pair]:
    """Every other condition of a group against one."""
    return [Pair(a, control, how) for a in group.conditions if a is not control]


def contrasts(
    pairs: Sequence[Pair], columns: Sequence[str] = COLUMNS, apart: Mapping[str, str | float] = {}
) -> tuple[Estimate, ...]:
    """A row for each pair and outcome; all of them are one family of tests.

    In the relapse drop untreated individuals have no part, as who is at the floor cannot fall. Where 1 to 4 individuals
    collapsed there is no verdict on the mean, and ``more`` has their number; that on most individuals stands.

    Args:
        pairs: A and B.
        columns: outcomes.
        apart: what every key begins with.
    """
    wanted = [
        (pair, column)
        for column in columns
        for pair in pairs
        if not (column == RELAPSE_DROP and (pair.a.is_control or pair.b.is_control))
    ]
    measured = [(pair, column) for pair, column in wanted if align(_columns(pair, column))[0]]
    tested = family([_row(pair, column, len(measured), apart) for pair, column in measured])
    answers = _as_good(tested)
    return with_majorities(
        [
            row._replace(
                verdict=_verdict(row, len(measured)),
                more={**row.more, "as_good": None if row.more["collapses"] else answer, "tests": len(measured)},
            )
            for row, answer in zip(tested, answers, strict=True)
        ]
    )


def _verdict(row: Estimate, tests: int) -> Verdict | None:
    """Whether the means differ; None where few collapses decide them."""
    made = verdict(row.p_holm, row.n, tests)
    return None if row.more["collapses"] and made != "too few" else made


def with_majorities(rows: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Rows that say whether most individuals are higher under one condition, by sign tests adjusted over all rows.

    A mean can hide it: one individual in a hundred who collapses outweighs many small advantages.
    """
    adjusted = holm([_float(row.more.get("superiority_p")) for row in rows])
    tests = sum(p is not None for p in adjusted)
    return tuple(
        row._replace(
            more={
                **row.more,
                "superiority_p_holm": p,
                "majority": None if p is None else verdict(p, row.n, tests, smallest=2.0 ** (1 - row.n)),
            }
        )
        for row, p in zip(rows, adjusted, strict=True)
    )


def _columns(pair: Pair, column: str) -> list[dict[int, float]]:
    return [pair.a.values(column), pair.b.values(column)]


def _row(pair: Pair, column: str, tests: int, apart: Mapping[str, str | float]) -> Estimate:
    columns = _columns(pair, column)
    seeds, both = align(columns)
    made = contrast(both[:, 0], both[:, 1], tests)
    share = made.superiority
    key = {**apart, "a": pair.a.name, "b": pair.b.name, "outcome": column}
    if pair.how:
        key["how"] = pair.how
    margin = margin_of(pair, column, both)
    differences = both[:, 0] - both[:, 1]
    more: dict[str, Value] = {
        "mean_a": float(both[:, 0].mean()),
        "mean_b": float(both[:, 1].mean()),
        "d_z": made.d_z,
        "superiority": None if share is None else share.share,
        "superiority_low": None if share is None else share.low,
        "superiority_high": None if share is None else share.high,
        "superiority_p": made.superiority_p,
        "margin": margin,
        "half_width": half_width(made.difference.sd, made.n),
        "left_out": len(set(columns[0]) ^ set(columns[1])),
        "collapses": few_collapses((pair.a, pair.b), seeds),
    }
    if margin is not None:
        if not (pair.a.is_control or pair.b.is_control):  # beside untreated individuals nobody asks
            tost = equivalence(both[:, 0], both[:, 1], margin)
            more |= {"within_p": tost.within, "beyond_p": tost.beyond}
        if made.n >= FEWEST_FOR_INFERENCE:
            more["needed"] = individuals_needed(differences, margin)
    return of_contrast(key, made, **more)


def margin_of(pair: Pair, column: str, both: np.ndarray) -> float | None:
    """The smallest relevant difference of an outcome for two conditions, points; None for what has none declared."""
    declared = stored_relevant(pair.a.arm.settings).get(column)
    if declared is None:
        return None
    means = both.mean(axis=0)
    if column == RELAPSE_DROP:
        return declared
    ceiling = stored_ceilings(pair.a.arm.settings).get(column, 100.0)
    higher = _HIGHER_IS_BETTER.get(column, True)
    better = float(means.max() if higher else means.min())
    return relevant_margin(declared, ceiling, better, stored_tests(pair.a.arm.settings))


def _as_good(rows: Sequence[Estimate]) -> list[str | None]:
    """Whether A is as good as B once adjusted by Holm over all rows; None below ten individuals, and untested."""
    within = holm([_float(row.more.get("within_p")) for row in rows])
    beyond = holm([_float(row.more.get("beyond_p")) for row in rows])
    answers: list[str | None] = []
    for row, near, far in zip(rows, within, beyond, strict=True):
        if near is None or far is None or row.n < FEWEST_FOR_INFERENCE:
            answers.append(None)
        else:
            answers.append("yes" if near <= LEVEL else "no" if far <= LEVEL else "undecided")
    return answers


def _float(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None
