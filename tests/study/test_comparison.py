from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from depsim.study.comparison import Cell, compare, sequel
from depsim.study.panels import Panel, panels
from tests.people import SIGMAS, arm, paper_arm, paper_study, study, without


def panel_of(*arms: object) -> Panel:
    (panel,) = panels(study(*arms))  # type: ignore[arg-type]
    return panel


def cell(panel: Panel, row: str, column: str) -> Cell:
    return next(c for c in compare(panel).cells if (c.value.row, c.value.column) == (row, column))


def test_a_cell_agrees_with_a_few_lines_of_scipy() -> None:
    (panel,) = panels(paper_study(45))  # 0 to 44: the paper's seed is among them
    found = cell(panel, "ssri", "combined")
    values = panel.condition("ssri").arm.values("treated/combined")  # type: ignore[union-attr]
    rest = np.delete(values, 42)
    logit = np.log((share := ((100 - rest) / 100 * 4000 + 0.5) / 4001) / (1 - share))
    reach = stats.t.ppf(0.975, 43) * logit.std(ddof=1) * np.sqrt(1 + 1 / 44)
    bounds = [
        100 * (1 - (4001 / (1 + np.exp(-edge)) - 0.5) / 4000) for edge in (logit.mean() + reach, logit.mean() - reach)
    ]
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval()
    assert found.ours.n == 45
    assert found.reference == 44
    assert found.ours.mean == pytest.approx(values.mean())
    assert found.ours.sd == pytest.approx(values.std(ddof=1))
    assert found.ours.median == pytest.approx(np.median(values))
    assert found.ours.interval == pytest.approx((low, high))
    assert found.prediction is not None
    assert (found.prediction.low, found.prediction.high) == pytest.approx(bounds)
    assert found.prediction.coverage == pytest.approx(43 / 45)
    assert found.percentile == pytest.approx(stats.percentileofscore(rest.round(1), 83.5, kind="mean"))
    assert found.typical == (round(bounds[0], 1) <= 83.5 <= round(bounds[1], 1))


def test_a_drop_has_a_plain_prediction_interval() -> None:
    (panel,) = panels(paper_study(20))
    found = cell(panel, "ssri", "relapse_drop")
    low, high = stats.t.interval(0.95, 19, found.samples.mean(), found.samples.std(ddof=1) * np.sqrt(1.05))
    assert found.prediction is not None
    assert (found.prediction.low, found.prediction.high) == pytest.approx((low, high))


def test_clean_accuracy_is_an_exam_of_its_own_size() -> None:
    values = {"treated/clean": [90.0, 95.0, 99.0, 80.0]}
    usual = cell(panel_of(arm("none", values)), "untreated", "clean")
    small = cell(panel_of(arm("none", values, changed={"device": "cuda"})), "untreated", "clean")
    assert usual.prediction == small.prediction
    share = ((100 - usual.samples) / 100 * 2000 + 0.5) / 2001
    logit = np.log(share / (1 - share))
    edge = logit.mean() + stats.t.ppf(0.975, 3) * logit.std(ddof=1) * np.sqrt(1.25)
    assert usual.prediction is not None
    assert usual.prediction.low == pytest.approx(100 * (1 - (2001 / (1 + np.exp(-edge)) - 0.5) / 2000))


@pytest.mark.parametrize(("shared", "typical"), [(47.5, True), (47.46, True), (47.44, False)])
def test_a_constant_is_compared_as_published(shared: float, typical: bool) -> None:
    found = cell(panel_of(arm("ketamine", {"treated/sparsity": [shared] * 4})), "ketamine", "sparsity")
    assert found.ours.constant
    assert found.ours.interval is None
    assert found.typical is typical


def test_below_three_individuals_nothing_is_predicted() -> None:
    found = cell(panel_of(paper_arm("ssri", 2)), "ssri", "combined")
    assert (found.prediction, found.typical) == (None, None)
    assert found.percentile is not None
    alone = cell(panel_of(paper_arm("ssri", 1, first_seed=42)), "ssri", "combined")
    assert (alone.reference, alone.percentile, alone.typical) == (0, None, None)


