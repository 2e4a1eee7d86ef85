"""What becomes of declared claims: shares, tests of one family, margins, and what was declared beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depsim.paper.claim_panels import ClaimPanel, listed, panels, worth_asking
from depsim.paper.claim_rows import fewest_for_all, judge
from depsim.paper.claims import claim_hashes, claims
from depsim.statistics import holm
from depsim.study.estimate import Estimate
from depsim.study.groups import Condition
from depsim.study.reading import Failure, Study, StudyArm
from tests.claim_files import entries, other_claims
from tests.people import arm, paper_study, study
from tests.studies_claimed import described, lasting, regimens

BRIDGE, MORE = "A bridge keeps the relief that a handover loses", "A bridge does more than SSRI alone"
LEVELS = [{"holds": [f"ssri {name}", "above", 50]} for name in ("clean", "standard", "combined")]


def ssri(*columns: Sequence[float]) -> ClaimPanel:
    """The SSRI with these values: clean, standard, combined."""
    names = ("treated/clean", "treated/standard", "treated/combined")
    return ClaimPanel({}, {"ssri": Condition("ssri", arm("ssri", dict(zip(names, columns, strict=False))))})


def two(a: Sequence[float], b: Sequence[float], column: str = "combined") -> ClaimPanel:
    """Ketamine and the SSRI with these values."""
    values = {"ketamine": a, "ssri": b}
    return ClaimPanel(
        {},
        {
            name: Condition(name, arm(name, {f"treated/{column}": column_values}))
            for name, column_values in values.items()
        },
    )


def told(panel: ClaimPanel) -> list[Estimate]:
    """All claims that the file has now."""
    return list(judge(panel, claims()))


def paper(made: Study) -> dict[str, Estimate]:
    (panel,) = panels(made, "paper")
    return {row.of("claim"): row for row in judge(panel, claims())}


def further(made: Study, file: str = "ours") -> dict[str, Estimate]:
    (panel,) = panels(made, file)  # type: ignore[arg-type]
    return {row.of("claim"): row for row in judge(panel, listed(file)) if row.n}  # type: ignore[arg-type]


def true_of(count: int, n: int) -> list[float]:
    """A column that is above 50 for so many."""
    return [60.0] * count + [40.0] * (n - count)


def test_exact_binomial_and_holm_by_hand(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries(*LEVELS)):
        rows = told(ssri(true_of(12, 12), true_of(11, 12), true_of(2, 12)))
    assert [row.p for row in rows] == pytest.approx([2 / 4096, 2 * 13 / 4096, 2 * 79 / 4096])
    assert [row.p_holm for row in rows] == pytest.approx([6 / 4096, 2 * 26 / 4096, 158 / 4096])
    assert [row.verdict for row in rows] == ["yes", "yes", "no"]
    assert (rows[0].value, rows[0].low, rows[0].high) == pytest.approx((100, 100 * 0.025 ** (1 / 12), 100))


def test_claims_that_were_not_measured_count_as_tests(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries(*LEVELS)):
        one, other, _ = told(ssri(true_of(10, 12)))
        (alone,) = judge(ssri(true_of(10, 12)), claims()[:1])
    assert one.p == alone.p == alone.p_holm == pytest.approx(0.03857, abs=1e-5)
    assert (one.p_holm, one.verdict, alone.verdict) == (pytest.approx(3 * alone.p), "undecided", "yes")
    assert (other.n, other.value, other.p, other.verdict) == (0, None, None, None)


@pytest.mark.parametrize(("n", "verdict"), [(71, "too few"), (72, "yes")])
def test_what_has_to_hold_for_all_needs_72_individuals(n: int, verdict: str, tmp_path: Path) -> None:
    # 2 * 0.95 ** 71 is above 0.05, 2 * 0.95 ** 72 below.
    with other_claims(tmp_path, entries({**LEVELS[0], "required": 0.95})):
        (row,) = told(ssri(true_of(n, n)))
        assert (row.verdict, fewest_for_all(claims())) == (verdict, 72)


def test_it_counts_how_small_holms_p_can_get_at_all(tmp_path: Path) -> None:
    # 2 * 0.5 ** 10 times 25 is below 0.05, times 26 above.
    ten = LEVELS[0]
    for count, verdict in ((25, "yes"), (26, "too few")):
        with other_claims(tmp_path, entries(*[ten] * count)):
            assert {row.verdict for row in told(ssri(true_of(10, 10)))} == {verdict}
    # Claims of half the individuals, once rejected, leave all of the error to the one of 95 %.
    with other_claims(tmp_path, entries(*[ten] * 5, {**ten, "required": 0.95})):
        assert [row.verdict for row in told(ssri(true_of(72, 72)))] == ["yes"] * 6


def test_what_cannot_be_shown_yet_can_be_refuted(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries({**LEVELS[0], "required": 0.95})):
        assert [told(ssri(true_of(k, 20)))[0].verdict for k in (20, 19, 12)] == ["too few", "too few", "no"]


def test_below_ten_individuals_there_is_no_verdict(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries(LEVELS[0])):
        assert [told(ssri(true_of(n, n)))[0].verdict for n in (9, 10)] == ["too few", "yes"]


@pytest.mark.parametrize("direction", ["above", "below"])
def test_a_claim_about_the_mean_is_a_paired_contrast(direction: str, tmp_path: Path) -> None:
    a, b = np.linspace(0, 9, 50)[::-1] + 3, np.linspace(0, 9, 50)
    held = [
        {"holds": ["ketamine combined", direction, "ssri combined", margin], "required": "mean"}
        for margin in (0, 20, -20)
    ]
    with other_claims(tmp_path, entries(*held)):
        none, twenty, less = told(two(a, b))
    assert none.more["difference"] == pytest.approx(3.0)
    assert (none.verdict, twenty.verdict, less.verdict) == ("yes" if direction == "above" else "no", "no", "yes")
    assert none.more["count"] == ((a - b) * (1 if direction == "above" else -1) > 0).sum()


def test_an_implied_claim_is_judged_in_the_place_of_the_one_that_implies_it(tmp_path: Path) -> None:
    weak = {"holds": ["ssri clean", "above", 45], "implied_by": "claim 1"}
    strong, other = LEVELS[0], LEVELS[1]
    with other_claims(tmp_path, entries(weak, strong, other)):
        implied, implying, beside = told(ssri([60.0] * 6 + [47.0] * 5 + [40.0], true_of(11, 12)))
    assert (implied.p, implying.p, beside.p) == pytest.approx((26 / 4096, 1.0, 26 / 4096))
    # Two tests: its own p and the other one's, as if the one that implies it were not there.
    assert (implied.p_holm, implying.p_holm, beside.p_holm) == pytest.approx((52 / 4096, 1.0, 52 / 4096))
    assert {row.more["tests"] for row in (implied, implying, beside)} == {2}


def test_what_is_true_by_construction_is_shown_and_not_tested(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries({**LEVELS[0], "by_construction": True}, LEVELS[1])):
        built, other = told(ssri(true_of(12, 12), true_of(11, 12)))
    assert (built.value, built.p, built.p_holm, built.verdict) == (100.0, None, None, None)
    assert (other.p_holm, other.more["tests"]) == (other.p, 1)


def test_a_verdict_that_hangs_on_a_margin_says_so(tmp_path: Path) -> None:
    held = [
        {"holds": ["ssri clean", "within", 50, 2]},
        {"holds": ["ssri standard", "at least", 99]},
        {"holds": ["ssri clean", "above", 10]},
    ]
    with other_claims(tmp_path, entries(*held)):
        rows = told(ssri([51.5] * 20, [98.5] * 20))
    verdicts = [(row.more["halved"], row.verdict, row.more["doubled"]) for row in rows]
    assert verdicts == [("no", "yes", "yes"), ("no", "no", "yes"), (None, "yes", None)]


def test_a_relevant_margin_is_that_of_the_outcome_and_shrinks_near_the_ceiling(tmp_path: Path) -> None:
    near = {"holds": ["ketamine combined", "within", "ssri combined", "relevant"]}
    with other_claims(tmp_path, entries(near)):
        for b, formula, share in ((82.0, "± 2", 100.0), (97.6, "± 0.243", 0.0)):
            (row,) = told(two([b - 0.6] * 12, [b] * 12))
            assert str(row.more["holds"]).endswith(formula)
            assert row.value == share


def test_only_those_count_who_have_everything(tmp_path: Path) -> None:
    with other_claims(tmp_path, entries({"holds": ["ketamine combined", "above", "ssri combined"]})):
        (row,) = told(two([9.0] * 11 + [np.nan], [np.nan] + [4.0] * 11))
    assert row.n == 10


def test_the_healthy_stage_is_read_from_any_arm() -> None:
    arms = list(paper_study(12).arms)
    well = [replace(p, metrics={**p.metrics, "healthy/clean": 100.0}) for p in arms[-1].individuals]
    name = "Pruning harms clean accuracy"
    assert paper(study(*arms))[name].n == 0
    assert paper(study(*arms[:-1], replace(arms[-1], individuals=tuple(well))))[name].verdict == "yes"


def test_the_papers_claims_are_judged_only_where_all_of_its_conditions_are_there() -> None:
    made = paper_study(12)
    assert (len(panels(made, "paper")), worth_asking(made)) == (1, ("paper",))
    assert panels(study(*made.arms[:3]), "paper") == ()
    elsewhere = [replace(a, settings={**a.settings, "pathology.sparsity": "0.9"}) for a in made.arms]
    assert panels(study(*elsewhere), "paper") == ()
    both = panels(study(*made.arms, *paper_study(14, "individual").arms), "paper")
    assert [panel.apart for panel in both] == [{"cohort.data": "individual"}, {"cohort.data": "shared"}]


def test_three_claims_do_not_hold_in_the_papers_own_tables() -> None:
    answers = {name: row.more["published"] for name, row in paper(paper_study(12)).items()}
    unknown = {"Pruning harms clean accuracy", "Pruning harms standard accuracy"}  # the tables give no healthy network
    assert {name for name, answer in answers.items() if answer is None} == unknown
    assert {name for name, answer in answers.items() if answer is False} == {
        "The pruned network handles clean inputs",
        "Neurosteroid comes close to ketamine under combined stress",
        "Neurosteroid collapses once it is withdrawn",
    }


def test_a_claim_is_declared_with_the_margin_that_it_is_judged_by() -> None:
    """Whoever runs a study again with another smallest relevant difference has declared another claim."""
    name, now = "Neurosteroid comes close to ketamine under combined stress", claim_hashes()
    arms = [declared(a, 21_000, now) for a in paper_study(12).arms]
    (panel,) = panels(study(*arms), "paper")

    def declared_with(points: str) -> dict[str, object]:
        wider = {
            key: replace(c, arm=replace(c.arm, settings={**c.arm.settings, "assessment.relevant.combined": points}))
            for key, c in panel.named.items()
        }
        return {row.of("claim"): row.more.get("declared") for row in judge(ClaimPanel({}, wider), claims())}

    assert declared_with("2.0")[name] is True
    assert declared_with("4.0")[name] is False
    assert declared_with("4.0")["SSRI relapses substantially"] is True


def declared(made: StudyArm, first: int, claims_of: dict[str, str]) -> StudyArm:
    """These individuals with seeds from here on, as if computed after these claims were declared."""
    people = enumerate(made.individuals)
    return replace(made, individuals=tuple(replace(p, seed=first + k, claims=claims_of) for k, p in people))


def test_a_claim_is_declared_beforehand_only_as_it_is_now_and_of_individuals_that_nobody_has_seen() -> None:
    now, name = claim_hashes(), "SSRI improves stress tolerance"
    old = now | {name: "0" * 12}
    cases = ((21_000, now, (True, True)), (21_000, old, (False, True)), (195, now, (False, False)))
    for first, hashes, expected in cases:
        rows = paper(study(*(declared(paper, first, hashes) for paper in paper_study(12).arms)))
        assert (rows[name].more["declared"], rows["SSRI relapses substantially"].more["declared"]) == expected


@pytest.mark.parametrize(("ahead", "verdict"), [(-5.0, "no"), (0.0, "undecided")])
def test_a_bridge_is_compared_with_a_handover_whichever_way_it_comes_out(ahead: float, verdict: str) -> None:
    row = further(regimens(30, ahead))[BRIDGE]
    assert (row.verdict, row.more["tests"]) == (verdict, 10)
    assert row.more["difference"] == pytest.approx(ahead, abs=0.6)
    assert further(regimens(30, ahead), "figures")[MORE].verdict == "yes"
    assert further(regimens(9, ahead))[BRIDGE].verdict == "too few"


def test_conditions_are_found_by_what_they_do_and_not_by_their_names() -> None:
    bridge, *rest = regimens(30, 5.0).arms
    renamed = replace(bridge, treatment="mine", settings={**bridge.settings, "treatment": "handover"})
    assert set(further(study(renamed, *rest))) == {BRIDGE}
    other = described("bridge", {"treated/combined": [90.0] * 30}, treatment__steps__1__taper__neurosteroid="20")
    elsewhere = replace(bridge, settings={**bridge.settings, "pathology.sparsity": "0.9"})
    for changed in (other, elsewhere):
        assert panels(study(changed, *rest), "ours") == ()
    assert further(study(other, bridge, *rest)).keys() == {BRIDGE}


def test_no_verdict_about_a_claim_depends_on_which_other_conditions_a_study_has() -> None:
    cycles = np.array([8.0] * 20 + [3.0] * 10)
    more = lasting("ssri maintained", cycles), lasting("ssri alone", np.minimum(cycles, 7))
    few, many = regimens(30, 0.3), study(*regimens(30, 0.3).arms, *more)
    assert (len(further(few)), len(further(many))) == (1, 2)
    assert further(few)[BRIDGE].p_holm == further(many)[BRIDGE].p_holm == holm([further(few)[BRIDGE].p], 10)[0]


def test_ketamine_is_held_against_its_placebo_and_random_regrowth() -> None:
    noise = np.random.default_rng(4).normal(0, 1, size=(3, 30))
    at = {"ketamine": 82.0, "placebo of ketamine": 67.0, "ketamine regrown at random": 79.0}
    arms = [
        described(name, {"treated/internal_noise_2.5": mean + noise_row})
        for (name, mean), noise_row in zip(at.items(), noise, strict=True)
    ]
    rows = further(study(*arms), "figures")
    # 5 points matter at sigma 2.5, with a quarter of the room below the ceiling as the limit.
    assert rows["Structural repair makes ketamine bear extreme noise"].verdict == "yes"
    assert rows["Targeting makes ketamine bear extreme noise"].verdict == "no"


def test_whoever_was_never_in_remission_says_nothing_of_how_long_it_lasts() -> None:
    outlasting = lasting("ketamine alone", [8.0] * 20)
    rows = further(study(outlasting, lasting("ssri alone", [0.0] * 18 + [3.0, 5.0])), "figures")
    assert (rows["SSRI alone does not last"].n, rows["SSRI alone does not last"].verdict) == (2, "too few")
    assert rows["Ketamine alone outlasts SSRI alone"].n == 2
    assert rows["Ketamine alone lasts"].n == 20


def test_whose_training_diverged_has_relapsed() -> None:
    maintained, alone = lasting("ssri maintained", np.full(20, 8.0)), lasting("ssri alone", np.full(20, 8.0))
    gone = {person.seed for person in alone.individuals[15:]}
    reason = "DivergedError: training diverged: weights that are not finite in the maintained 2 network of seeds=(1,)"
    failed = replace(
        alone,
        individuals=tuple(person for person in alone.individuals if person.seed not in gone),
        failures=tuple(Failure(seed, reason, f"run-{seed}") for seed in sorted(gone)),
    )
    row = further(study(maintained, failed))["Maintenance matters after SSRI"]
    assert (row.n, row.more["difference"]) == (20, pytest.approx(5 * 6 / 20))


@pytest.mark.parametrize(("apart", "verdict"), [(0.0, "yes"), (0.25, "undecided"), (2.0, "no")])
def test_two_orders_are_alike_where_their_means_lie_within_the_relevant_difference(apart: float, verdict: str) -> None:
    noise = np.random.default_rng(3).normal(0, 0.3, size=(40, 2))
    noise -= noise.mean(axis=0)
    first = described("ketamine then ssri", {"treated/combined": 97 + noise[:, 0]})
    last = described("ssri then ketamine", {"treated/combined": 97 - apart + noise[:, 1]})
    row = further(study(first, last))["Ketamine first equals ketamine last under combined stress"]
    assert row.verdict == verdict


def test_shared_and_individual_data_are_never_pooled() -> None:
    shared, individual = regimens(30, 5.0).arms, regimens(20, -5.0, "individual").arms
    judged = panels(study(*individual, *shared), "ours")
    rows = [judge(panel, listed("ours")) for panel in judged]
    verdicts = {panel.apart["cohort.data"]: {r.of("claim"): r for r in panel_rows}[BRIDGE].verdict
                for panel, panel_rows in zip(judged, rows, strict=True)}  # fmt: skip
    assert verdicts == {"shared": "yes", "individual": "no"}
    assert all(row.of("cohort.data") for panel_rows in rows for row in panel_rows)


@pytest.mark.slow
def test_a_family_errs_in_no_more_than_5_per_cent(tmp_path: Path) -> None:
    held = [*LEVELS, {"holds": ["ssri clean", "within", "ssri clean", 1], "by_construction": True}]
    generator, wrong = np.random.default_rng(8), 0
    with other_claims(tmp_path, entries(*held)):
        for _ in range(400):  # each claim holds for exactly half of all individuals
            wrong += any(row.verdict in ("yes", "no") for row in told(ssri(*generator.normal(50, 1, size=(3, 40)))))
    assert wrong / 400 < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)
