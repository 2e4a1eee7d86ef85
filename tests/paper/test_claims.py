from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depsim.paper.claims import FILE, Term, _comparison, claim_hashes, claims
from tests.claim_files import entries, other_claims

ABOVE = ["ssri clean", "above", "untreated clean"]


def test_every_claim_asks_for_what_its_words_say() -> None:
    listed = claims()
    assert len({claim.name for claim in listed}) == len(listed)
    for claim in listed:
        words = set(claim.quote.lower().replace(",", "").split())
        if words & {"all", "only", "every", "uniquely"}:
            assert claim.required == 0.95, claim.name
        elif claim.name == "SSRI reaches 83.5 % under combined stress":  # what a mean is
            assert claim.required is None
        elif isinstance(claim.holds.right, Term) and claim.holds.relation != "within":
            assert claim.required is None, claim.name
        else:
            assert claim.required == 0.5, claim.name


def test_thirty_claims_are_counted_and_those_that_follow_or_cannot_fail_are_not() -> None:
    listed = claims()
    assert sum(claim.counted for claim in listed) == 30
    assert sum(claim.implied_by is not None for claim in listed) == 11
    assert {claim.holds.left.column for claim in listed if claim.by_construction} == {"sparsity"}
    assert sum(claim.counted and claim.between_drugs for claim in listed) == 11
    assert not any("untreated" in str(claim.holds) for claim in listed if claim.between_drugs)


def test_whoever_an_implying_claim_holds_for_has_the_implied_one_too() -> None:
    by_name, generator = {claim.name: claim for claim in claims()}, np.random.default_rng(5)
    implied = [claim for claim in claims() if claim.implied_by]
    assert len(implied) == 11
    for claim in implied:
        by = by_name[str(claim.implied_by)]
        measured = {term: generator.uniform(-30, 100, 20_000) for term in {*claim.holds.terms(), *by.holds.terms()}}
        held, both = by.holds.test(measured), by.holds.test(measured) & claim.holds.test(measured)
        assert held.any()
        assert np.array_equal(held, both), claim.name


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"holds": [ABOVE, ABOVE]}, r"a claim is one comparison .* got \[\["),
        ({"holds": [*ABOVE, 2, *ABOVE]}, "a claim is one comparison"),
        ({"holds": ["ssri clean", "beside", 3]}, "beside is no relation; there are above"),
        (
            {"holds": ["ssri clean", "at least", 3], "required": "mean"},
            "a mean lies above, below or within, got at least",
        ),
        ({"holds": ["ssri clean", "within", 3], "required": "mean"}, "a mean lies within a margin above 0, got 0"),
        (
            {"holds": ["ssri combined", "within", 3, "relevant"]},
            "a relevant difference is that of two conditions in one primary outcome",
        ),
        ({"holds": [*ABOVE, "relevant"]}, "a relevant difference is that of two conditions in one primary outcome"),
        ({"holds": ABOVE, "required": "most"}, "required=most; allowed are mean and shares"),
        ({"holds": ABOVE, "required": 1}, "required=1"),
        ({"holds": ABOVE, "implied_by": "nothing"}, "implied by nothing, which is no counted claim"),
        ({"holds": ABOVE, "implied_by": "claim 1"}, "implied by claim 1, which is no counted claim"),
        (
            {"holds": ABOVE, "implied_by": "claim 0", "required": "mean"},
            "implied by claim 0, which is no counted claim of the same kind",
        ),
        (
            {"holds": ABOVE, "implied_by": "claim 0", "required": 0.95},
            "implied by claim 0, which has to hold for fewer individuals",
        ),
    ],
)
def test_what_is_not_one_claim_is_refused_by_name(claim: dict[str, Any], message: str, tmp_path: Path) -> None:
    text = entries({"holds": ABOVE}, claim)
    with other_claims(tmp_path, text), pytest.raises(ValueError, match=f"claim 1: {message}"):
        claims()


def test_a_claim_implies_no_more_than_one(tmp_path: Path) -> None:
    text = entries({"holds": ABOVE}, *({"holds": ABOVE, "implied_by": "claim 0"} for _ in range(2)))
    with other_claims(tmp_path, text), pytest.raises(ValueError, match=r"claim 2: .* implies another claim already"):
        claims()