def test_what_was_not_published_is_not_judged() -> None:
    (panel,) = panels(paper_study(20))
    found = cell(panel, "untreated", "relapse_drop")
    assert (found.percentile, found.typical) == (None, None)
    assert found.prediction is not None


def test_cells_that_both_tables_have_are_judged_once() -> None:
    (panel,) = panels(paper_study(20))
    found = compare(panel)
    assert len(found.cells) == 29 + 20
    assert found.compared == len(found.judged) == 26 + 12
    assert set(found.atypical) <= set(found.judged)


def test_individuals_like_the_published_one_make_it_typical_and_far_ones_do_not() -> None:
    values = {
        "treated/combined": 83.5 + np.linspace(-2, 2, 25),
        "treated/internal_noise_2.5": 44 + np.linspace(2, -2, 25),
    }
    near = compare(panel_of(arm("ssri", values)))
    assert near.joint is not None
    assert near.joint.typical
    assert near.atypical == ()
    far = compare(panel_of(arm("ssri", {name: column + 9 for name, column in values.items()})))
    assert far.joint is not None
    assert far.joint.typical is False
    assert len(far.atypical) == 2


def test_the_papers_own_seed_never_counts_towards_its_verdict() -> None:
    values = {"treated/combined": [83.5, 90.0, 91.0, 92.0]}
    found = compare(panel_of(arm("ssri", values, seeds=(42, 43, 44, 45))))
    assert found.cells[0].reference == 3
    assert found.cells[0].ours.n == 4
    assert found.joint is not None
    assert found.joint.n == 3


def test_eighteen_others_cannot_reject_and_nineteen_can() -> None:
    for n, can in ((18, False), (19, True)):
        joint = compare(panel_of(paper_arm("ssri", n))).joint
        assert joint is not None
        assert joint.can_reject is can
        assert (joint.typical is None) is not can


def test_the_joint_verdict_is_of_those_who_have_all_conditions() -> None:
    (panel,) = panels(study(paper_arm("none", 25), without(paper_arm("ssri", 25), 3, 4)))
    joint = compare(panel).joint
    assert joint is not None
    assert joint.n == 23
    assert cell(panel, "untreated", "combined").ours.n == 25


def test_noise_levels_that_were_not_looked_at_are_left_out() -> None:
    values = {f"treated/internal_noise_{sigma}": [50.0, 51.0, 52.0] for sigma in SIGMAS if sigma != "2.5"}
    found = compare(panel_of(arm("ssri", values)))
    assert [c.value.column for c in found.cells] == [f"internal_noise_{sigma}" for sigma in ("0.5", "1.0", "1.5")]


def test_other_surroundings_are_not_compared() -> None:
    with pytest.raises(ValueError, match="90 % pruned: not what the published values are of"):
        compare(panel_of(paper_arm("ssri", 3, pathology__sparsity="0.9")))


def test_nothing_measured_is_no_comparison() -> None:
    found = compare(panel_of(arm("ssri", {"dose/l1": [1.0]})))
    assert (found.cells, found.joint, found.compared) == ((), None, 0)


def test_the_sequels_distances_are_in_standard_errors() -> None:
    (panel,) = panels(paper_study(20, data="individual"))
    cells = {(c.value.row, c.value.column): c for c in sequel(panel)}
    assert len(cells) == 13
    found = cells["ssri", "combined"]
    assert found.ours.sd is not None
    assert found.distance == pytest.approx((found.ours.mean - 81.3) / np.sqrt(found.ours.sd**2 / 20 + 8.8**2 / 10))
    (alone,) = panels(paper_study(1, data="individual"))
    assert all(c.distance is None for c in sequel(alone))


def test_a_cell_says_who_its_values_are_of() -> None:
    found = cell(panel_of(without(paper_arm("ssri", 5), 1)), "ssri", "combined")
    assert found.seeds == (0, 2, 3, 4)
    assert dataclasses.is_dataclass(found)


def test_the_percentile_counts_ours_rounded_as_the_published_value_is() -> None:
    found = cell(panel_of(arm("ssri", {"treated/combined": [80.0, 83.46, 83.54, 90.0]})), "ssri", "combined")
    assert found.percentile == 50.0
    assert cell(panel_of(arm("ssri", {"treated/combined": [83.46, 84.0]})), "ssri", "combined").percentile == 25.0
