"""Rules on a study's individuals: who learns, who scores, what they are compared with, and the paper's sentences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy.stats import ttest_1samp, ttest_rel

from depsim.statistics import learn_rule
from depsim.study.analyses.rules import MEASURES, rules
from depsim.study.estimate import Estimate
from depsim.study.groups import groups
from depsim.study.reading import Study
from tests.diverse import diverse
from tests.people import study

N = 300
DRUGS = ("ketamine", "ssri", "neurosteroid")
AREA = "resilience_auc"


def ways(made: Study, column: str = AREA) -> Mapping[str, Estimate]:
    return {row.of("rule"): row for row in rules(groups(made, ("treatment",))) if row.of("outcome") == column}


def table(made: Study, metric: str = f"treated/{AREA}") -> np.ndarray:
    return np.array([arm.values(metric) for arm in made.arms[1:]]).T


def gains(made: Study, chosen: np.ndarray) -> np.ndarray:
    outcomes = table(made)
    single = int(outcomes[:200].mean(axis=0).argmax())
    return np.asarray(outcomes[np.arange(200, N), chosen] - outcomes[200:, single])


def test_the_first_two_hundred_learn_and_the_others_score() -> None:
    made = diverse(N)
    outcomes = table(made)
    measures = np.array([made.arms[1].values(metric) for metric in MEASURES.values()]).T
    rule = learn_rule(measures[:200], outcomes[:200])
    assert rule is not None
    learned = ways(made)["learned"]
    single = int(outcomes[:200].mean(axis=0).argmax())
    by = gains(made, rule.choose(measures[200:]))
    expected = ttest_rel(by, np.zeros(100)).confidence_interval(0.95)
    assert (learned.n, learned.more["single"]) == (100, DRUGS[single])
    assert (learned.value, learned.low, learned.high) == pytest.approx((by.mean(), expected.low, expected.high))
    assert learned.more["elsewhere"] == pytest.approx(100 * (rule.choose(measures[200:]) != single).mean())


def test_a_rule_is_useful_above_the_smallest_relevant_difference_among_all_rules() -> None:
    rows = rules(groups(diverse(N), ("treatment",)))
    judged = [row for row in rows if row.of("rule") in ("learned", "the paper's")]
    assert [row.verdict for row in rows if row not in judged] == [None] * 4  # two outcomes were measured
    assert {row.more["tests"] for row in rows} == {4}
    made = diverse(N)
    measures = np.array([made.arms[1].values(metric) for metric in MEASURES.values()]).T
    rule = learn_rule(measures[:200], table(made)[:200])
    assert rule is not None
    learned = ways(made)["learned"]
    p = ttest_1samp(gains(made, rule.choose(measures[200:])), float(learned.more["margin"] or 0)).pvalue
    assert learned.p == pytest.approx(p)
    assert (learned.verdict, learned.more["margin"]) == ("yes", 2.0)


def test_a_rule_that_sends_everybody_to_the_single_drug_is_of_no_use() -> None:
    high = np.random.default_rng(0).normal(99, 0.1, N)
    learned = ways(diverse(N, ssri={f"treated/{AREA}": high}))["learned"]
    assert (learned.value, learned.more["elsewhere"], learned.verdict) == (0.0, 0.0, "no")


def test_a_learned_gain_stands_beside_those_of_two_hundred_random_divisions() -> None:
    made = diverse(N)
    outcomes = table(made)
    measures = np.array([made.arms[1].values(metric) for metric in MEASURES.values()]).T
    chance, over = np.random.default_rng(0), []
    for _ in range(200):
        drawn = chance.permutation(N)
        learners, others = np.split(drawn, [200])
        rule = learn_rule(measures[learners], outcomes[learners])
        assert rule is not None
        best = outcomes[learners].mean(axis=0).argmax()
        chosen = rule.choose(measures[others])
        over.append(np.mean([outcomes[who, to] - outcomes[who, best] for who, to in zip(others, chosen, strict=True)]))
    rows = ways(made)
    more = rows["learned"].more
    assert more["divided"] == pytest.approx(np.mean(over))
    assert (more["divided_low"], more["divided_high"]) == pytest.approx(tuple(np.quantile(over, [0.025, 0.975])))
    assert float(more["divided_low"] or 0) < float(more["divided_high"] or 0)
    assert all("divided" not in rows[name].more for name in ("the paper's", "at random", "oracle"))


def test_of_the_relapse_drop_less_is_better() -> None:
    drops = np.random.default_rng(2).normal(0, 3, (3, N)) + np.array([[10.0], [6.0], [12.0]])
    made = diverse(N, **{drug: {"relapse_drop": drop} for drug, drop in zip(DRUGS, drops, strict=True)})
    by_rule = ways(made, "relapse_drop")
    assert by_rule["learned"].more["single"] == "ssri"
    assert by_rule["oracle"].value == pytest.approx((drops[1] - drops.min(axis=0))[200:].mean())


def test_random_drugs_are_the_mean_of_all_and_an_oracle_has_the_largest() -> None:
    made = diverse(N)
    by_rule, fresh = ways(made), table(made)[200:]
    single = fresh[:, DRUGS.index(str(by_rule["learned"].more["single"]))]
    assert by_rule["at random"].value == pytest.approx((fresh.mean(axis=1) - single).mean())
    assert by_rule["at random"].more["elsewhere"] == pytest.approx(200 / 3)
    assert by_rule["oracle"].value == pytest.approx((fresh.max(axis=1) - single).mean())


def test_whoever_lacks_a_measure_or_an_outcome_neither_learns_nor_scores() -> None:
    gone = np.where(np.arange(N) < 30, np.nan, 80.0)
    assert ways(diverse(N, ssri={f"treated/{AREA}": gone}))["learned"].n == 70


@pytest.mark.parametrize("n", [199, 200])
def test_without_anyone_to_score_there_is_no_rule(n: int) -> None:
    assert ways(diverse(n)) == {}


def test_one_drug_or_nothing_measured_before_makes_no_rule_and_without_the_papers_drugs_not_the_papers() -> None:
    made = diverse(N)
    assert ways(study(*made.arms[:2])) == {}
    assert ways(diverse(N, **{drug: {"before/slope": np.full(N, np.nan)} for drug in DRUGS})) == {}
    assert list(ways(study(*made.arms[:3]))) == ["learned", "at random", "oracle"]
