"""Rules on a study's individuals: who learns, who scores, what stands beside, and the paper's sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from depsim.statistics import exact_proportion, learn_rule, score, share_p
from depsim.study.reading import Study
from depsim.study.triage import MEASURES, Sentence, Triage, _papers_rule, noticed_share, sentences, triages
from tests.diverse import LOSS, SENSITIVITY, diverse, traits
from tests.people import study

N = 300
DRUGS = ("ketamine", "ssri", "neurosteroid")


def the_triage(found: Study) -> Triage:
    (own,) = triages(found)
    return own


def table(found: Study, metric: str = "treated/resilience_auc") -> np.ndarray:
    return np.array([arm.values(metric) for arm in found.arms[1:]]).T


def test_the_first_two_hundred_learn_and_the_others_score() -> None:
    found = diverse(N)
    own, outcomes = the_triage(found), table(found)
    measures = np.array([found.arms[1].values(metric) for metric in MEASURES.values()]).T
    rule = learn_rule(measures[:200], outcomes[:200])
    assert rule is not None
    single = int(outcomes[:200].mean(axis=0).argmax())
    assert (own.learners, own.scored, own.single.treatment) == (200, 100, DRUGS[single])
    chosen, fresh = rule.choose(measures[200:]), outcomes[200:]
    expected = score(fresh[np.arange(100), chosen], fresh[:, single], chosen != single, 2.0)
    assert (own.found[0].score, expected.verdict) == (expected, "useful")


def test_the_papers_rule_asks_for_loss_then_for_sensitivity_at_the_learners_medians() -> None:
    found = diverse(N)
    own, drawn, outcomes = the_triage(found), traits(N), table(found)
    lost = drawn[LOSS] > np.median(drawn[LOSS][:200])
    sensitive = drawn[SENSITIVITY] > np.median(drawn[SENSITIVITY][:200])
    chosen = np.where(lost, 0, np.where(sensitive, 2, 1))[200:]
    single = DRUGS.index(own.single.treatment)
    fresh = outcomes[200:]
    assert own.found[1].score == score(fresh[np.arange(100), chosen], fresh[:, single], chosen != single, 2.0)


def test_whoever_is_at_a_median_is_neither_above_nor_below() -> None:
    arms, place = diverse(10).arms[1:], {name: number for number, name in enumerate(MEASURES)}
    learners = np.tile(np.arange(5.0)[:, None], len(MEASURES))
    fresh = np.full((4, len(MEASURES)), 2.0)  # the medians
    fresh[1, place["sparsity"]], fresh[2, place["slope"]], fresh[3, place["slope"]] = 2.1, 1.9, 2.1
    assert [arms[own].treatment for own in _papers_rule(arms, learners, fresh)] == [
        "ssri", "ketamine", "neurosteroid", "ssri"]  # fmt: skip


def test_random_drugs_are_the_mean_of_all_and_an_oracle_has_the_largest() -> None:
    found = diverse(N)
    own, fresh = the_triage(found), table(found)[200:]
    single = fresh[:, DRUGS.index(own.single.treatment)]
    by = {each.name: each.score for each in own.found}
    assert by["at random"].gain == pytest.approx((fresh.mean(axis=1) - single).mean())
    assert by["at random"].elsewhere == pytest.approx(2 / 3)
    assert by["oracle"].gain == pytest.approx((fresh.max(axis=1) - single).mean())


def test_whoever_lacks_a_measure_or_an_outcome_neither_learns_nor_scores() -> None:
    gone = np.where(np.arange(N) < 30, np.nan, 80.0)
    own = the_triage(diverse(N, ssri={"treated/resilience_auc": gone}))
    assert (own.learners, own.scored) == (200, 70)


@pytest.mark.parametrize("n", [199, 200])
def test_without_anyone_to_score_there_is_no_rule(n: int) -> None:
    assert triages(diverse(n)) == ()


def test_one_drug_or_nothing_measured_before_makes_no_rule_and_without_the_papers_drugs_not_the_papers() -> None:
    found = diverse(N)
    assert triages(study(*found.arms[:2])) == ()
    assert triages(diverse(N, **{drug: {"before/slope": np.full(N, np.nan)} for drug in DRUGS})) == ()
    assert [each.name for each in the_triage(study(*found.arms[:3])).found] == ["learned", "at random", "oracle"]


def the_sentences(found: Study) -> tuple[Sentence, ...]:
    ((_, own),) = sentences(found)
    return own


def test_the_papers_sentences_are_counted_among_the_individuals_that_they_are_about() -> None:
    found = diverse(N)
    ketamine, neurosteroid, ssri = the_sentences(found)
    outcomes, drawn = table(found), traits(N)
    lost, sensitive = (drawn[name] > np.median(drawn[name]) for name in (LOSS, SENSITIVITY))
    best = outcomes.argmax(axis=1)
    assert (ketamine.holds.n, ketamine.holds.count) == (150, (best[lost] == 0).sum())
    assert (neurosteroid.holds.n, neurosteroid.holds.count) == (150, (best[sensitive] == 2).sum())
    mild = ~lost & ~sensitive
    assert (ssri.holds.n, ssri.holds.count) == (mild.sum(), table(found, "treated/remission")[mild, 1].sum())
    assert ketamine.difference is not None
    ahead = outcomes[lost, 0] - outcomes[lost][:, 1:].max(axis=1)
    assert ketamine.difference.difference.mean == pytest.approx(ahead.mean())
    assert ketamine.p == pytest.approx(3 * share_p(int(ketamine.holds.count), 150, 0.5))


def test_a_sentence_that_holds_for_few_is_refuted() -> None:
    low = np.random.default_rng(0).normal(20, 1, N)
    ketamine, *_ = the_sentences(diverse(N, ketamine={"treated/resilience_auc": low}))
    assert ketamine.verdict == "refuted"


def test_below_ten_individuals_nothing_is_inferred_from_all_of_them() -> None:
    ketamine = the_sentences(diverse(18))[0]
    assert (ketamine.holds.n, ketamine.verdict) == (9, "too few individuals")
    one = replace(ketamine, p=0.01, noticed=0.9, holds=exact_proportion(np.ones(9, dtype=bool)))
    assert one.verdict == "too few individuals"
    assert replace(one, holds=exact_proportion(np.ones(10, dtype=bool))).verdict == "supported"


def test_sentences_need_traits_and_the_papers_three_drugs() -> None:
    found = diverse(N)
    assert sentences(study(*found.arms[:3])) == ()
    assert sentences(diverse(N, **{drug: {LOSS: np.full(N, np.nan)} for drug in DRUGS})) == ()


def test_what_would_be_noticed_is_noticed_eight_times_of_ten() -> None:
    noticed = noticed_share(100, 3)
    assert noticed is not None
    told = [k for k in range(51, 101) if share_p(k, 100, 0.5) <= 0.05 / 3]
    assert binom.pmf(told, 100, noticed).sum() >= 0.8 > binom.pmf(told, 100, noticed - 0.01).sum()


def test_a_drug_that_does_as_well_as_another_is_not_the_best() -> None:
    found = diverse(N)
    _, ssri, neurosteroid = table(found).T
    level = np.maximum(ssri, neurosteroid)
    ketamine, other, _ = the_sentences(diverse(N, ketamine={"treated/resilience_auc": level}))
    assert (ketamine.holds.count, other.holds.count) == (0, 0)
