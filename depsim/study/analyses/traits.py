"""Who benefits from what: how a drug's outcome, and the difference of two drugs, goes with traits of individuals.

What a drug does beside no treatment is no measure of benefit: its slope along a trait is that of the untreated floor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product

import numpy as np

from depsim.outcomes import PRIMARY
from depsim.stages import TREATED
from depsim.statistics import LEVEL, Slope, slopes, verdict
from depsim.statistics.student import t_quantile
from depsim.study.analyses.contrasts import COLUMNS
from depsim.study.estimate import Estimate, Value, family
from depsim.study.groups import Condition, Group, align
from depsim.study.stored import stored_relevant
from depsim.traits import STRUCTURAL_LOSS, TRAITS

SIGNS = {outcome.column: 1 if outcome.higher_is_better else -1 for outcome in PRIMARY}
"""1 where more of a primary outcome is better, else -1."""


def drugs(group: Group) -> list[Condition]:
    """Each treatment of a group while it is taken, but for none."""
    return [condition for condition in group.conditions if not condition.is_control and condition.stage == TREATED]


def differing(group: Group) -> tuple[str, ...]:
    """The traits in which a group's individuals differ."""
    first = drugs(group)[:1]
    return tuple(name for name in TRAITS if first and len({*first[0].values(f"trait/{name}").values()}) > 1)


def scaled(trait: str, values: np.ndarray) -> np.ndarray:
    """A trait on the scale on which it is normal: the logit of a share, else the logarithm; (N,) both."""
    return np.asarray(np.log(values / (1 - values) if trait == STRUCTURAL_LOSS else values))


def trait_slopes(parts: Sequence[Group]) -> tuple[Estimate, ...]:
    """The slope along each trait, the others held, of each drug's outcome and of each drug less another one.

    Points per standard deviation of the trait on the scale that it is drawn on. All slopes of a study are one family
    (Holm). Those of drug less drug also have an interval that holds together with the others' (``together_low`` and
    ``together_high``, Bonferroni), so that the steepest may be picked.

    Args:
        parts: groups of a study; those whose individuals differ in no trait are left out.

    Shape: keys a, b (empty for a drug's own outcome), outcome and trait; without interval and p below ten individuals
    for each trait.
    """
    rows = [row for group in parts if differing(group) for row in _of_group(group)]
    tests = sum(row.p is not None for row in rows)
    compared = sum(row.p is not None and row.of("b") != "" for row in rows)
    return tuple(
        row._replace(
            verdict=verdict(row.p_holm, row.n, tests, smallest=0.0),
            more={**row.more, **_together(row, compared), "tests": tests, "compared": compared},
        )
        for row in family(rows)
    )


def _of_group(group: Group) -> list[Estimate]:
    group_drugs, traits = drugs(group), differing(group)
    asked: list[tuple[Condition, Condition | None]] = [
        *combinations(group_drugs, 2),
        *((drug, None) for drug in group_drugs),
    ]
    relevant = stored_relevant(group.arms[0].settings)
    rows = []
    for (a, b), column in product(asked, COLUMNS):
        names = {"a": a.name, "b": "" if b is None else b.name, "outcome": column}
        measured = [a.values(column), *([b.values(column)] if b is not None else [])]
        _, table = align([*measured, *(a.values(f"trait/{trait}") for trait in traits)])
        if not len(table):
            continue
        outcome = table[:, 0] - (table[:, 1] if b is not None else 0.0)
        drawn = np.column_stack([scaled(t, v) for t, v in zip(traits, table.T[len(measured) :], strict=True)])
        for trait, slope, value in zip(traits, slopes(drawn, outcome), _least_squares(drawn, outcome), strict=True):
            rows.append(
                _row(
                    {**group.key, **names, "trait": trait},
                    len(table),
                    slope,
                    value,
                    {"margin": relevant.get(column), "traits": len(traits)},
                )
            )
    return rows


def _row(
    key: Mapping[str, str | float], n: int, slope: Slope | None, value: float | None, more: Mapping[str, Value]
) -> Estimate:
    if slope is None:
        return Estimate(key, n, value, more=more)
    return Estimate(key, slope.n, slope.slope, slope.low, slope.high, p=slope.p, more=more)


def _least_squares(traits: np.ndarray, outcome: np.ndarray) -> list[float | None]:
    """The slopes alone, as few individuals have them, too; None where the traits cannot be told from each other."""
    spread = traits.std(axis=0, ddof=1) if len(traits) > 1 else np.zeros(traits.shape[1])
    if len(traits) < traits.shape[1] + 2 or not spread.all():
        return [None] * traits.shape[1]
    design = np.column_stack([np.ones(len(traits)), (traits - traits.mean(axis=0)) / spread])
    fitted, _, rank, _ = np.linalg.lstsq(design, outcome)
    return fitted[1:].tolist() if rank == design.shape[1] else [None] * traits.shape[1]


def _together(row: Estimate, compared: int) -> dict[str, Value]:
    """The interval of one slope of drug less drug that holds together with all others of the study (Bonferroni)."""
    if row.interval is None or row.value is None or not row.of("b"):
        return {}
    values = row.n - int(row.more["traits"] or 0)  # a slope among T traits has N - T - 1 degrees of freedom
    wider = t_quantile(1 - LEVEL / 2 / compared, values) / t_quantile(1 - LEVEL / 2, values)
    half = wider * (row.interval[1] - row.interval[0]) / 2
    return {"together_low": row.value - half, "together_high": row.value + half}
