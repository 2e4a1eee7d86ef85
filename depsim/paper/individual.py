"""Is the published individual one of ours: its values, its differences between conditions, and all of them together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from depsim.outcomes import PRIMARY, is_bounded
from depsim.paper.conditions import papers_conditions
from depsim.paper.published import Value, is_papers, published, values
from depsim.paper.seen import was_seen
from depsim.stages import TREATED
from depsim.statistics import (
    Prediction,
    Verdict,
    error_logit,
    exam_scatter,
    joint_verdict,
    lies_inside,
    mean_rank_p,
    noticed_shift,
    percentile_of,
    predict_accuracy,
    predict_by_order,
    predict_value,
    summarise,
)
from depsim.study.estimate import Estimate, of_summary
from depsim.study.groups import NO_TREATMENT, Condition, Group, align, groups
from depsim.study.reading import Study

TABLES = ("table_1", "table_2")
FEWEST_TOGETHER = 19
"""Individuals from which one more could be farther out than 95 % of all."""
_COUNTED, _FEW_QUESTIONS = "sparsity", "clean"
"""A column that is no measurement, and the exam with as few distinct questions as there are clusters."""

Named = Mapping[str, Condition]
"""Conditions by their names in the paper's tables."""


def reference(study: Study) -> Group | None:
    """The individuals that the published one is compared with; None where nobody is like it.

    Their surroundings are the paper's. Those on the paper's data come first, then those with more of its conditions.
    """
    alike = [group for group in groups(study, ("treatment",)) if is_papers(group.arms[0].settings)]
    data = published()["paper"]["data"]
    ranked = sorted(alike, key=lambda group: (group.arms[0].data != data, -len(papers_conditions(group)), -group.n))
    return next((group for group in ranked if papers_conditions(group)), None)


def cells(named: Named) -> tuple[Estimate, ...]:
    """A row for each cell of Tables 1 and 2 that was measured here, those of both tables once.

    ``more`` has the published value, where 95 % of new individuals would lie, the per cent of ours below the published
    value (ours rounded as it is), and whether it lies inside; None for what cannot be told.

    Args:
        named: the paper's conditions that are there.
    """
    measured = {
        (value.row, value.column): (value, by_seed)
        for table in TABLES
        for value in values(table)
        if value.row in named and (by_seed := named[value.row].values(value.column))
    }
    everyone = sorted({seed for _, by_seed in measured.values() for seed in by_seed})
    samples = np.array([[by_seed.get(seed, np.nan) for _, by_seed in measured.values()] for seed in everyone])
    bounded = np.array([is_bounded(column) for _, column in measured], dtype=bool)
    summaries = summarise(samples, bounded=bounded) if measured else []
    rows = []
    for (value, by_seed), ours in zip(measured.values(), summaries, strict=True):
        sample = np.array([*by_seed.values()])
        prediction = _predict(value.column, named[value.row], sample)
        key = {"condition": value.row, "outcome": value.column}
        rows.append(of_summary(key, ours, **_beside(value.mean, sample, prediction, value.column == _COUNTED)))
    return tuple(rows)


def gaps(named: Named) -> tuple[Estimate, ...]:
    """A row for each difference between two conditions that Table 1 gives in a primary outcome; ``more`` as for cells.

    Args:
        named: the paper's conditions that are there.
    """
    theirs = {(value.row, value.column): value.mean for value in values("table_1")}
    rows = []
    for outcome in PRIMARY:
        for a, b in combinations(named, 2):
            first, second = theirs.get((a, outcome.column)), theirs.get((b, outcome.column))
            _, both = align([named[a].values(outcome.column), named[b].values(outcome.column)])
            differences = both[:, 0] - both[:, 1]
            if first is None or second is None or not differences.size:
                continue
            gap = round(first - second, published()["paper"]["decimals"])
            prediction = predict_by_order(differences) or predict_value(differences)  # differences are skewed
            key = {"a": a, "b": b, "outcome": outcome.column}
            rows.append(of_summary(key, summarise(differences[:, None])[0], **_beside(gap, differences, prediction)))
    return tuple(rows)


def together(named: Named) -> Estimate | None:
    """All published values of all conditions at once, ``clean`` left out; None where there are none.

    The row's p says how often one more of ours would lie at least as far out; ``more`` has the rank, the number of
    values that vary, and of each condition the shift of all of its values, in standard deviations, that the test
    notices in 8 of 10 individuals (None: not even ten). The verdict is "no" where the published one is none of ours.
    ``one_sided`` is the p of a mean rank as low in the noise exams of treated networks; that direction was declared
    after the finding of November 2026, so it is there only where no individual was in a finding.

    Args:
        named: the paper's conditions that are there.
    """
    theirs = {(v.row, v.column): v for table in TABLES for v in values(table) if v.mean is not None}
    places = [
        (value, by_seed)
        for (row, column), value in theirs.items()
        if column != _FEW_QUESTIONS and row in named and (by_seed := named[row].values(column))
    ]
    if not places:
        return None
    _, people = align([by_seed for _, by_seed in places])
    means = np.array([value.mean for value, _ in places], dtype=np.float64)
    pool = np.vstack([people, means]).round(published()["paper"]["decimals"])  # ours as theirs
    scaled = [_on_a_scale(value, named[value.row], pool[:, place]) for place, (value, _) in enumerate(places)]
    columns, floors = np.stack([column for column, _ in scaled], axis=1), np.array([floor for _, floor in scaled])
    joint = joint_verdict(columns[:-1], columns[-1], floors)
    rows = [value.row for value, _ in places]
    shifts = noticed_shift(columns[:-1], floors, rows) if joint.can_reject else dict.fromkeys(rows)
    verdict: Verdict = "too few" if joint.distinguishable is None else "no" if joint.distinguishable else "undecided"
    more: dict[str, float | None] = {f"noticed {row}": shift for row, shift in shifts.items()}
    noisy = np.array([is_noisy(value) for value, _ in places])
    if joint.can_reject and noisy.any() and not _in_a_finding(named):
        more["one_sided"] = mean_rank_p(pool[:-1, noisy], pool[-1, noisy])
    key = {"outcome": "all values"}
    return Estimate(
        key,
        joint.n,
        float(joint.rank),
        p=joint.p,
        verdict=verdict,
        more={"rank": joint.rank, "values": joint.values, **more},
    )


