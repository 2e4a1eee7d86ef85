from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import curve_fit

from depsim.statistics import dose_response, fit_dose_response

DOSE = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0])


def hill(dose: np.ndarray, ed50: float, lower: float, upper: float, slope: float) -> np.ndarray:
    return lower + (upper - lower) * dose**slope / (dose**slope + ed50**slope)


def people(n: int, ed50: float = 0.3, slope: float = 4.0, noise: float = 3.0) -> np.ndarray:
    generator = np.random.RandomState(0)
    return hill(DOSE, ed50, 50, 90, slope) + noise * (generator.randn(n, 1) + generator.randn(n, DOSE.size))


def test_an_exact_curve_is_found_again() -> None:
    fit = fit_dose_response(DOSE, hill(DOSE, 0.3, 50, 90, 4.0)[None])
    assert fit is not None
    assert (fit.ed50, fit.lower, fit.upper, fit.slope) == pytest.approx((0.3, 50, 90, 4.0), rel=3e-3)


def test_the_best_curve_is_scipys() -> None:
    response = people(20)
    (expected, _) = curve_fit(hill, DOSE, response.mean(axis=0), p0=[0.3, 50, 90, 4])
    fit = fit_dose_response(DOSE, response)
    assert fit is not None
    assert (fit.ed50, fit.lower, fit.upper) == pytest.approx(expected[:3], rel=5e-3)
    assert fit.slope == pytest.approx(expected[3], rel=0.02)


def test_the_interval_holds_the_truth_and_narrows_with_the_noise() -> None:
    wide, narrow = fit_dose_response(DOSE, people(30)), fit_dose_response(DOSE, people(30, noise=0.3))
    assert wide is not None
    assert narrow is not None
    assert wide.low < 0.3 < wide.high
    assert wide.low < wide.ed50 < wide.high
    assert narrow.high - narrow.low < 0.4 * (wide.high - wide.low)


