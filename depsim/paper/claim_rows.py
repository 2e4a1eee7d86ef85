"""What becomes of declared sentences: the share of individuals in which each holds, tested as one family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from depsim.outcomes import metric_of
from depsim.paper.claim_panels import ClaimPanel, Named
from depsim.paper.claims import Claim, Comparison, Term
from depsim.paper.published import values
from depsim.paper.seen import was_seen
from depsim.stages import HEALTHY
from depsim.statistics import (
    FEWEST_FOR_INFERENCE,
    LEVEL,
    Verdict,
    equivalence,
    exact,
    exact_proportion,
    holm,
    share_p,
    sign_flip_p,
    smallest_p,
    smallest_share_p,
    summarise,
)
from depsim.study.analyses.contrasts import Pair, margin_of
from depsim.study.analyses.relapse import CYCLES_FREE, lasting
from depsim.study.estimate import Estimate, Value, of_proportion
from depsim.study.groups import align, few_collapses
from depsim.study.stored import stored_relevant

_HALF = 0.5
_MOST = 10_000
"""Individuals up to which it is tried how many a family needs."""


class _Measured(NamedTuple):
    """A claim's individuals: who they are, N of them, the values of its terms, (N,) each, and few collapses (or 0)."""

    claim: Claim
    holds: Comparison
    seeds: tuple[int, ...]
    terms: Mapping[Term, np.ndarray]
    collapses: int = 0

    @property
    def required(self) -> float | None:
        """The share of individuals that is needed; of a claim about a mean that few collapses decide, half of them."""
        return _HALF if self.claim.required is None and self.collapses else self.claim.required


class _Test(NamedTuple):
    """A test of a claim: its p, the smallest that so many individuals can give, and whether they speak for it."""

    n: int
    p: float
    smallest: float
    speaks_for: bool


def judge(panel: ClaimPanel, asked: Sequence[Claim]) -> tuple[Estimate, ...]:
    """A row for each claim: the share of individuals in which it holds, and whether that is enough.

    All counted claims are one family of tests, the ones that were not measured included. A claim of a share is tested
    by the exact binomial against what it requires, one of a mean by sign flips or two one-sided tests, or, where 1 to 4
    individuals collapsed and decide the mean, as a share of which more than half is required; a claim that
    another one implies as if it stood in its place, and one that is true by construction not at all. ``more`` has what
    was asked, the mean difference of a claim about a mean, whether the claim holds in the paper's own tables, the
    verdicts with half and with twice the margin, and whether it was declared before anything was known of them.

    Args:
        panel: whose.
        asked: claims that are judged together.
    """
    measured = [_measure(claim, panel.named) for claim in asked]
    tests = count_tests(asked)
    made = {sample.claim.name: _test(sample, sample.holds, tests) for sample in measured}
    family = {claim.name: test for claim in asked if claim.counted and (test := made[claim.name]) is not None}
    return tuple(_row(sample, made[sample.claim.name], family, tests, panel) for sample in measured)


def count_tests(asked: Sequence[Claim]) -> int:
    """How many tests a family of claims is."""
    return sum(claim.counted for claim in asked)


def fewest_for_all(asked: Sequence[Claim]) -> int:
    """How many individuals it takes for each of these claims to be supported if it holds for everyone."""
    counted = [claim for claim in asked if claim.counted]

    def enough(n: int) -> bool:
        return all(p is None or p <= LEVEL for p in holm([_smallest(claim, n, len(counted)) for claim in counted]))

    return next((n for n in range(FEWEST_FOR_INFERENCE, _MOST) if enough(n)), _MOST)


def _measure(claim: Claim, named: Named) -> _Measured:
    terms = claim.holds.terms()
    seeds, together = align([_values(term, named) for term in terms])
    holds = claim.holds
    if seeds and holds.relevant:
        holds = _resolved(holds, named, together)
    conditions = [named[term.condition] for term in terms if term.condition in named]
    return _Measured(claim, holds, seeds, dict(zip(terms, together.T, strict=True)), few_collapses(conditions, seeds))


def _resolved(holds: Comparison, named: Named, both: np.ndarray) -> Comparison:
    """A comparison with the smallest relevant difference of its conditions, whose values are (N, 2), as a number."""
    left, right = (named[term.condition] for term in holds.terms())
    margin = margin_of(Pair(left, right), holds.left.column, both)
    return replace(holds, margin=margin or 0.0, relevant=False)


def _values(term: Term, named: Named) -> dict[int, float]:
    """Seed to value; the healthy stage is read from the first arm that has it.

    Cycles without a relapse have those who were in remission at the beginning, as nobody else could relapse.
    """
    if term.condition == HEALTHY:
        healthy: dict[int, float] = {}
        for other in named.values():
            healthy = other.values(f"{HEALTHY}/{term.column}") | healthy
        return healthy
    if (condition := named.get(term.condition)) is None:
        return {}
    if metric_of(condition.stage, term.column) != CYCLES_FREE:
        return condition.values(term.column)
    return lasting(condition.arm).by_seed


