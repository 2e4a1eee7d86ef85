from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.calibration import __main__ as calibration
from benchmarks.calibration import check as checking
from benchmarks.calibration import figures as storing
from benchmarks.calibration import intervals, page
from benchmarks.calibration.check import Check, simulate
from benchmarks.calibration.checks import CHECKS
from benchmarks.calibration.figures import KINDS, Figure, stored_figures
from benchmarks.calibration.values import (
    BIMODAL,
    CEILING,
    NORMAL,
    PER_CENT,
    QUANTISED,
    RARE,
    SKEWED,
    Population,
    difference_of_two,
    drawn_again,
    real_difference,
    real_values,
)
from depsim.statistics import interval_note

STORED = {figure.key: figure for figure in stored_figures()}
SMALL = {
    "mean_normal": 400, "flip_normal": 600, "predict_order": 2_000, "joint_skewed": 1_000, "best_normal": 100,
    "rates_rare": 600, "slope": 200,
}  # fmt: skip
"""Studies of a small repetition, one of each kind of estimator."""
ESTIMATORS = (
    "mean", "paired", "one_sided", "flip", "flip_power", "flip_one_sided", "holm", "predict_value", "joint",
    "joint_power", "equivalence", "equivalence_power", "best", "best_equal", "best_power", "share",
)  # fmt: skip


def test_every_promise_has_a_stored_figure() -> None:
    unasked = {"study": None, "reached": None, "error": None, "code": None}
    asked, stored = ([{**vars(figure), **unasked} for figure in figures] for figures in (CHECKS, stored_figures()))
    assert [{key: value for key, value in figure.items() if value is not None} for figure in asked] == [
        {key: value for key, value in figure.items() if value is not None} for figure in stored
    ]


def test_the_page_shows_what_is_stored_and_marks_what_other_code_reached() -> None:
    """Otherwise: ``make calibrate``, or ``make calibrate KEYS=page``, which runs nothing."""
    text = page.PAGE.read_text(encoding="utf-8")
    made = page.blocks(stored_figures(), set(calibration.stale()))
    for name, part in made.items():
        assert page.renewed(text, name, part) == text, name
    with pytest.raises(SystemExit, match="no place for other"):
        page.renewed(text, "other", "")
    written = page.every_figure(stored_figures(), set(calibration.stale()))
    assert page.PAGE.with_suffix(".csv").read_text(encoding="utf-8") == written


def test_every_stored_figure_keeps_its_limits() -> None:
    assert [figure.key for figure in stored_figures() if not figure.kept or not 0 < figure.error < 0.016] == []


def test_the_limits_are_those_of_the_design() -> None:
    limits = {check.key: (check.lowest, check.highest) for check in CHECKS}
    both, lowest, none = ("normal", "bimodal"), ("skewed", "ceiling", "quantised"), ("rare", "real_ssri")
    for kind in (*both, *lowest, *none):
        covered = (0.93, 0.97) if kind in both else (0.91, None) if kind in lowest else (None, None)
        assert limits[f"mean_{kind}"] == limits[f"mean_{kind}_200"] == covered
        paired = (0.91, None) if kind == "rare" else covered
        assert limits[f"paired_{kind}"] == limits[f"paired_{kind}_200"] == paired
        assert limits[f"share_{kind}"] == limits[f"share_{kind}_200"] == ((None, None) if kind == "skewed" else covered)
        for key, larger in (("best", "200"), ("predict_value", "199")):
            assert limits[f"{key}_{kind}"] == limits[f"{key}_{kind}_{larger}"] == (covered[0], None)
        for key in ("mean", "paired"):
            assert limits[f"{key}_{kind}_10"] == limits[f"{key}_{kind}_20"] == (None, None)
        assert limits[f"best_{kind}_10"] == limits[f"one_sided_{kind}"] == (None, None)
        for key in ("flip", "equivalence"):
            assert limits[f"{key}_{kind}"] == limits[f"{key}_{kind}_200"] == (None, 0.065)
        for key, larger in (("holm", "200"), ("joint", "199"), ("best_equal", "200")):
            assert limits[f"{key}_{kind}"] == limits[f"{key}_{kind}_{larger}"] == (None, 0.055)
    for key in ("rates", "rates_rare"):
        assert limits[key] == limits[f"{key}_200"] == (0.93, None)
    for key in ("predict_accuracy", "predict_ceiling", "predict_order"):
        assert limits[key] == limits[f"{key}_199"] == (0.93, None)
    assert limits["rates_equal"] == limits["rates_equal_200"] == (None, 0.065)
    for key in ("claims", "claims_200", "joint_real", "slopes", "rule"):
        assert limits[key] == (None, 0.055)
    assert limits["wilson_70%"] == limits["wilson_70%_200"] == (0.93, 0.97)
    assert limits["wilson_98%"] == limits["slope"] == limits["slope_200"] == limits["share_exponential"] == (0.91, None)
    assert limits["paired_heavy_tailed"] == limits["paired_heavy_tailed_200"] == (0.91, None)
    assert limits["exact_98%"] == (0.94, None)


