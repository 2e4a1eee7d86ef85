"""Which studies compare treatments at equal dose, and whom and what they compare."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.statistics import contrast, holm
from depsim.study.analyses.iso_dose import IsoDose, equal_dose_pairs, iso_doses
from depsim.study.reading import StudyArm
from tests.people import arm, paper_study, study

N = 12
NAN = float("nan")


def given(treatment: str, dose: float | np.ndarray, combined: float | np.ndarray, **changed: str) -> StudyArm:
    """A condition whose individuals had this dose; half of the combined accuracy is left at sigma 2.5."""
    values = {"dose/l1": np.broadcast_to(dose, N), "treated/combined": np.broadcast_to(combined, N)}
    values["treated/internal_noise_2.5"] = values["treated/combined"] / 2
    return arm(treatment, values, changed={key.replace("__", "."): value for key, value in changed.items()})


def ketamine(fraction: str, dose: float | np.ndarray, combined: float | np.ndarray) -> StudyArm:
    return given("ketamine", dose, combined, treatment__regrow_fraction=fraction)


def ssri(epochs: str, dose: float | np.ndarray, combined: float | np.ndarray, rate: str = "1e-05") -> StudyArm:
    return given("ssri", dose, combined, treatment__epochs=epochs, treatment__learning_rate=rate)


EACH = np.arange(N) / 10
ARMS = (
    ketamine("0.1", 4.0, 60 + EACH), ketamine("0.5", 64.0, 90 + EACH),
    ketamine("0.2", 16.0, 75 + EACH),
    ssri("10", 1.0, 20.0), ssri("100", 16.0, 40.0), ssri("20", 2.0, 25.0),
)  # fmt: skip
"""Of each drug the third condition lies on the line through the others."""


def only(*arms: StudyArm) -> IsoDose:
    (comparison,) = iso_doses(study(*arms))
    return comparison


def test_two_drugs_in_two_doses_are_compared_inside_the_common_range() -> None:
    iso = only(*ARMS)
    assert iso.treatments == ("ketamine", "ssri")
    assert {name: len(arms) for name, arms in iso.arms.items()} == {"ketamine": 3, "ssri": 3}
    assert {(round(doses.low, 9), round(doses.high, 9)) for doses in iso.equal.values()} == {(4.0, 16.0)}
    assert iso.doses == pytest.approx([4 * 4**share for share in (0.25, 0.5, 0.75)])
    rows = {(row.of("outcome"), row.key["share"]): row for row in equal_dose_pairs(iso)}
    assert len(rows) == 6
    # At 8, in log2: ketamine is a quarter of the way from 60 to 90, the SSRI three quarters from 20 to 40.
    middle = rows["combined", 0.5]
    assert (middle.of("a"), middle.of("b"), middle.n) == ("ketamine", "ssri", N)
    assert middle.value == pytest.approx(67.5 + EACH.mean() - 35)
    assert rows["internal_noise_2.5", 0.5].value == pytest.approx((32.5 + EACH.mean()) / 2)


def test_holm_is_over_all_pairs_and_outcomes_in_the_middle_and_nothing_else_is_tested() -> None:
    generator = np.random.default_rng(5)
    arms = [
        given(name, dose * 2.0**shift, 50 + gain + generator.normal(0, 3, N), treatment__epochs=str(dose))
        for name, shift, gain in (("ketamine", 0, 2.0), ("ssri", 1, 0.0), ("neurosteroid", 2, 1.0))
        for dose in (1, 3, 8)
    ]
    iso = only(*arms)
    rows = equal_dose_pairs(iso)
    tested = [row for row in rows if row.key["share"] == 0.5]
    assert [row.p_holm for row in tested] == holm([row.p for row in tested])
    assert {(row.p, row.p_holm, row.verdict) for row in rows if row.key["share"] != 0.5} == {(None, None, None)}
    table = np.array([doses.outcomes[:, 1, 0] for doses in iso.equal.values()])
    expected = contrast(table[:, 0], table[:, 1], 6)
    assert (tested[0].value, tested[0].interval, tested[0].p) == (
        expected.difference.mean,
        expected.difference.interval,
        expected.p,
    )


def test_each_individual_has_its_own_range_and_who_has_none_is_apart() -> None:
    moved = np.array([4.0] * 9 + [20.0, 16.0, NAN])  # the smallest dose of ketamine; the SSRI reaches 16
    iso = only(ketamine("0.1", moved, 60.0), *ARMS[1:])
    assert tuple(iso.equal) == tuple(range(9))
    assert iso.excluded == (9, 10, 11)
    assert {row.n for row in equal_dose_pairs(iso)} == {9}


def test_doses_that_overlap_in_nobody_are_not_compared() -> None:
    iso = only(*(given(name, dose, 50.0, treatment__epochs=str(dose))
                   for name, doses in (("ketamine", (8, 9, 10)), ("ssri", (1, 2, 3))) for dose in doses))  # fmt: skip
    assert iso.excluded == tuple(range(N))
    assert equal_dose_pairs(iso) == ()


def test_someone_without_an_outcome_in_one_condition_is_compared_by_the_others() -> None:
    gap = np.where(np.arange(N) == 3, NAN, 5.0)
    iso = only(*ARMS, ssri("50", 6.0, gap))
    assert iso.curves["ssri"][3].log_dose.size == 3
    assert iso.curves["ssri"][4].log_dose.size == 4
    assert 3 in iso.equal


def test_someone_who_lacks_a_drug_altogether_is_apart() -> None:
    missing = np.where(np.arange(N) == 3, NAN, 1.0)
    iso = only(*ARMS[:3], *(ssri(str(dose), dose * missing, 30.0) for dose in (1, 2, 16)))
    assert iso.excluded == (3,)


def test_all_settings_of_a_drug_are_doses_of_it_as_long_as_they_are_numbers() -> None:
    mixed = only(*ARMS, ssri("10", 4.0, 30.0, rate="0.0001"))
    assert np.exp(mixed.curves["ssri"][0].log_dose) == pytest.approx([1.0, 2.0, 4.0, 16.0])
    by_name = [given("ketamine", 2.0, 30.0, treatment__criterion="random", treatment__regrow_fraction="0.1")]
    assert iso_doses(study(*ARMS, *by_name)) == ()


def test_studies_without_two_drugs_in_three_doses_have_nothing_to_compare() -> None:
    assert iso_doses(paper_study(5)) == ()
    assert iso_doses(study(*ARMS[:3])) == ()
    assert iso_doses(study(*ARMS[:5], ARMS[4])) == ()  # a condition with two names counts once
    nothing = [given("none", 0.0, 30.0, treatment__x=str(number)) for number in range(3)]
    assert only(*ARMS, *nothing).treatments == ("ketamine", "ssri")
