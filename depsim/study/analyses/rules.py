"""Is a rule that sends individuals to drugs better than one drug for all: learned on some, scored on the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from depsim.stages import BEFORE, TREATED
from depsim.statistics import (
    FEWEST_FOR_INFERENCE,
    LEVEL,
    TreatmentRule,
    contrast,
    exact,
    exact_proportion,
    learn_rule,
    share_p,
    smallest_share_p,
    verdict,
)
from depsim.statistics.mean_interval import student_interval
from depsim.statistics.triage import LEARNERS
from depsim.study.analyses.contrasts import COLUMNS, Pair, margin_of
from depsim.study.analyses.traits import SIGNS, drugs
from depsim.study.estimate import Estimate, Value, family, of_proportion
from depsim.study.groups import Condition, Group, align
from depsim.traits import STRESS_SENSITIVITY, STRUCTURAL_LOSS

MEASURES = {
    "sparsity": f"{BEFORE}/sparsity",
    "slope": f"{BEFORE}/slope",
    "healthy combined": f"{BEFORE}/healthy_combined",
    "depressed combined": f"{BEFORE}/depressed_combined",
}
"""What a rule may ask for, all of it measured before treatment: name to metric."""
LEARNED, PAPERS, RANDOM, ORACLE = "learned", "the paper's", "at random", "oracle"
"""Ways to choose a drug; only the first two are rules, and judged."""
_DRUGS = ("ketamine", "neurosteroid", "ssri")
"""Which the paper's rule sends to, for much structural loss, for sensitivity, and else."""
_MOST = 0.5
"""Share of individuals that a sentence about a kind of them has to hold for."""
DIVISIONS = 200
"""Random divisions into learners and others, beside the one that is judged."""
_AREA = "resilience_auc"
"""By which the paper's sentences say that a drug does best."""


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
    if (papers := _papers_rule(group_drugs, measures[:LEARNERS], before)) is not None:
        chosen[PAPERS] = papers
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
        for name in (LEARNED, PAPERS, RANDOM, ORACLE)
        if name in followed
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
    is_judged = key["rule"] in (LEARNED, PAPERS) and margin is not None
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


def _papers_rule(conditions: Sequence[Condition], learners: np.ndarray, fresh: np.ndarray) -> np.ndarray | None:
    """The paper's Figure 4, split at the medians of the learners; None unless each drug is one of the conditions."""
    if (places := _places(conditions)) is None:
        return None
    loss, slope = (list(MEASURES).index(name) for name in ("sparsity", "slope"))
    middle = np.median(learners, axis=0)
    lost, sensitive = fresh[:, loss] > middle[loss], fresh[:, slope] < middle[slope]
    ketamine, neurosteroid, ssri = places
    return np.where(lost, ketamine, np.where(sensitive, neurosteroid, ssri))


def _places(conditions: Sequence[Condition]) -> list[int] | None:
    """Where the paper's drugs are among the conditions; None unless each of them is one."""
    places = [
        [place for place, condition in enumerate(conditions) if condition.arm.treatment == drug] for drug in _DRUGS
    ]
    return [matching[0] for matching in places] if all(len(matching) == 1 for matching in places) else None


def kinds(group: Group) -> tuple[Estimate, ...]:
    """For how many individuals of a kind a sentence of the paper's Figure 4 holds, and for how many of the others.

    Exact test against half of them, adjusted by Holm over the three sentences. A drug that does best for nearly all of
    a kind is no drug for that kind where it does best for nearly all others, too: ``others``, per cent.

    Args:
        group: with the paper's three drugs and both traits; else no rows.
    """
    treated = drugs(group)
    if (places := _places(treated)) is None:
        return ()
    papers_drugs = [treated[place] for place in places]
    traits = [papers_drugs[0].values(f"trait/{trait}") for trait in (STRUCTURAL_LOSS, STRESS_SENSITIVITY)]
    _, table = align([*traits, *(drug.values(_AREA) for drug in papers_drugs)])
    if not len(table):
        return ()
    middle = np.median(table[:, :2], axis=0)
    lost, sensitive = (table[:, :2] > middle).T
    ahead = [table[:, 2 + k] - np.delete(table[:, 2:], k, axis=1).max(axis=1) for k in (0, 1)]
    _, remitted = align([*traits, papers_drugs[2].values(f"{TREATED}/remission")])
    mild = (remitted[:, :2] <= middle).all(axis=1)
    asked = (
        ("structural loss above the median", "ketamine does best", lost, ahead[0] > 0, ahead[0]),
        ("stress sensitivity above the median", "neurosteroid does best", sensitive, ahead[1] > 0, ahead[1]),
        ("neither above the median", "SSRI brings remission", mild, remitted[:, 2] > 0.5, None),
    )
    return _judged(
        tuple(
            _kind({**group.key, "who": who, "says": says}, of_kind, holds, by)
            for who, says, of_kind, holds, by in asked
        )
    )


def _kind(key: Mapping[str, str | float], of_kind: np.ndarray, holds: np.ndarray, ahead: np.ndarray | None) -> Estimate:
    inside, others = holds[of_kind], holds[~of_kind]
    more: dict[str, Value] = {"others": 100 * float(others.mean()) if others.size else None}
    if ahead is not None and inside.size:
        difference = contrast(ahead[of_kind], np.zeros(inside.size)).difference
        more |= {"ahead": difference.mean, "ahead_low": difference.ends[0], "ahead_high": difference.ends[1]}
    p = share_p(int(inside.sum()), inside.size, _MOST) if inside.size else None
    return of_proportion(key, exact_proportion(inside), **more)._replace(p=p)


def _judged(rows: Sequence[Estimate]) -> tuple[Estimate, ...]:
    tests = len(rows)
    return tuple(
        row._replace(
            verdict=verdict(row.p_holm, row.n, tests, (row.value or 0.0) > 100 * _MOST, smallest_share_p(row.n, _MOST)),
            more={**row.more, "noticed": noticed_share(row.n, tests)},
        )
        for row in family(rows)
    )


def noticed_share(n: int, tests: int) -> float | None:
    """The share above a half that n individuals tell from it 8 times of 10, in a family of so many tests; None: none.

    >>> noticed_share(100, 3), noticed_share(5, 3)
    (0.67, None)
    """
    from scipy.special import bdtrc

    if n < FEWEST_FOR_INFERENCE:
        return None
    least = next((k for k in range(n // 2 + 1, n + 1) if share_p(k, n, _MOST) <= LEVEL / tests), None)
    if least is None:
        return None
    shares = np.arange(51, 101) / 100
    enough = shares[bdtrc(least - 1, n, shares) >= 0.8]
    return float(enough[0]) if enough.size else None