def test_a_falling_response_has_the_same_dose_and_a_negative_slope() -> None:
    rising, falling = fit_dose_response(DOSE, people(20)), fit_dose_response(DOSE, 100 - people(20))
    assert rising is not None
    assert falling is not None
    assert falling.slope == pytest.approx(-rising.slope)
    assert (falling.ed50, falling.lower, falling.upper) == pytest.approx(
        (rising.ed50, 100 - rising.upper, 100 - rising.lower)
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_the_curve_goes_half_way_at_its_ed50_and_from_plateau_to_plateau(sign: int) -> None:
    fit = fit_dose_response(DOSE, sign * people(20))
    assert fit is not None
    begin, middle, end = fit.at(np.array([0.0, fit.ed50, 1e9]))
    assert middle == pytest.approx((fit.lower + fit.upper) / 2)
    assert (begin, end) == pytest.approx((fit.lower, fit.upper)[::sign])


def test_the_dose_follows_its_unit() -> None:
    one, thousand = fit_dose_response(DOSE, people(10)), fit_dose_response(1000 * DOSE, people(10))
    assert one is not None
    assert thousand is not None
    assert (thousand.ed50, thousand.low) == pytest.approx((1000 * one.ed50, 1000 * one.low))


@pytest.mark.parametrize(
    "response",
    [
        np.full((20, 8), 0.1),
        np.random.RandomState(1).randn(30, 8),
        -((DOSE - 0.4) ** 2) + 0.01 * np.random.RandomState(1).randn(20, 8),
        10 * DOSE + 0.01 * np.random.RandomState(1).randn(20, 8),
        np.empty((0, 8)),
        np.full((3, 8), np.nan),
    ],
    ids=["constant", "noise", "rises and falls", "still rising at the last dose", "nobody", "nothing measured"],
)
def test_without_a_half_way_point_there_is_none(response: np.ndarray) -> None:
    assert fit_dose_response(DOSE, response) is None


def test_means_that_rise_no_more_than_chance_would_let_them_have_none() -> None:
    noise = np.random.RandomState(0).randn(20, 8)
    weak, strong = (hill(DOSE, 0.3, 0, size, 4.0) + noise - noise.mean(axis=0) for size in (0.3, 3.0))
    assert fit_dose_response(DOSE, weak) is None
    assert fit_dose_response(DOSE, strong) is not None


@pytest.mark.parametrize(("n", "k"), [(3, 4), (4, 6)])
def test_means_differ_from_the_f_of_analysis_of_variance_within_individuals_on(n: int, k: int) -> None:
    freedom = k - 1, (n - 1) * (k - 1)
    noise = np.random.RandomState(7).randn(n, k)
    noise -= noise.mean(axis=0) + noise.mean(axis=1, keepdims=True) - noise.mean()  # of no dose, and of no individual
    error = (noise**2).sum() / freedom[1]
    rise = np.arange(k) - (k - 1) / 2
    critical = stats.f.isf(0.05, *freedom)
    for share, differs in ((0.999, False), (1.001, True)):
        size = np.sqrt(share * critical * error * freedom[0] / (n * (rise**2).sum()))
        assert dose_response._depends_on_dose(50 + size * rise + noise) is differs


def test_the_interval_is_from_the_resamples_quantiles(monkeypatch: pytest.MonkeyPatch) -> None:
    resampled = np.zeros((1000, 6))
    resampled[:, 4], resampled[:, 5] = np.arange(1000), 1000 + np.arange(1000)
    monkeypatch.setattr(dose_response, "_best", lambda *_: resampled)
    bounds = dose_response._interval(DOSE, np.zeros((3, DOSE.size)), (DOSE, DOSE))
    assert bounds == pytest.approx((0.025 * 999, 1000 + 0.975 * 999))


def test_a_response_that_shows_neither_end_of_its_effect_has_none() -> None:
    dose = np.array([1.0, 1.5, 2.0, 3.0, 4.0])
    assert fit_dose_response(dose, np.log(dose)[None]) is None


def test_a_response_that_jumps_has_its_half_somewhere_between_two_doses() -> None:
    jump = np.array([0.0, 0, 0, 0, 1, 1, 1, 1]) + 0.001 * np.random.RandomState(1).randn(20, 8)
    fit = fit_dose_response(DOSE, jump)
    assert fit is not None
    assert (fit.low, fit.high) == (0.3, 0.4)
    assert 0.3 < fit.ed50 < 0.4


def test_the_order_of_the_doses_does_not_matter() -> None:
    assert fit_dose_response(DOSE[::-1], people(10)[:, ::-1]) == fit_dose_response(DOSE, people(10))


def test_a_half_way_point_that_only_some_resamples_have_gets_no_interval() -> None:
    # Doses that end soon after the half of the effect: some resamples show no end of it.
    seen, response = DOSE[:5], people(8, ed50=0.27, noise=6.0)[:, :5]
    fit = fit_dose_response(seen, response)
    assert fit is not None
    assert (fit.low, fit.high) == (None, None)


def test_two_individuals_have_a_dose_but_no_interval() -> None:
    fit = fit_dose_response(DOSE, people(2, noise=0.5))
    assert fit is not None
    assert (fit.low, fit.high) == (None, None)


def test_who_lacks_a_response_is_left_out() -> None:
    response = people(10)
    gap = response.copy()
    gap[0, 3] = np.nan
    assert fit_dose_response(DOSE, gap) == fit_dose_response(DOSE, response[1:])


def test_three_doses_are_too_few() -> None:
    assert fit_dose_response(DOSE[:3], people(10)[:, :3]) is None


@pytest.mark.parametrize(
    ("dose", "message"),
    [
        ([-1.0, 0.0, 1.0, 2.0], "none is negative"),
        ([0.0, 1.0, 1.0, 2.0], "all different"),
        ([0.0, 1.0], "individuals x doses"),
    ],
)
def test_doses_that_are_none_are_refused(dose: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_dose_response(np.array(dose), np.ones((2, 4)))


def test_without_noise_the_interval_goes_one_step_of_the_ed50s_that_are_tried_to_both_sides() -> None:
    fit = fit_dose_response(DOSE, np.tile(hill(DOSE, 0.3, 50, 90, 4.0), (5, 1)))
    assert fit is not None
    assert fit.ed50 / 1.02 < fit.low < fit.ed50 < fit.high < 1.02 * fit.ed50
