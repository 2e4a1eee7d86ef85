from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depsim.statistics import CALIBRATION_KINDS, CalibrationFigure, calibrated, calibration_figures
from depsim.statistics.calibration import CHECKS, Check, simulate
from depsim.statistics.simulated_values import (
    BIMODAL,
    CEILING,
    NORMAL,
    QUANTISED,
    RARE,
    SKEWED,
    Population,
    drawn_again,
    real_values,
)

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import calibrate

STORED = {figure.key: figure for figure in calibration_figures()}
SMALL = {
    "mean_normal": 400, "flip_normal": 600, "predict_order": 2_000, "joint_skewed": 1_000, "best_normal": 100,
    "rates_rare": 600, "slope": 200, "iso_dose": 60,
}  # fmt: skip
"""Studies of a small repetition, one of each kind of estimator."""
ESTIMATORS = (
    "mean", "flip", "flip_power", "flip_one_sided", "holm", "predict_value", "joint", "joint_power", "equivalence",
    "equivalence_power", "best", "best_equal", "best_power", "share",
)  # fmt: skip


def test_every_promise_has_a_stored_figure() -> None:
    unasked = {"study": None, "reached": None, "error": None, "code": None}
    asked, stored = ([{**vars(each), **unasked} for each in found] for found in (CHECKS, calibration_figures()))
    assert asked == stored


def test_the_stored_figures_belong_to_the_code() -> None:
    """Otherwise: ``make calibrate``, which runs just the checks whose code has changed."""
    assert calibrate.stale() == []


def test_every_stored_figure_keeps_its_limits() -> None:
    assert [figure.key for figure in calibration_figures() if not figure.kept or not 0 < figure.error < 0.016] == []


def test_the_limits_are_those_of_the_design() -> None:
    limits = {check.key: (check.lowest, check.highest) for check in CHECKS}
    both, lowest, none = ("normal", "bimodal"), ("skewed", "ceiling", "quantised"), ("rare", "real_ssri")
    for kind in (*both, *lowest, *none):
        covered = (0.93, 0.97) if kind in both else (0.91, None) if kind in lowest else (None, None)
        assert limits[f"mean_{kind}"] == limits[f"mean_{kind}_200"] == covered
        assert limits[f"share_{kind}"] == limits[f"share_{kind}_200"] == ((None, None) if kind == "skewed" else covered)
        for key, larger in (("best", "200"), ("predict_value", "199")):
            assert limits[f"{key}_{kind}"] == limits[f"{key}_{kind}_{larger}"] == (covered[0], None)
        assert limits[f"mean_{kind}_10"] == limits[f"mean_{kind}_20"] == limits[f"best_{kind}_10"] == (None, None)
        for key in ("flip", "equivalence"):
            assert limits[f"{key}_{kind}"] == limits[f"{key}_{kind}_200"] == (None, 0.065)
        for key, larger in (("holm", "200"), ("joint", "199"), ("best_equal", "200")):
            assert limits[f"{key}_{kind}"] == limits[f"{key}_{kind}_{larger}"] == (None, 0.055)
    for key in ("rates", "rates_rare", "iso_dose"):
        assert limits[key] == limits[f"{key}_200"] == (0.93, None)
    for key in ("predict_accuracy", "predict_ceiling", "predict_order"):
        assert limits[key] == limits[f"{key}_199"] == (0.93, None)
    assert limits["rates_equal"] == limits["rates_equal_200"] == (None, 0.065)
    for key in ("ed50_of_nothing", "largest_of_two"):
        assert limits[key] == (None, 0.065)
    for key in ("claims", "claims_200", "joint_real", "slopes", "rule", "map", "largest_of_four"):
        assert limits[key] == (None, 0.055)
    assert limits["wilson_70%"] == limits["wilson_70%_200"] == (0.93, 0.97)
    assert limits["wilson_98%"] == limits["slope"] == limits["slope_200"] == limits["share_exponential"] == (0.91, None)
    assert limits["exact_98%"] == (0.94, None)
    assert limits["ed50"] == limits["ed50_200"] == (0.90, None)
    assert limits["component_large"] == limits["component_small"] == (0.93, None)


def test_each_estimator_is_tried_on_each_kind_of_values() -> None:
    kinds = {}
    for check in CHECKS:
        if check.kind:
            assert check.key.startswith(tuple(f"{key}_{check.kind}" for key in ESTIMATORS))
            kinds.setdefault((check.what, check.n), []).append(check.kind)
    assert len(kinds) > 20
    assert all(found == list(CALIBRATION_KINDS) for found in kinds.values())
    tried = {check.key.partition(f"_{check.kind}")[0] for check in CHECKS if check.kind}
    assert tried == set(ESTIMATORS)


