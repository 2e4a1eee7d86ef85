from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depsim.statistics import holm
from depsim.study.claims import claim_hashes, claims
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
from depsim.study.reading import Study
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


@pytest.mark.parametrize(("n", "verdict"), [(10, TOO_FEW), (71, TOO_FEW), (72, SUPPORTED), (200, SUPPORTED)])
def test_what_has_to_hold_for_all_needs_72_individuals(n: int, verdict: str, tmp_path: Path) -> None:
    # 2 * 0.95 ** 71 is above 0.05, 2 * 0.95 ** 72 below.
    with other_claims(tmp_path, entries({**LEVELS[0], "required": 0.95})):
        (one,) = found(clean(true_of(n, n))).values()
        (none,) = found(clean(true_of(0, n))).values()
        needed = fewest_for_all([one])
    assert (one.verdict, needed) == (verdict, 72)
    assert none.verdict == REFUTED  # which takes fewer


def test_it_counts_how_small_holms_p_can_get_at_all(tmp_path: Path) -> None:
    # Three families of one: 2 * 0.5 ** 10 * 3 is below 0.05; thirty: above for the first.
    ten = {"holds": ["ssri clean", "above", 50]}
    with other_claims(tmp_path, entries(*[ten] * 25)):
        assert {one.verdict for one in found(clean(true_of(10, 10))).values()} == {SUPPORTED}
    with other_claims(tmp_path, entries(*[ten] * 26)):
        assert {one.verdict for one in found(clean(true_of(10, 10))).values()} == {TOO_FEW}
        assert {one.verdict for one in found(clean(true_of(0, 10))).values()} == {TOO_FEW}
    # Claims of half the individuals, once rejected, leave all of the error to the one of 95 %.
    with other_claims(tmp_path, entries(*[ten] * 5, {**ten, "required": 0.95})):
        assert [one.verdict for one in found(clean(true_of(72, 72))).values()] == [SUPPORTED] * 6


def test_below_ten_individuals_there_is_no_verdict(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries(LEVELS[0])):
        assert [one.verdict for one in found(clean(true_of(9, 9))).values()] == [TOO_FEW]
        assert [one.verdict for one in found(clean(true_of(10, 10))).values()] == [SUPPORTED]
    assert SUPPORTED not in {one.verdict for one in found(paper_study(10)).values()}


@pytest.mark.parametrize("n", [50, 200])
@pytest.mark.parametrize("direction", ["above", "below"])
def test_a_claim_about_the_mean_is_a_paired_contrast(n: int, direction: str, tmp_path: Path) -> None:
    ssri, ketamine = np.linspace(0, 9, n), np.linspace(0, 9, n)[::-1] + 3
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
    assert (none.share.n, none.share.count) == (
        n,
        int(((ketamine - ssri) * (1 if direction == "above" else -1) > 0).sum()),
    )


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


def test_a_claim_about_a_mean_has_a_margin_too(tmp_path: Path) -> None:
    held = {"holds": ["ketamine clean", "above", "ssri clean", 20], "required": "mean"}
    made = study(
        arm("ssri", {"treated/clean": [40.0] * 20}), arm("ketamine", {"treated/clean": np.linspace(65, 75, 20)})
    )
    with other_claims(tmp_path, entries(held)):
        (one,) = found(made).values()
    assert (one.halved, one.verdict, one.doubled) == (SUPPORTED, SUPPORTED, REFUTED)


def test_the_parts_of_the_former_conjunction_are_judged_apart() -> None:
    """Its parts hold in 25 of 50 each, 16 for both at once; by their conjunction it was called refuted."""
    n = 50
    standard = np.where(np.arange(n) < 25, 20.0, 40.0)
    combined = standard + np.where((np.arange(n) < 16) | (np.arange(n) >= 41), -1.0, 1.0)
    made = study(arm("none", {"treated/clean": [30.0] * n, "treated/standard": standard, "treated/combined": combined}))
    answers = found(made)
    for name in ("Input jitter costs the pruned network accuracy", "Combined stress costs the pruned network more"):
        assert (answers[name].share.count, answers[name].verdict) == (25, UNDECIDED)


def test_what_is_missing_is_named() -> None:
    one = found(study(arm("ketamine", {"relapse_drop": [0.1] * 12})))["SSRI relapses more than neurosteroid"]
    assert (one.verdict, one.share.n, one.p, one.halved, one.confirming) == (NOT_MEASURED, 0, None, None, False)
    assert one.missing == ("ssri relapse drop", "neurosteroid on relapse drop")
    assert found(study(arm("ketamine", {"relapse_drop": [0.1] * 12})))["SSRI is not relapse-proof"].halved is None


def test_only_those_count_who_have_everything() -> None:
    made = study(
        arm("ssri", {"relapse_drop": [9.0] * 11 + [np.nan]}),
        arm("neurosteroid", {"relapse_drop": [np.nan] + [4.0] * 11}),
    )
    one = found(made)["SSRI relapses more than neurosteroid"]
    assert (one.share.n, sorted(one.answers)) == (10, list(range(1, 11)))