def _test(sample: _Measured, holds: Comparison, tests: int) -> _Test | None:
    """The claim's test with this comparison; None without individuals, and of what is true by construction."""
    claim, terms, n, required = sample.claim, sample.terms, len(sample.seeds), sample.required
    if n == 0 or claim.by_construction:
        return None
    if required is not None:
        count = int(holds.test(terms).sum())
        return _Test(n, share_p(count, n, required), smallest_share_p(n, required), count > n * required)
    smallest = _smallest(claim, n, tests)
    if holds.relation == "within":
        tost = equivalence(holds.differences(terms), np.zeros(n), holds.margin)
        if tost.within is None or tost.beyond is None:
            return _Test(n, 1.0, smallest, False)
        return _Test(n, min(1.0, 2 * min(tost.within, tost.beyond)), smallest, tost.within < tost.beyond)
    beyond = exact(holds.differences(terms) * (1 if holds.relation == "above" else -1) - holds.margin)
    return _Test(n, sign_flip_p(beyond, tests) if n > 1 else 1.0, smallest, float(beyond.mean()) > 0)


def _smallest(claim: Claim, n: int, tests: int) -> float:
    """The p of a claim that holds in all of n individuals; of two that are alike it can be as small as you like."""
    if claim.required is not None:
        return smallest_share_p(n, claim.required)
    return 0.0 if claim.holds.relation == "within" else smallest_p(n, tests)


def _adjusted(claim: Claim, test: _Test, family: Mapping[str, _Test], tests: int) -> tuple[float, Verdict]:
    """Holm's p of a test in the family, and what follows.

    A claim that was not shown has too few individuals where it could not have been if it, and all others, held in
    everyone; it may have been refuted all the same.
    """
    place = claim.implied_by or claim.name
    judged = {**family, place: test}
    where = list(judged).index(place)
    p, smallest = (
        holm(ps, tests)[where] for ps in ([other.p for other in judged.values()], [s.smallest for s in judged.values()])
    )
    assert p is not None
    assert smallest is not None
    if test.n >= FEWEST_FOR_INFERENCE and p <= LEVEL:
        return p, "yes" if test.speaks_for else "no"
    return p, "too few" if test.n < FEWEST_FOR_INFERENCE or smallest > LEVEL else "undecided"


def _row(sample: _Measured, test: _Test | None, family: Mapping[str, _Test], tests: int, panel: ClaimPanel) -> Estimate:
    claim = sample.claim
    more: dict[str, Value] = {
        "holds": str(sample.holds),
        "required": None if sample.required is None else 100 * sample.required,
        "published": _of_the_paper(claim, panel.named),
        "where": claim.where,
        "quote": claim.quote,
        "implied_by": claim.implied_by,
        "by_construction": claim.by_construction,
        "between_drugs": claim.between_drugs,
        "tests": tests,
        "collapses": sample.collapses,
    }
    key = {**panel.apart, "claim": claim.name}
    if not sample.seeds:
        return Estimate(key, 0, None, more=more)
    more["declared"] = _declared(sample, panel.named)
    if claim.required is None:
        (difference,) = summarise(sample.holds.differences(sample.terms)[:, None])
        low, high = difference.ends
        more |= {"difference": difference.mean, "difference_low": low, "difference_high": high}
    row = of_proportion(key, exact_proportion(sample.holds.test(sample.terms)), **more)
    if test is None:
        return row
    p_holm, verdict = _adjusted(claim, test, family, tests)
    others = {name: _otherwise(sample, factor, family, tests) for name, factor in (("halved", 0.5), ("doubled", 2.0))}
    return row._replace(p=test.p, p_holm=p_holm, verdict=verdict, more={**row.more, **others})


def _otherwise(sample: _Measured, factor: float, family: Mapping[str, _Test], tests: int) -> Verdict | None:
    """The verdict with another margin or level, all other claims as they are; None without one."""
    holds = sample.holds.scaled(factor)
    test = None if holds is None else _test(sample, holds, tests)
    return None if test is None else _adjusted(sample.claim, test, family, tests)[1]


def _declared(sample: _Measured, named: Named) -> bool:
    """Whether the claim was as it is now before its individuals were computed, and none of them was seen before."""
    names = {term.condition for term in sample.claim.holds.terms()}
    arms = [condition.arm for name, condition in named.items() if name in names or HEALTHY in names]
    asked = [(arm, sample.claim.hash(stored_relevant(arm.settings))) for arm in arms]
    return all(
        person.claims.get(sample.claim.name) == now and not was_seen(person.seed, arm.data, now)
        for arm, now in asked
        for person in arm.individuals
    )


def _of_the_paper(claim: Claim, named: Named) -> bool | None:
    """Whether a claim holds of the published values; None where the tables do not say."""
    terms = claim.holds.terms()
    table = {Term(v.row, v.column): v.mean for name in ("table_1", "table_2") for v in values(name)}
    known = {term: np.array([value]) for term in terms if (value := table.get(term)) is not None}
    if len(known) < len(terms):
        return None
    holds = claim.holds
    if holds.relevant:
        if not all(term.condition in named for term in terms):
            return None
        holds = _resolved(holds, named, np.stack([*known.values()], axis=1))
    return bool(holds.test(known)[0])