def is_noisy(value: Value) -> bool:
    """Whether a published value is the accuracy of a treated network under noise."""
    under_noise = value.column == "combined" or value.column.startswith("internal_noise_")
    return under_noise and value.stage == TREATED and value.treatment != NO_TREATMENT


def _in_a_finding(named: Named) -> bool:
    arms = (condition.arm for condition in named.values())
    return any(was_seen(person.seed, arm.data) for arm in arms for person in arm.individuals)


def sequel(named: Named) -> tuple[Estimate, ...]:
    """The sequel's means of ten individuals beside ours; sensible where ours have data of their own.

    Args:
        named: the paper's conditions that are there.
    """
    rows = []
    for value in values("sequel"):
        by_seed = named[value.row].values(value.column) if value.row in named else {}
        if value.mean is not None and by_seed:
            ours = summarise(np.array([*by_seed.values()])[:, None], bounded=is_bounded(value.column))[0]
            apart = standard_errors(ours.n, ours.mean, ours.sd, value.n, value.mean, value.sd)
            key = {"condition": value.row, "outcome": value.column}
            rows.append(of_summary(key, ours, published=value.mean, published_sd=value.sd, distance=apart))
    return tuple(rows)


def standard_errors(
    n: int, mean: float, sd: float | None, other_n: int, other: float | None, other_sd: float | None
) -> float | None:
    """How far a mean lies from another, in standard errors of the difference; None without two spreads.

    >>> round(standard_errors(30, 30.0, 3.0, 10, 28.9, 2.4), 2)
    1.18
    """
    if sd is None or other is None or other_sd is None:
        return None
    error = math.sqrt(sd**2 / n + other_sd**2 / other_n)
    return (mean - other) / error if error else None


def _beside(
    theirs: float | None, sample: np.ndarray, prediction: Prediction | None, counted: bool = False
) -> dict[str, float | bool | None]:
    """The published value, and where it lies among ours."""
    decimals = published()["paper"]["decimals"]
    percentile, inside = None, None
    if theirs is not None:
        percentile = percentile_of(theirs, sample.round(decimals))
        if prediction is not None:
            inside = lies_inside(theirs, prediction, decimals)
        elif counted and np.ptp(sample) == 0:
            inside = bool(sample[0].round(decimals) == theirs)
    low, high = (prediction.low, prediction.high) if prediction else (None, None)
    miss = None if inside is None or prediction is None or np.ptp(sample) == 0 else prediction.miss
    return {
        "published": theirs,
        "predicted_low": low,
        "predicted_high": high,
        "percentile": percentile,
        "inside": inside,
        "miss": miss,
    }


def _predict(column: str, condition: Condition, sample: np.ndarray) -> Prediction | None:
    if column == _FEW_QUESTIONS:
        return predict_by_order(sample)
    tests = _questions(column, condition)
    return predict_value(sample) if tests is None else predict_accuracy(sample, tests)


def _questions(column: str, condition: Condition) -> int | None:
    """How many questions an exam has; None for what is no share of right answers."""
    if column in (_COUNTED, "relapse_drop"):
        return None
    return int(condition.arm.settings["task.clean_size" if column == _FEW_QUESTIONS else "task.test_size"])


def _on_a_scale(value: Value, condition: Condition, column: np.ndarray) -> tuple[np.ndarray, float]:
    """A column on the scale on which individuals scatter evenly, and the scatter of the exam alone there."""
    decimals = published()["paper"]["decimals"]
    tests, rounding = _questions(value.column, condition), 10.0**-decimals / math.sqrt(12)
    if tests is not None:
        errors = 1 - column.mean() / 100
        slope = 100 * (errors + 0.5 / tests) * (1 - errors + 0.5 / tests)  # of the accuracy by the logit
        return error_logit(column, tests), exam_scatter(column.mean(), tests, decimals) / slope
    if value.column == _COUNTED:
        return column, rounding
    before = np.array([*condition.values("combined").values()])
    return column, math.sqrt(2) * exam_scatter(before.mean(), int(condition.arm.settings["task.test_size"]), decimals)


def expected_outside(rows: Sequence[Estimate]) -> float:
    """How many published values would lie outside if the published individual is one of ours."""
    return sum(float(row.more["miss"] or 0.0) for row in rows if "miss" in row.more)
