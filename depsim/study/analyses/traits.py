"""Who benefits from what: how a drug's outcome, and the difference of two drugs, goes with traits of individuals.

What a drug does beside no treatment is no measure of benefit: its slope along a trait is that of the untreated floor
(STATISTICS T1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product

import numpy as np

from depsim.outcomes import PRIMARY
from depsim.stages import TREATED
from depsim.statistics import LEVEL, Slope, from_best, slopes, verdict
from depsim.statistics.student import t_quantile
from depsim.study.analyses.contrasts import COLUMNS
from depsim.study.estimate import Estimate, Value, family
from depsim.study.groups import Condition, Group, align
from depsim.study.stored import stored_relevant
from depsim.traits import STRESS_SENSITIVITY, STRUCTURAL_LOSS, TRAITS

SIGNS = {outcome.column: 1 if outcome.higher_is_better else -1 for outcome in PRIMARY}
"""1 where more of a primary outcome is better, else -1."""
FEWEST_IN_A_CELL = 30
_CELL, _MOST_CELLS = 40, 4
"""Individuals a cell of the map should have on average, and cells a side at most."""


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

    References: STATISTICS T1, T2.
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
            rows.append(_row({**group.key, **names, "trait": trait}, len(table), slope, value,
                             {"margin": relevant.get(column), "traits": len(traits)}))  # fmt: skip
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


def best_drugs(group: Group) -> tuple[Estimate, ...]:
    """Which drug is best for individuals of like structural loss and stress sensitivity, cell by cell of a map.

    Cells end at quantiles. The value is by how much the best drug is ahead of the next one; its interval holds
    together with those of all other cells and outcomes.

    Args:
        group: with two drugs or more.

    Shape: keys outcome, loss and sensitivity; the verdict is whether one drug alone may be the best, too few below 30
    individuals. No rows without both traits, or below 160 individuals.
    """
    group_drugs = drugs(group)
    if len(group_drugs) < 2 or not {STRUCTURAL_LOSS, STRESS_SENSITIVITY} <= {*differing(group)}:
        return ()
    rows = []
    traits = [group_drugs[0].values(f"trait/{trait}") for trait in (STRUCTURAL_LOSS, STRESS_SENSITIVITY)]
    for column in COLUMNS:
        _, table = align([*traits, *(drug.values(column) for drug in group_drugs)])
        side = min(int((len(table) / _CELL) ** 0.5), _MOST_CELLS)
        if side < 2:
            continue
        ends = [np.quantile(values, np.linspace(0, 1, side + 1)) for values in table.T[:2]]
        places = [np.searchsorted(e[1:-1], v, side="right") for e, v in zip(ends, table.T[:2], strict=True)]
        for across, up in product(range(side), repeat=2):
            values = table[(places[0] == across) & (places[1] == up), 2:]
            cell = {"loss": ends[0][across : across + 2], "sensitivity": ends[1][up : up + 2]}
            rows.append(_cell({**group.key, "outcome": column}, cell, values, group_drugs, side**2 * len(COLUMNS)))
    return tuple(rows)


def _cell(
    key: Mapping[str, str | float],
    cell: Mapping[str, np.ndarray],
    values: np.ndarray,
    group_drugs: Sequence[Condition],
    cells: int,
) -> Estimate:
    sign = SIGNS[str(key["outcome"])]
    named = {**key, **{name: f"{low:.3g} to {high:.3g}" for name, (low, high) in cell.items()}}
    more: dict[str, Value] = {}
    for name, (low, high) in cell.items():
        more |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    if not len(values):
        return Estimate(named, 0, None, verdict="too few", more=more)
    behind = from_best(sign * values, cells)
    first, second, *_ = sorted(range(len(group_drugs)), key=lambda place: -behind[place].difference)
    may = [drug.name for drug, comparison in zip(group_drugs, behind, strict=True) if comparison.may_be_best]
    next_one = behind[second]
    low, high = (None if end is None else -end for end in (next_one.high, next_one.low))
    enough = len(values) >= FEWEST_IN_A_CELL
    more |= {"best": group_drugs[first].name, "may_be_best": ", ".join(may)}
    return Estimate(
        named, len(values), -next_one.difference, low, high, more=more,
        verdict="too few" if not enough else "yes" if len(may) == 1 else "undecided",
    )  # fmt: skip