def test_the_healthy_stage_is_read_from_any_arm() -> None:
    sick = {"treated/clean": [30.0] * 12, "treated/standard": [30.0] * 12}
    well = {"healthy/clean": [100.0] * 12, "healthy/standard": [99.0] * 12}
    made = study(arm("none", sick), arm("ssri", well))
    assert found(made)["Pruning harms clean accuracy"].verdict == SUPPORTED
    assert found(study(arm("none", sick)))["Pruning harms clean accuracy"].verdict == NOT_MEASURED


def test_the_papers_own_values_bear_out_every_claim_that_they_can() -> None:
    answers = {name: finding.published for name, finding in found(paper_study(1)).items()}
    assert answers.pop("Pruning harms clean accuracy") is None  # the tables give no healthy network
    assert answers.pop("Pruning harms standard accuracy") is None
    assert set(answers.values()) == {True}


def declared(made: Study, *hashes: dict[str, str]) -> Study:
    """Individuals, in turn, as if they had been computed after these claims were declared."""
    arms = [
        replace(
            each, individuals=tuple(replace(i, claims=h) for i, h in zip(each.individuals, itertools.cycle(hashes)))
        )
        for each in made.arms
    ]
    return replace(made, arms=tuple(arms))


def test_a_claim_is_confirming_only_where_all_its_individuals_came_after_it() -> None:
    now, name = claim_hashes(), "SSRI improves stress tolerance"
    old = now | {name: "0" * 12}
    assert {one.confirming for one in found(paper_study(12)).values()} == {False}
    for made, expected in ((declared(paper_study(12), now), True), (declared(paper_study(12), now, old), False)):
        answers = found(made)
        assert answers[name].confirming is expected
        assert answers["SSRI relapses substantially"].confirming
    # One arm of the two suffices.
    first, *rest = declared(paper_study(12), now).arms
    assert first.treatment == "none"
    mixed = found(replace(paper_study(12), arms=(*declared(study(first), old).arms, *rest)))
    assert (mixed[name].confirming, mixed["SSRI relapses substantially"].confirming) == (False, True)


@pytest.mark.slow
def test_21_claims_at_just_the_required_share_err_in_one_study_of_twenty(tmp_path: Path) -> None:
    """The whole way, from individuals to verdicts; and the power beside it."""
    names = ("clean", "standard", "combined", "sparsity", *(f"internal_noise_{s}" for s in ("0.3", "0.5", "1.0")))
    arms = {"none": "untreated", "ketamine": "ketamine", "ssri": "ssri"}
    held = [{"holds": [f"{row} {name}", "above", 50]} for row in arms.values() for name in names]
    generator, n, studies, wrong, right = np.random.default_rng(11), 50, 120, 0, 0
    with other_claims(tmp_path, entries(*held)):
        assert len(claims()) == 21
        for _ in range(studies):
            columns = {a: {f"treated/{name}": 100 * (generator.random(n) < 0.5) for name in names} for a in arms}
            columns["ssri"]["treated/clean"] = 100 * (generator.random(n) < 0.8)
            verdicts = {
                name: one.verdict for name, one in found(study(*(arm(a, c) for a, c in columns.items()))).items()
            }
            right += verdicts.pop("claim 14") == SUPPORTED
            wrong += set(verdicts.values()) != {UNDECIDED}
    assert wrong <= 0.06 * studies
    assert right >= 0.75 * studies


def test_holms_p_of_the_real_claims_is_that_of_all_of_them() -> None:
    answers = list(found(paper_study(50)).values())
    assert [one.adjusted for one in answers] == holm([one.p for one in answers])
    assert fewest_for_all(answers) == 121  # twelve claims of 95 %: 2 * 12 * 0.95 ** 121 < 0.05


def test_implied_claims_that_just_do_not_hold_are_no_free_rides(tmp_path: Path) -> None:
    # The implied one is a true null, the implying one clearly false: decided in at most 5 of 100 studies, not more.
    weak = {"holds": ["ssri combined", "above", "ketamine combined"], "required": "mean", "implied_by": "claim 1"}
    strong = {"holds": ["ssri combined", "above", "ketamine combined", 20], "required": "mean"}
    random, decided = np.random.RandomState(3), 0
    with other_claims(tmp_path, entries(weak, strong)):
        for _ in range(300):
            noise = random.randn(30)
            ssri, ketamine = (
                arm("ssri", {"treated/combined": 50 + noise}),
                arm("ketamine", {"treated/combined": [50.0] * 30}),
            )
            implied, implying = found(study(ssri, ketamine)).values()
            assert implying.verdict == REFUTED
            decided += implied.verdict in (SUPPORTED, REFUTED)
    assert decided / 300 <= 0.08
