from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.study.claims import NOT_MEASURED, TOO_FEW, Comparison, Finding, Term, _comparison, claims, findings
from depsim.study.panels import panels
from depsim.study.published import values
from depsim.study.reading import Study
from tests.people import arm, paper_study, study


def found(made: Study) -> dict[str, Finding]:
    (panel,) = panels(made)
    return {finding.claim.name: finding for finding in findings(panel)}


def drops(ketamine: float, ssri: list[float], neurosteroid: float) -> Study:
    n = len(ssri)
    return study(
        arm("ketamine", {"relapse_drop": [ketamine] * n}),
        arm("ssri", {"relapse_drop": ssri}),
        arm("neurosteroid", {"relapse_drop": [neurosteroid] * n}),
    )


def test_there_are_at_least_twelve_claims_each_with_its_quotation() -> None:
    listed = claims()
    assert len(listed) >= 12
    assert len({claim.name for claim in listed}) == len(listed)
    for claim in listed:
        assert claim.where.split(",")[0] in ("Abstract", "Results", "Conclusion")
        assert 2 <= len(claim.quote.split()) <= 15
        assert claim.formula


def test_every_claim_compares_what_is_measured() -> None:
    columns = {value.column for table in ("table_1", "table_2") for value in values(table)}
    conditions = {value.row for value in values("table_1")} | {"healthy"}
    for claim in claims():
        for term in claim.terms():
            assert term.condition in conditions, claim.name
            assert term.column in columns, claim.name


def test_the_papers_own_values_bear_out_every_claim_that_they_can() -> None:
    answers = {name: finding.published for name, finding in found(paper_study(1)).items()}
    assert answers.pop("Pruning breaks the network") is None  # the tables give no healthy network
    assert set(answers.values()) == {True}


def test_support_is_counted_with_its_interval() -> None:
    one = found(drops(0.0, [9.0] * 9 + [3.0] * 3, 5.0))["SSRI relapses most"]
    assert (one.share.count, one.share.n) == (9, 12)
    wilson = stats.binomtest(9, 12).proportion_ci(method="wilson")
    assert (one.share.low, one.share.high) == pytest.approx((wilson.low, wilson.high))
    assert one.verdict == "undecided"


@pytest.mark.parametrize(("ssri", "verdict"), [(9.0, "supported"), (3.0, "refuted")])
def test_a_claim_is_supported_or_refuted(ssri: float, verdict: str) -> None:
    answers = found(drops(0.0, [ssri] * 12, 5.0))
    assert answers["SSRI relapses most"].verdict == verdict
    assert answers["Neurosteroid relapses midway"].verdict == verdict
    assert answers["Ketamine hardly relapses"].verdict == "supported"
    assert answers["Only ketamine is relapse-proof"].verdict == "supported"


def test_below_ten_individuals_there_is_no_verdict() -> None:
    assert {one.verdict for one in found(paper_study(9)).values()} == {TOO_FEW, NOT_MEASURED}
    assert TOO_FEW not in {one.verdict for one in found(paper_study(10)).values()}


def test_what_is_missing_is_named() -> None:
    one = found(study(arm("ketamine", {"relapse_drop": [0.1] * 12})))["SSRI relapses most"]
    assert (one.verdict, one.share.n) == (NOT_MEASURED, 0)
    assert one.missing == ("ssri relapse drop", "neurosteroid on relapse drop")


def test_only_those_count_who_have_everything() -> None:
    made = study(
        arm("ketamine", {"relapse_drop": [0.0] * 12}),
        arm("ssri", {"relapse_drop": [9.0] * 11 + [np.nan]}),
        arm("neurosteroid", {"relapse_drop": [np.nan] + [4.0] * 11}),
    )
    assert found(made)["SSRI relapses most"].share.n == 10


def test_the_healthy_stage_is_read_from_any_arm() -> None:
    sick = {"treated/clean": [30.0] * 12, "treated/standard": [30.0] * 12}
    well = {"healthy/clean": [100.0] * 12, "healthy/standard": [99.0] * 12}
    made = study(arm("none", sick), arm("ssri", well))
    assert found(made)["Pruning breaks the network"].verdict == "supported"
    assert found(study(arm("none", sick)))["Pruning breaks the network"].verdict == NOT_MEASURED


@pytest.mark.parametrize(
    ("words", "held", "spelled"),
    [
        (["ssri clean", "above", "untreated clean"], [False, False, True], "ssri clean > untreated clean"),
        (["ssri clean", "above", 50], [False, False, True], "ssri clean > 50"),
        (["ssri clean", "below", "untreated clean", 5], [True, False, False], "ssri clean < untreated clean - 5"),
        (["ssri clean", "at least", 50], [False, True, True], "ssri clean ≥ 50"),
        (["ssri clean", "at most", 50], [True, True, False], "ssri clean ≤ 50"),
        (["ssri clean", "within", "untreated clean", 10], [True, True, True], "ssri clean = untreated clean ± 10"),
        (["ssri clean", "within", 50, 0], [False, True, False], "ssri clean = 50"),
    ],
)
def test_comparisons_hold_as_their_formula_says(words: list[object], held: list[bool], spelled: str) -> None:
    comparison = _comparison(words)
    measured = {Term("ssri", "clean"): np.array([40.0, 50.0, 60.0]), Term("untreated", "clean"): np.full(3, 50.0)}
    assert comparison.test(measured).tolist() == held
    assert str(comparison) == spelled


def test_a_relation_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="beside: not a relation; there are above"):
        _comparison(["ssri clean", "beside", 3])


def test_a_number_needs_no_individual() -> None:
    assert Comparison(Term("ssri", "clean"), "above", 3.0, 0.0).terms() == (Term("ssri", "clean"),)
