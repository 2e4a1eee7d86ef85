"""What individuals say about each claim of the paper: tests in one family, and whether verdicts hang on a margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depsim.stages import HEALTHY
from depsim.statistics import (
    FEWEST_FOR_INFERENCE,
    LEVEL,
    Proportion,
    Summary,
    equivalence,
    exact_proportion,
    holm,
    share_p,
    sign_flip_p,
    smallest_p,
    smallest_share_p,
    summarise,
)
from depsim.study.claims import Claim, Comparison, Term, claims
from depsim.study.kept import kept
from depsim.study.panels import Condition, Panel, align
from depsim.study.published import values

SUPPORTED, REFUTED, UNDECIDED = "supported", "refuted", "undecided"
TOO_FEW = "too few individuals"
NOT_MEASURED = "not measured"
_MOST = 10_000
"""Individuals up to which it is tried how many a family needs."""


@dataclass(frozen=True)
class Finding:
    """What individuals say about a claim.

    Args:
        claim: which.
        answers: whether it holds for each individual that has all it needs, by seed.
        share: of those, the ones for whom it holds, with the Clopper-Pearson interval.
        difference: for a claim about the mean, that of left minus right; else None, and without an individual.
        p: exact binomial against the required share, sign-flip of the differences, or for a mean within a margin two
            one-sided tests in either direction; None where not tested.
        adjusted: p after Holm over the family; of an implied claim, as if it stood for the one that implies it.
        verdict: :data:`SUPPORTED`, :data:`REFUTED`, :data:`UNDECIDED`, :data:`TOO_FEW` or :data:`NOT_MEASURED`.
        halved, doubled: the verdict with half and with twice the margin (:meth:`Comparison.scaled`); None without one.
        confirming: whether the claim was declared as it is now before any of these individuals was computed.
        missing: what was not measured, in words.
        published: whether it holds of the paper's own tables; None where they don't say.
    """

    claim: Claim
    answers: Mapping[int, bool]
    share: Proportion
    difference: Summary | None
    p: float | None
    adjusted: float | None
    verdict: str
    halved: str | None
    doubled: str | None
    confirming: bool
    missing: tuple[str, ...]
    published: bool | None


@dataclass(frozen=True, eq=False)
class _Measured:
    """A claim's individuals: who they are, N of them, and the values of its terms, (N,) each."""

    claim: Claim
    seeds: tuple[int, ...]
    terms: Mapping[Term, np.ndarray]
    missing: tuple[str, ...]
    confirming: bool


@dataclass(frozen=True)
class _Test:
    """A test of a claim: its p, the smallest that so many individuals can give, and whether they speak for it."""

    n: int
    p: float
    smallest: float
    speaks_for: bool


@kept
def findings(panel: Panel) -> tuple[Finding, ...]:
    """What a panel's individuals say about each claim of the paper's about its own conditions."""
    return judge(panel, claims())


def judge(panel: Panel, asked: Sequence[Claim]) -> tuple[Finding, ...]:
    """What a panel's individuals say about each of these claims, which are one family of tests."""
    measured = [_measure(claim, panel) for claim in asked]
    tests = {each.claim.name: _test(each.claim, each.claim.holds, each.terms) for each in measured}
    family = {each.claim.name: test for each in measured if (test := tests[each.claim.name]) is not None}
    found = []
    for each, difference in zip(measured, _differences(measured), strict=True):
        claim, test = each.claim, tests[each.claim.name]
        holds = claim.holds.test(each.terms)
        found.append(
            Finding(
                claim=claim,
                answers=dict(zip(each.seeds, holds.tolist(), strict=True)),
                share=exact_proportion(holds),
                difference=difference,
                p=None if test is None else test.p,
                adjusted=None if test is None else _adjusted(claim, test, family)[0],
                verdict=_verdict(claim, test, family),
                halved=_otherwise(each, 0.5, family),
                doubled=_otherwise(each, 2.0, family),
                confirming=each.confirming,
                missing=each.missing,
                published=_of_the_paper(claim),
            )
        )
    return tuple(found)


def fewest_for_all(found: Sequence[Finding]) -> int:
    """How many individuals a study of these claims needs for each to be supported if it holds for everyone."""
    counted = [one.claim for one in found if one.p is not None]

    def enough(n: int) -> bool:
        return all(p is None or p <= LEVEL for p in holm([_smallest(claim, n) for claim in counted]))

    return next((n for n in range(FEWEST_FOR_INFERENCE, _MOST) if enough(n)), _MOST)


