from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depsim.study.claims import claim_hashes
from depsim.study.findings import (
    NOT_MEASURED,
    REFUTED,
    SUPPORTED,
    TOO_FEW,
    UNDECIDED,
    Finding,
    fewest_for_all,
    findings,
)
from depsim.study.panels import panels
from depsim.study.reading import Study, StudyArm
from tests.claim_files import entries, other_claims
from tests.people import arm, paper_study, study


def found(made: Study) -> dict[str, Finding]:
    (panel,) = panels(made)
    return {finding.claim.name: finding for finding in findings(panel)}


def clean(*values: Sequence[float]) -> Study:
    """The SSRI arm with these columns: clean, standard, combined."""
    names = ("treated/clean", "treated/standard", "treated/combined")
    return study(arm("ssri", dict(zip(names, values, strict=False))))


def true_of(count: int, n: int) -> list[float]:
    """A column that is above 50 for so many."""
    return [60.0] * count + [40.0] * (n - count)


LEVELS = [{"holds": [f"ssri {name}", "above", 50]} for name in ("clean", "standard", "combined")]


def test_exact_binomial_and_holm_by_hand(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries(*LEVELS)):
        one, two, three = found(clean(true_of(12, 12), true_of(11, 12), true_of(2, 12))).values()
    assert [each.p for each in (one, two, three)] == pytest.approx([2 / 4096, 2 * 13 / 4096, 2 * 79 / 4096])
    assert [each.adjusted for each in (one, two, three)] == pytest.approx([6 / 4096, 2 * 26 / 4096, 158 / 4096])
    assert [each.verdict for each in (one, two, three)] == [SUPPORTED, SUPPORTED, REFUTED]
    assert (one.share.low, one.share.high) == pytest.approx((0.025 ** (1 / 12), 1.0))


def test_verdicts_are_by_holms_p_and_not_by_p(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries(*LEVELS)):
        one, *_ = found(clean(true_of(10, 12), true_of(6, 12), true_of(6, 12))).values()
        assert one.p == pytest.approx(0.03857, abs=1e-5)
        assert (one.adjusted, one.verdict) == (pytest.approx(3 * 0.03857, abs=1e-4), UNDECIDED)
        # Alone it is a family of one.
        one, two, three = found(clean(true_of(10, 12))).values()
    assert (one.adjusted, one.verdict) == (one.p, SUPPORTED)
    assert (two.verdict, two.p, two.adjusted, three.verdict) == (NOT_MEASURED, None, None, NOT_MEASURED)


@pytest.mark.parametrize(("n", "verdict"), [(71, TOO_FEW), (72, SUPPORTED)])
def test_what_has_to_hold_for_all_needs_72_individuals(n: int, verdict: str, tmp_path: Path) -> None:
    # 2 * 0.95 ** 71 is above 0.05, 2 * 0.95 ** 72 below.
    with other_claims(tmp_path, entries({**LEVELS[0], "required": 0.95})):
        (one,) = found(clean(true_of(n, n))).values()
        needed = fewest_for_all([one])
    assert (one.verdict, needed) == (verdict, 72)


def test_it_counts_how_small_holms_p_can_get_at_all(tmp_path: Path) -> None:
    # Three families of one: 2 * 0.5 ** 10 * 3 is below 0.05; thirty: above for the first.
    ten = {"holds": ["ssri clean", "above", 50]}
    with other_claims(tmp_path, entries(*[ten] * 25)):
        assert {one.verdict for one in found(clean(true_of(10, 10))).values()} == {SUPPORTED}
    with other_claims(tmp_path, entries(*[ten] * 26)):
        assert {one.verdict for one in found(clean(true_of(10, 10))).values()} == {TOO_FEW}
    # Claims of half the individuals, once rejected, leave all of the error to the one of 95 %.
    with other_claims(tmp_path, entries(*[ten] * 5, {**ten, "required": 0.95})):
        assert [one.verdict for one in found(clean(true_of(72, 72))).values()] == [SUPPORTED] * 6


def test_below_ten_individuals_there_is_no_verdict(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries(LEVELS[0])):
        assert [one.verdict for one in found(clean(true_of(9, 9))).values()] == [TOO_FEW]
        assert [one.verdict for one in found(clean(true_of(10, 10))).values()] == [SUPPORTED]


@pytest.mark.parametrize("direction", ["above", "below"])
def test_a_claim_about_the_mean_is_a_paired_contrast(direction: str, tmp_path: Path) -> None:
    ssri, ketamine = np.linspace(0, 9, 50), np.linspace(0, 9, 50)[::-1] + 3
    made = study(arm("ssri", {"treated/clean": ssri}), arm("ketamine", {"treated/clean": ketamine}))
    held = [
        {"holds": ["ketamine clean", direction, "ssri clean", margin], "required": "mean"} for margin in (0, 20, -20)
    ]
    with other_claims(tmp_path, entries(*held)):
        none, twenty, less = found(made).values()
    assert none.difference is not None
    assert none.difference.mean == pytest.approx(3.0)
    assert none.verdict == (SUPPORTED if direction == "above" else REFUTED)
    assert (twenty.verdict, less.verdict) == (REFUTED, SUPPORTED)
    assert none.share.count == ((ketamine - ssri) * (1 if direction == "above" else -1) > 0).sum()