def test_each_estimator_is_tried_on_each_kind_of_values() -> None:
    kinds: dict[tuple[str, int], list[str]] = {}
    for check in CHECKS:
        if check.kind:
            assert check.key.startswith(tuple(f"{key}_{check.kind}" for key in ESTIMATORS))
            kinds.setdefault((check.what, check.n), []).append(check.kind)
    assert len(kinds) > 20
    assert all(tried == list(KINDS) for tried in kinds.values())
    assert {check.key.partition(f"_{check.kind}")[0] for check in CHECKS if check.kind} == set(ESTIMATORS)


def test_captions_promise_no_more_than_the_worst_kind_of_values_reached() -> None:
    for bounded, stem in ((True, "mean"), (False, "one_sided")):
        shares = [figure for figure in stored_figures() if figure.key.startswith(f"{stem}_")]
        for n in (10, 20, 50, 100, 200):
            worst = min(figure.reached for figure in shares if figure.n == n)
            said = re.findall(r"in (\d+) %", interval_note(n, bounded))
            assert not said or int(said[0]) <= 100 * worst + 2
            assert bool(said) == (worst < 0.9)


@pytest.mark.slow
@pytest.mark.parametrize("check", [c for c in CHECKS if c.key in SMALL], ids=lambda check: check.key)
def test_a_small_repetition_agrees_with_what_is_stored(check: Check) -> None:
    again, stored = simulate(check, SMALL[check.key]), STORED[check.key]
    assert abs(again.reached - stored.reached) <= 4 * math.hypot(again.error, stored.error)