def _measure(claim: Claim, panel: Panel) -> _Measured:
    terms = claim.holds.terms()
    columns = [_values(term, panel) for term in terms]
    missing = tuple(str(term) for term, column in zip(terms, columns, strict=True) if not column)
    seeds, together = align(columns)
    people = [person for term in terms for c in _conditions(term, panel) for person in c.arm.individuals]
    confirming = bool(seeds) and all(person.claims.get(claim.name) == claim.hash for person in people)
    return _Measured(claim, seeds, dict(zip(terms, together.T, strict=True)), missing, confirming)


def _conditions(term: Term, panel: Panel) -> tuple[Condition, ...]:
    """Where a term is measured: the healthy stage is one for all arms."""
    return tuple(c for c in panel.conditions if term.condition in (HEALTHY, c.name))


def _values(term: Term, panel: Panel) -> dict[int, float]:
    """Seed to value; the healthy stage is read from the first arm that has it."""
    conditions = _conditions(term, panel)
    if term.condition != HEALTHY:
        return conditions[0].values(term.column) if conditions else {}
    found: dict[int, float] = {}
    for condition in conditions:
        metric = condition.arm.values(f"{HEALTHY}/{term.column}")
        found = {s: float(v) for s, v in zip(condition.arm.seeds, metric, strict=True) if np.isfinite(v)} | found
    return found


def _differences(measured: Sequence[_Measured]) -> list[Summary | None]:
    """Left minus right of the claims about means; columns together, as they share resamples."""
    about = [each for each in measured if each.claim.required is None and each.seeds]
    everyone = sorted({seed for each in about for seed in each.seeds})
    table = np.full((len(everyone), len(about)), np.nan)
    for place, each in enumerate(about):
        table[np.searchsorted(everyone, each.seeds), place] = each.claim.holds.differences(each.terms)
    found = dict(zip((each.claim.name for each in about), summarise(table) if about else [], strict=True))
    return [found.get(each.claim.name) for each in measured]


def _test(claim: Claim, holds: Comparison, terms: Mapping[Term, np.ndarray]) -> _Test | None:
    """The claim's test with this comparison; None without individuals."""
    n = next(iter(terms.values())).size
    if n == 0:
        return None
    smallest = _smallest(claim, n)
    if claim.required is not None:
        count = int(holds.test(terms).sum())
        return _Test(n, share_p(count, n, claim.required), smallest, count > n * claim.required)
    if holds.relation == "within":
        found = equivalence(holds.differences(terms), np.zeros(n), holds.margin)
        if found.within is None or found.beyond is None:
            return _Test(n, 1.0, smallest, False)
        return _Test(n, min(1.0, 2 * min(found.within, found.beyond)), smallest, found.within < found.beyond)
    beyond = holds.differences(terms) * (1 if holds.relation == "above" else -1) - holds.margin
    return _Test(n, sign_flip_p(beyond) if n > 1 else 1.0, smallest, float(beyond.mean()) > 0)


def _smallest(claim: Claim, n: int) -> float:
    """The p of a claim that holds in all of n individuals; of two that are alike it can be as small as you like."""
    if claim.required is not None:
        return smallest_share_p(n, claim.required)
    return 0.0 if claim.holds.relation == "within" else smallest_p(n)


def _adjusted(claim: Claim, test: _Test, family: Mapping[str, _Test]) -> tuple[float, float]:
    """Holm's p of this test in the family, and that of a claim that holds in everyone, as do all others."""
    tests = {**family, claim.name: test}
    place = list(tests).index(claim.name)
    p, smallest = (holm(ps)[place] for ps in ([t.p for t in tests.values()], [t.smallest for t in tests.values()]))
    assert p is not None
    assert smallest is not None
    return p, smallest


def _verdict(claim: Claim, test: _Test | None, family: Mapping[str, _Test]) -> str:
    """Open for want of individuals where even a claim that holds in everyone could not have been found true."""
    if test is None:
        return NOT_MEASURED
    adjusted, smallest = _adjusted(claim, test, family)
    if test.n >= FEWEST_FOR_INFERENCE and adjusted <= LEVEL:
        return SUPPORTED if test.speaks_for else REFUTED
    return TOO_FEW if test.n < FEWEST_FOR_INFERENCE or smallest > LEVEL else UNDECIDED


def _otherwise(measured: _Measured, factor: float, family: Mapping[str, _Test]) -> str | None:
    """The verdict with another margin, all other claims as they are."""
    holds = measured.claim.holds.scaled(factor)
    if holds is None or not measured.seeds:
        return None
    return _verdict(measured.claim, _test(measured.claim, holds, measured.terms), family)


def _of_the_paper(claim: Claim) -> bool | None:
    terms = claim.holds.terms()
    table = {Term(v.row, v.column): v.mean for name in ("table_1", "table_2") for v in values(name)}
    known = {term: np.array([value]) for term in terms if (value := table.get(term)) is not None}
    return bool(claim.holds.test(known)[0]) if len(known) == len(terms) else None