def test_an_implied_claim_is_one_of_the_family(tmp_path: Path) -> None:
    weak, strong = {"holds": ["ssri clean", "above", 45]}, {"holds": ["ssri clean", "above", 50]}
    other = {"holds": ["ssri standard", "above", 50]}
    values = [60.0] * 6 + [47.0] * 5 + [40.0], true_of(11, 12)
    with other_claims(tmp_path, entries({**weak, "implied_by": "claim 1"}, strong, other)):
        implied, implying, beside = found(clean(*values)).values()
    assert (implied.p, implying.p, beside.p) == pytest.approx((26 / 4096, 1.0, 26 / 4096))
    # Three tests: where it does not hold the one that implies it may be surely false, and must not pay for it.
    assert (implied.adjusted, implying.adjusted, beside.adjusted) == pytest.approx((78 / 4096, 1.0, 78 / 4096))
    assert (implied.verdict, implying.verdict) == (SUPPORTED, UNDECIDED)


def test_a_verdict_that_hangs_on_a_margin_says_so(tmp_path: Path) -> None:
    held = [
        {"holds": ["ssri clean", "within", 50, 2]},
        {"holds": ["ssri standard", "at least", 99]},
        {"holds": ["ssri clean", "above", 10]},
        {"holds": ["ssri clean", "within", 51, 1.2]},
    ]
    with other_claims(tmp_path, entries(*held)):
        within, level, plain, near = found(clean([51.5] * 20, [98.5] * 20)).values()
    assert (within.halved, within.verdict, within.doubled) == (REFUTED, SUPPORTED, SUPPORTED)
    assert (level.halved, level.verdict, level.doubled) == (REFUTED, REFUTED, SUPPORTED)
    assert (plain.halved, plain.verdict, plain.doubled) == (None, SUPPORTED, None)
    assert (near.halved, near.verdict, near.doubled) == (SUPPORTED, SUPPORTED, SUPPORTED)  # 0.5 lies within 0.6


def test_with_another_margin_the_family_stays(tmp_path: Path) -> None:
    held = [{"holds": ["ssri clean", "within", 50, 2]}, *LEVELS[1:]]
    values = [50.5] * 10 + [51.5] * 2, true_of(6, 12), true_of(6, 12)
    with other_claims(tmp_path, entries(*held)):
        one, *_ = found(clean(*values)).values()
    assert (one.verdict, one.halved) == (SUPPORTED, UNDECIDED)  # p of 10 in 12 is 0.039, but of three claims


def test_what_is_missing_is_not_judged() -> None:
    one = found(study(arm("ketamine", {"relapse_drop": [0.1] * 12})))["SSRI relapses more than neurosteroid"]
    assert (one.verdict, one.share.n, one.p, one.halved, one.confirming) == (NOT_MEASURED, 0, None, None, False)


def test_only_those_count_who_have_everything() -> None:
    made = study(
        arm("ssri", {"relapse_drop": [9.0] * 11 + [np.nan]}),
        arm("neurosteroid", {"relapse_drop": [np.nan] + [4.0] * 11}),
    )
    one = found(made)["SSRI relapses more than neurosteroid"]
    assert (one.share.n, sorted(one.answers)) == (10, list(range(1, 11)))


def test_the_healthy_stage_is_read_from_any_arm() -> None:
    sick, well = arm("none", {"treated/clean": [30.0] * 12}), arm("ssri", {"healthy/clean": [100.0] * 12})
    assert found(study(sick, well))["Pruning harms clean accuracy"].verdict == SUPPORTED
    assert found(study(sick))["Pruning harms clean accuracy"].verdict == NOT_MEASURED


def test_the_papers_own_values_bear_out_every_claim_that_they_can() -> None:
    answers = {name: finding.published for name, finding in found(paper_study(1)).items()}
    unknown = {"Pruning harms clean accuracy", "Pruning harms standard accuracy"}  # the tables give no healthy network
    assert {name for name, answer in answers.items() if answer is not True} == unknown


def declared(made: StudyArm, *hashes: dict[str, str]) -> StudyArm:
    """Individuals, in turn, as if they had been computed after these claims were declared."""
    people = zip(made.individuals, itertools.cycle(hashes), strict=False)
    return replace(made, individuals=tuple(replace(person, claims=own) for person, own in people))


def test_a_claim_is_confirming_only_where_all_its_individuals_came_after_it() -> None:
    now, name, untreated = claim_hashes(), "SSRI improves stress tolerance", paper_study(12).arms[0]
    old, rest = now | {name: "0" * 12}, [declared(each, now) for each in paper_study(12).arms[1:]]
    assert {one.confirming for one in found(paper_study(12)).values()} == {False}
    for hashes, expected in (([now], True), ([now, old], False), ([old], False)):
        answers = found(study(declared(untreated, *hashes), *rest))
        assert (answers[name].confirming, answers["SSRI relapses substantially"].confirming) == (expected, True)
