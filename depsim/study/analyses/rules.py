"""Is a rule that sends individuals to drugs better than one drug for all: learned on some, scored on the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.stages import BEFORE
from depsim.statistics import (
    TreatmentRule,
    exact,
    learn_rule,
    verdict,
)
from depsim.statistics.mean_interval import student_interval
from depsim.statistics.triage import LEARNERS
from depsim.study.analyses.contrasts import COLUMNS, Pair, margin_of
from depsim.study.analyses.traits import SIGNS, drugs
from depsim.study.estimate import Estimate, Value, family
from depsim.study.groups import Condition, Group, align
from depsim.study.reference import references

MEASURES = {
    "sparsity": f"{BEFORE}/sparsity",
    "slope": f"{BEFORE}/slope",
    "healthy combined": f"{BEFORE}/healthy_combined",
    "depressed combined": f"{BEFORE}/depressed_combined",
}
"""What a rule may ask for, all of it measured before treatment: name to metric."""
LEARNED, RANDOM, ORACLE = "learned", "at random", "oracle"
"""Ways to choose a drug beside published rules; all but the last two are rules, and judged."""
DIVISIONS = 200
"""Random divisions into learners and others, beside the one that is judged."""


def rules(parts: Sequence[Group], columns: Sequence[str] = COLUMNS) -> tuple[Estimate, ...]:
    """What each way to choose a drug gains over the best single drug, on individuals that nothing was learned from.

    The two hundred individuals of the smallest seeds learn and the others score: who does what depends on no outcome,
    and a rule stays what it is when a study grows. The single drug is the best of the learners, too. Gains are points
    better. A rule is useful above the smallest relevant difference of the outcome: t test against it, adjusted by Holm
    over the rules and outcomes. How much of a learned gain is the luck of that division: mean and 2.5 and 97.5 per cent
    quantiles over 200 random ones (``divided``, ``divided_low``, ``divided_high``).

    Args:
        parts: groups of a study with two drugs or more, and what was measured before treatment.
        columns: outcomes; each has a learned rule of its own.

    Shape: keys rule and outcome; no rows without more than two hundred individuals.
    """
    rows = family([row for group in parts for column in columns for row in _of_outcome(group, column)])
    tests = sum(row.p is not None for row in rows)
    judged = []
    for row in rows:
        useful = bool(exact(row.value or 0.0) > float(row.more.get("margin") or 0.0))
        answer = verdict(row.p_holm, row.n, tests, useful, smallest=0.0) if row.p is not None else None
        judged.append(row._replace(verdict=answer, more={**row.more, "tests": tests}))
    return tuple(judged)


def _of_outcome(group: Group, column: str) -> list[Estimate]:
    group_drugs = drugs(group)
    if len(group_drugs) < 2:
        return []
    columns = [
        *(group_drugs[0].values(metric) for metric in MEASURES.values()),
        *(drug.values(column) for drug in group_drugs),
    ]
    _, table = align(columns)
    measures, outcomes = table[:, : len(MEASURES)], SIGNS[column] * table[:, len(MEASURES) :]
    rule = learn_rule(measures[:LEARNERS], outcomes[:LEARNERS])
    before, fresh = measures[LEARNERS:], outcomes[LEARNERS:]
    if rule is None or not len(fresh):
        return []
    single = int(outcomes[:LEARNERS].mean(axis=0).argmax())
    chosen = {LEARNED: rule.choose(before)}
    for reference in references():
        chosen |= reference.rules(group_drugs, list(MEASURES), measures[:LEARNERS], before)
    chosen[ORACLE] = fresh.argmax(axis=1)
    alone = fresh[:, single]
    followed = {name: fresh[np.arange(len(fresh)), places] for name, places in chosen.items()}
    both = SIGNS[column] * np.column_stack([followed[LEARNED], alone])
    margin = margin_of(Pair(group_drugs[single], group_drugs[single]), column, both)
    away = {name: places != single for name, places in chosen.items()}
    followed[RANDOM], away[RANDOM] = fresh.mean(axis=1), np.full(len(fresh), 1 - 1 / len(group_drugs))
    more: dict[str, Value] = {"single": group_drugs[single].name, "learners": LEARNERS, "margin": margin}
    of_learned: dict[str, Value] = {"asks": _in_words(rule, group_drugs), **_over_divisions(measures, outcomes)}
    leaves = {LEARNED: of_learned}
    return [
        _scored(
            {**group.key, "rule": name, "outcome": column},
            followed[name],
            alone,
            away[name],
            {**more, **leaves.get(name, {})},
        )
        for name in (*(name for name in followed if name not in (RANDOM, ORACLE)), RANDOM, ORACLE)
    ]


def _scored(
    key: Mapping[str, str | float], followed: np.ndarray, alone: np.ndarray, away: np.ndarray, more: Mapping[str, Value]
) -> Estimate:
    """What following a rule gains over one treatment for everybody, with Student's interval.

    Args:
        key: of the row.
        followed: outcome of each individual under the treatment that the rule gives it, (N,).
        alone: under the one treatment that everybody gets, (N,).
        away: whether these are two treatments, (N,) booleans or chances.
        more: of the row; its ``margin`` is the smallest gain that matters.
    """
    gains, margin = followed - alone, more["margin"]
    low, high = (float(end[0]) for end in student_interval(gains[:, None])) if gains.size > 1 else (None, None)
    is_judged = key["rule"] not in (RANDOM, ORACLE) and margin is not None
    p = _beside(gains, float(margin or 0.0)) if is_judged else None
    elsewhere = {"elsewhere": 100 * float(away.mean())}
    return Estimate(key, gains.size, float(gains.mean()), low, high, p=p, more={**more, **elsewhere})


def _over_divisions(measures: np.ndarray, outcomes: np.ndarray) -> dict[str, Value]:
    """The gain of rules learned on as many individuals, drawn at random, over the best single drug of these."""
    chance, gains = np.random.default_rng(0), []
    for _ in range(DIVISIONS):
        drawn = chance.permutation(len(outcomes))
        learners, others = drawn[:LEARNERS], drawn[LEARNERS:]
        rule = learn_rule(measures[learners], outcomes[learners])
        if rule is not None:
            single = int(outcomes[learners].mean(axis=0).argmax())
            followed = outcomes[others, rule.choose(measures[others])]
            gains.append(float((followed - outcomes[others, single]).mean()))
    low, high = (float(end) for end in np.quantile(gains, [0.025, 0.975]))
    return {"divided": float(np.mean(gains)), "divided_low": low, "divided_high": high}


def _beside(gains: np.ndarray, margin: float) -> float | None:
    """Two-sided p of Student's test that the mean gain is the margin; None below two individuals."""
    from scipy.special import stdtr

    if gains.size < 2:
        return None
    distance, error = abs(float(gains.mean()) - margin), float(gains.std(ddof=1)) / gains.size**0.5
    return float(2 * stdtr(gains.size - 1, -distance / error)) if error > 0 else float(distance == 0)


def _in_words(rule: TreatmentRule, conditions: Sequence[Condition]) -> str:
    return "; ".join(f"{asked}: {conditions[place].name}" for asked, place in rule.answers(list(MEASURES)))