@pytest.mark.parametrize(
    ("words", "held", "spelled"),
    [
        (["ssri clean", "above", "untreated clean"], [False, False, True], "ssri clean > untreated clean"),
        (["ssri clean", "above", 50], [False, False, True], "ssri clean > 50"),
        (["ssri clean", "below", "untreated clean", 5], [True, False, False], "ssri clean < untreated clean − 5"),
        (["ssri clean", "at least", 50], [False, True, True], "ssri clean ≥ 50"),
        (["ssri clean", "at least", "untreated clean", 10], [False, False, True], "ssri clean ≥ untreated clean + 10"),
        (["ssri clean", "at most", "untreated clean", 10], [True, False, False], "ssri clean ≤ untreated clean − 10"),
        (["ssri clean", "at most", 50], [True, True, False], "ssri clean ≤ 50"),
        (["ssri clean", "within", "untreated clean", 10], [True, True, True], "ssri clean = untreated clean ± 10"),
        (["ssri clean", "within", 50, 0], [False, True, False], "ssri clean = 50"),
    ],
)
def test_comparisons_hold_as_their_formula_says(words: list[object], held: list[bool], spelled: str) -> None:
    comparison = _comparison(words)
    measured = {Term("ssri", "clean"): np.array([40.0, 50.0, 60.0]), Term("untreated", "clean"): np.full(3, 50.0)}
    assert comparison.test(measured).tolist() == held
    assert comparison.differences(measured).tolist() == [-10.0, 0.0, 10.0]
    assert str(comparison) == spelled


@pytest.mark.parametrize(
    ("words", "half", "twice"),
    [
        (["ssri clean", "below", "none clean", 20], "ssri clean < none clean − 10", "ssri clean < none clean − 40"),
        (["ssri sparsity", "within", 47.5, 0.5], "ssri sparsity = 47.5 ± 0.25", "ssri sparsity = 47.5 ± 1"),
        (["ssri clean", "at least", 99], "ssri clean ≥ 99.5", "ssri clean ≥ 98"),
        (["ssri relapse_drop", "above", 2], "ssri relapse drop > 1", "ssri relapse drop > 4"),
        (["ssri relapse_drop", "within", 0, 2], "ssri relapse drop = 0 ± 1", "ssri relapse drop = 0 ± 4"),
    ],
)  # fmt: skip
def test_margins_and_distances_to_100_are_scaled(words: list[object], half: str, twice: str) -> None:
    comparison = _comparison(words)
    assert (str(comparison.scaled(0.5)), str(comparison.scaled(2.0))) == (half, twice)


def test_without_margin_or_level_there_is_nothing_to_scale() -> None:
    assert _comparison(ABOVE).scaled(2.0) is None
    assert _comparison(["ssri sparsity", "within", "untreated sparsity", 0]).scaled(0.5) is None


def test_the_hash_is_of_all_that_is_claimed_and_of_no_other_claim(tmp_path: Path) -> None:
    by_name, before = {claim.name: claim for claim in claims()}, claim_hashes()
    claim, other = by_name["Ketamine restores clean accuracy"], by_name["Ketamine restores standard accuracy"]
    assert len(set(before.values())) == len(before)
    changes: list[dict[str, Any]] = [
        {"name": "x"}, {"quote": "x"}, {"required": 0.9}, {"required": None}, {"implied_by": other.name},
        {"holds": replace(claim.holds, margin=1.0)}, {"holds": replace(claim.holds, right=99.0000001)},
        {"holds": replace(claim.holds, relation="above")}, {"holds": replace(claim.holds, relevant=True)},
        {"by_construction": not claim.by_construction},
    ]  # fmt: skip
    assert len({claim.hash(), *(replace(claim, **change).hash() for change in changes)}) == len(changes) + 1
    assert replace(claim, where="elsewhere").hash() == claim.hash()
    with other_claims(
        tmp_path, FILE.read_text().replace("[ketamine clean, at least, 99]", "[ketamine clean, at least, 98]")
    ):
        after = claim_hashes()
    assert [name for name in before if before[name] != after[name]] == [claim.name]


def test_the_hash_is_of_the_margin_where_it_is_the_smallest_relevant_difference() -> None:
    (claim,) = [claim for claim in claims() if claim.holds.relevant]
    column = claim.holds.left.column
    assert claim.hash({column: 2.0}) == claim.hash() != claim.hash({column: 1.0})
    assert claim.hash({column: 2.0, "other": 9.0}) == claim.hash()
    fixed = next(claim for claim in claims() if not claim.holds.relevant)
    assert fixed.hash({fixed.holds.left.column: 1.0}) == fixed.hash()


@pytest.mark.parametrize(
    ("relation", "margin", "holds"),
    [("within", 0.2, True), ("at least", 0.2, True), ("above", 0.2, False), ("within", 0.175, False)],
)
def test_a_tie_is_a_tie_whatever_binary_fractions_make_of_it(relation: str, margin: float, holds: bool) -> None:
    """97.7 and 97.5 are 3,908 and 3,900 of 4,000 tests: 8 tests apart, which is 0.2 points and no more."""
    assert 97.7 - 97.5 > 0.2
    compared = _comparison(["ketamine combined", relation, "ssri combined", margin])
    left, right = compared.terms()
    sides = {left: np.array([97.7, 97.725]), right: np.array([97.5, 97.525])}
    assert compared.test(sides).tolist() == [holds, holds]