def test_a_broken_promise_would_be_seen() -> None:
    def too_narrow(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
        values = generator.normal(size=(studies, n))
        return np.abs(values.mean(axis=1)) < 1.5 / math.sqrt(n)

    too_narrow.__module__ = always.__module__
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
    figure = Figure("k", "w", 50, 100, reached, 0.01, lowest, highest)
    assert (figure.kept, figure.gated) == (kept, (lowest, highest) != (None, None))


@pytest.mark.parametrize(
    "population",
    [NORMAL, BIMODAL, SKEWED, CEILING, QUANTISED, RARE, *PER_CENT.values(), difference_of_two(RARE)],
)
def test_a_population_has_the_mean_and_spread_that_it_is_judged_by(population: Population) -> None:
    drawn = population.draw(np.random.default_rng(4), (400_000,))
    assert drawn.mean() == pytest.approx(population.mean, abs=4 * drawn.std() / math.sqrt(drawn.size))
    assert drawn.std() == pytest.approx(population.sd, rel=0.03)


def test_kinds_of_per_cent_lie_between_0_and_100() -> None:
    for population in PER_CENT.values():
        drawn = population.draw(np.random.default_rng(4), (100_000,))
        assert 0 <= drawn.min() < drawn.max() <= 100


def test_real_individuals_are_drawn_from_those_that_there_are() -> None:
    values = real_values()
    assert list(values) == ["none", "ketamine", "ssri", "neurosteroid"]
    assert {len(seeds) for seeds in values.values()} == {300}
    population = drawn_again(values["ssri"])
    drawn = population.draw(np.random.default_rng(4), (20, 30))
    assert drawn.shape == (20, 30)
    assert set(drawn.ravel()) <= set(values["ssri"])
    assert (population.mean, population.sd) == (values["ssri"].mean(), values["ssri"].std())
    assert real_difference("ssri", "none").mean == pytest.approx(values["ssri"].mean() - values["none"].mean())


def always(generator: np.random.Generator, n: int, studies: int) -> np.ndarray:
    return np.ones(studies, dtype=bool)


always.__module__ = "benchmarks.calibration.means"


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of its own for what three checks reached, of which one was run by other code and one never."""
    file, written = tmp_path / "calibration.json", tmp_path / "calibration.md"
    written.write_text(f"{page.BEGIN.format('summary')}{page.END}")
    checks = tuple(Check(key, "intervals", 5, 700, always, 0.9, 0.97) for key in ("a", "b", "c"))
    for key, value in (("CHECKS", checks), ("store", lambda figures: storing.store(figures, file))):
        monkeypatch.setattr(calibration, key, value)
    monkeypatch.setattr(storing, "FILE", file)
    monkeypatch.setattr(page, "PAGE", written)
    figure = Figure("a", "intervals", 5, 700, 0.5, 0.01, 0.9, 0.97, code=checks[0].code)
    storing.store([figure, replace(figure, key="b", code="older")], file)
    stored_figures.cache_clear()
    yield written
    stored_figures.cache_clear()


def reached() -> dict[str, float]:
    stored_figures.cache_clear()
    return {figure.key: figure.reached for figure in stored_figures()}


def test_only_checks_whose_code_has_changed_are_run_again(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibration.stale() == ["b", "c"]
    calibration.main()
    assert reached() == {"a": 0.5, "b": 1.0, "c": 1.0}
    assert calibration.stale() == []
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("100.00% ± 0.2")
    assert "intervals (n = 5; at least 90.0%: kept, at most 97.0%: MISSED; 700 studies" in lines[0]
    assert lines[-1] == "2 of 3 checks were run"
    text = stored.read_text()
    assert "Of 3 shares 3 are gated, of which 0 lie within their limits; 0 are powers" in text
    lines = stored.with_suffix(".csv").read_text().splitlines()
    assert lines[1] == "intervals,,5,700,50.0,1.00,90 to 97"
    assert [line.split(",")[4] for line in lines[1:]] == ["50.0", "100.0", "100.0"]


def test_checks_are_run_by_their_names_and_the_page_alone(stored: Path) -> None:
    calibration.main(["page"])
    assert reached() == {"a": 0.5, "b": 0.5}
    assert "1 were reached by an earlier version of the code" in stored.read_text()
    calibration.main(["a"])
    assert reached() == {"a": 1.0, "b": 0.5}
    with pytest.raises(SystemExit, match="d: no such check"):
        calibration.main(["d", "a"])


def test_code_is_that_of_the_study_of_its_values_and_of_what_it_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    means, rates = checking.code_of("benchmarks.calibration.means"), checking.code_of("benchmarks.calibration.rates")
    tried: list[frozenset[str]] = []

    def digest(modules: frozenset[str]) -> str:
        tried.append(modules)
        return "other"

    checking.code_of.cache_clear()
    monkeypatch.setattr(checking, "sources_digest", digest)
    assert checking.code_of("benchmarks.calibration.means") != means != rates
    assert tried == [frozenset({"depsim.statistics.summary"})]
    checking.code_of.cache_clear()


def shown() -> dict[tuple[int, str, str], intervals.Cell]:
    """The comparison of intervals, as it is stored beside the page."""
    with page.PAGE.with_name("intervals.csv").open(encoding="utf-8", newline="") as file:
        return {
            (int(row["n"]), row["values"], row["interval"]): intervals.Cell(
                float(row["coverage"]) / 100, float(row["width"])
            )
            for row in csv.DictReader(file)
        }


def test_the_interval_of_depsim_is_the_best_of_those_compared() -> None:
    cells = shown()
    assert len(cells) == len(intervals.STUDIES) * len(intervals.KINDS) * len(intervals.INTERVALS)
    assert intervals.best(cells) == intervals.OURS
    assert not intervals.keeps_limits(cells, "betting")
    assert intervals.shortfall(cells, "betting") == 0


@pytest.mark.slow
def test_intervals_compared_again_agree_with_the_page() -> None:
    before = shown()
    for (n, kind, name), cell in intervals.compared({10: 200}).items():
        stored = before[n, kind, name]
        error = math.sqrt(max(stored.coverage * (1 - stored.coverage), 0.01) * (1 / 200 + 1 / 2_000))
        assert abs(cell.coverage - stored.coverage) <= 4 * error, (kind, name)
        assert cell.width == pytest.approx(stored.width, rel=0.35)