@pytest.mark.slow
@pytest.mark.parametrize("check", [c for c in CHECKS if c.key in SMALL], ids=lambda check: check.key)
def test_a_small_repetition_agrees_with_what_is_stored(check: Check) -> None:
    again, stored = simulate(check, SMALL[check.key]), STORED[check.key]
    assert abs(again.reached - stored.reached) <= 4 * math.hypot(again.error, stored.error)


def test_a_broken_promise_would_be_seen() -> None:
    def too_narrow(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        values = generator.normal(size=(studies, n))
        return np.abs(values.mean(axis=1)) < 1.5 / math.sqrt(n)

    figure = simulate(Check("narrow", "intervals", 50, 4_000, too_narrow, 0.93, 0.97))
    assert not figure.kept
    assert figure.reached == pytest.approx(0.866, abs=0.025)
    # Not simply one batch over and over.
    assert figure.reached != simulate(Check("narrow", "intervals", 50, 500, too_narrow)).reached


@pytest.mark.parametrize(
    ("reached", "lowest", "highest", "kept"),
    [(0.95, 0.93, 0.97, True), (0.929, 0.93, 0.97, False), (0.971, 0.93, 0.97, False), (0.5, None, None, True),
     (0.05, None, 0.05, True), (0.051, None, 0.05, False), (0.90, 0.91, None, False)],
)  # fmt: skip
def test_a_figure_keeps_its_limits_or_not(
    reached: float, lowest: float | None, highest: float | None, kept: bool
) -> None:
    assert CalibrationFigure("k", "w", 50, 100, reached, 0.01, lowest, highest).kept is kept


@pytest.mark.parametrize("population", [NORMAL, BIMODAL, SKEWED, CEILING, QUANTISED, RARE])
def test_a_population_has_the_mean_and_spread_that_it_is_judged_by(population: Population) -> None:
    drawn = population.draw(np.random.default_rng(4), (400_000,))
    assert drawn.mean() == pytest.approx(population.mean, abs=4 * drawn.std() / math.sqrt(drawn.size))
    assert drawn.std() == pytest.approx(population.sd, rel=0.02)


def test_real_individuals_are_drawn_from_those_that_there_are() -> None:
    values = real_values()
    assert list(values) == ["none", "ketamine", "ssri", "neurosteroid"]
    assert {len(own) for own in values.values()} == {300}
    population = drawn_again(values["ssri"])
    drawn = population.draw(np.random.default_rng(4), (20, 30))
    assert drawn.shape == (20, 30)
    assert set(drawn.ravel()) <= set(values["ssri"])
    assert (population.mean, population.sd) == (values["ssri"].mean(), values["ssri"].std())


def always(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    return np.ones(studies, dtype=bool)


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of its own for what three checks reached, of which one was run by other code and one never."""
    file = tmp_path / "calibration.json"
    checks = tuple(Check(key, "intervals", 5, 700, always, 0.9, 0.97) for key in ("a", "b", "c"))
    for key, value in (("CHECKS", checks), ("store", lambda figures: calibrated.store(figures, file))):
        monkeypatch.setattr(calibrate, key, value)
    monkeypatch.setattr(calibrated, "FILE", file)
    figure = CalibrationFigure("a", "intervals", 5, 700, 0.5, 0.01, 0.9, 0.97, code=calibrate.code_of(checks[0]))
    calibrated.store([figure, replace(figure, key="b", code="older")], file)
    calibration_figures.cache_clear()
    yield file
    calibration_figures.cache_clear()


def reached() -> dict[str, float]:
    calibration_figures.cache_clear()
    return {figure.key: figure.reached for figure in calibration_figures()}


def test_only_checks_whose_code_has_changed_are_run_again(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate.stale() == ["b", "c"]
    calibrate.main()
    assert reached() == {"a": 0.5, "b": 1.0, "c": 1.0}
    assert calibrate.stale() == []
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("100.00% ± 0.2")
    assert "intervals (n = 5; at least 90.0%: kept, at most 97.0%: MISSED; 700 studies" in said[0]
    assert said[-1] == "2 of 3 checks were run"


def test_checks_are_run_by_their_names(stored: Path) -> None:
    calibrate.main(["a"])
    assert reached() == {"a": 1.0, "b": 0.5}
    with pytest.raises(SystemExit, match="d: no such check"):
        calibrate.main(["d", "a"])
