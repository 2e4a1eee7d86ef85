"""The paper's Figure 4: whom its rule sends where, and for how many of each kind its sentences hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from depsim.paper.figure_4 import kinds, noticed_share, papers_rule
from depsim.statistics import share_p
from depsim.study.analyses.rules import MEASURES
from depsim.study.analyses.traits import drugs
from depsim.study.estimate import Estimate
from depsim.study.groups import groups
from depsim.study.reading import Study
from tests.diverse import LOSS, SENSITIVITY, diverse, traits
from tests.people import study
from tests.study.test_rules import AREA, DRUGS, N, gains, table, ways


def test_the_papers_rule_asks_for_loss_then_for_sensitivity_at_the_learners_medians() -> None:
    made, drawn = diverse(N), traits(N)
    lost = drawn[LOSS] > np.median(drawn[LOSS][:200])
    sensitive = drawn[SENSITIVITY] > np.median(drawn[SENSITIVITY][:200])
    chosen = np.where(lost, 0, np.where(sensitive, 2, 1))[200:]
    assert ways(made)["the paper's"].value == pytest.approx(gains(made, chosen).mean())


def test_whoever_is_at_a_median_is_neither_above_nor_below() -> None:
    given = drugs(groups(diverse(10), ("treatment",))[0])
    place = {name: number for number, name in enumerate(MEASURES)}
    learners = np.tile(np.arange(5.0)[:, None], len(MEASURES))
    fresh = np.full((4, len(MEASURES)), 2.0)  # the medians
    fresh[1, place["sparsity"]], fresh[2, place["slope"]], fresh[3, place["slope"]] = 2.1, 1.9, 2.1
    chosen = papers_rule(given, list(MEASURES), learners, fresh)
    assert chosen is not None
    assert [given[place].name for place in chosen] == ["ssri", "ketamine", "neurosteroid", "ssri"]


def the_kinds(made: Study) -> tuple[Estimate, ...]:
    return kinds(groups(made, ("treatment",))[0])


def test_the_papers_sentences_are_counted_among_those_that_they_are_about_and_among_the_others() -> None:
    made, drawn = diverse(N), traits(N)
    ketamine, neurosteroid, ssri = the_kinds(made)
    outcomes = table(made)
    lost, sensitive = (drawn[name] > np.median(drawn[name]) for name in (LOSS, SENSITIVITY))
    best = outcomes.argmax(axis=1)
    assert (ketamine.n, ketamine.more["count"]) == (150, (best[lost] == 0).sum())
    assert ketamine.more["others"] == pytest.approx(100 * (best[~lost] == 0).mean())
    assert (neurosteroid.n, neurosteroid.more["count"]) == (150, (best[sensitive] == 2).sum())
    mild = ~lost & ~sensitive
    assert (ssri.n, ssri.more["count"]) == (mild.sum(), table(made, "treated/remission")[mild, 1].sum())
    ahead = outcomes[lost, 0] - outcomes[lost][:, 1:].max(axis=1)
    assert ketamine.more["ahead"] == pytest.approx(ahead.mean())
    assert ketamine.p_holm == pytest.approx(3 * share_p(int(ketamine.more["count"] or 0), 150, 0.5))


def test_a_sentence_that_holds_for_few_is_answered_no_and_one_of_few_individuals_not_at_all() -> None:
    low = np.random.default_rng(0).normal(20, 1, N)
    assert the_kinds(diverse(N, ketamine={f"treated/{AREA}": low}))[0].verdict == "no"
    few = the_kinds(diverse(18))[0]
    assert (few.n, few.verdict) == (9, "too few")


def test_sentences_need_traits_and_the_papers_three_drugs() -> None:
    made = diverse(N)
    assert the_kinds(study(*made.arms[:3])) == ()
    assert the_kinds(diverse(N, **{drug: {LOSS: np.full(N, np.nan)} for drug in DRUGS})) == ()


def test_what_would_be_noticed_is_noticed_eight_times_of_ten() -> None:
    noticed = noticed_share(100, 3)
    assert noticed is not None
    enough = [k for k in range(51, 101) if share_p(k, 100, 0.5) <= 0.05 / 3]
    assert binom.pmf(enough, 100, noticed).sum() >= 0.8 > binom.pmf(enough, 100, noticed - 0.01).sum()


def test_a_drug_that_does_as_well_as_another_is_not_the_best() -> None:
    _, ssri, neurosteroid = table(diverse(N)).T
    level = np.maximum(ssri, neurosteroid)
    ketamine, other, _ = the_kinds(diverse(N, ketamine={f"treated/{AREA}": level}))
    assert (ketamine.more["count"], other.more["count"]) == (0, 0)
