from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import exam_scatter
from depsim.study import comparison
from depsim.study.comparison import Cell, compare, sequel
from depsim.study.panels import Panel, panels
from tests.people import arm, paper_arm, paper_study, study, without


def panel_of(*arms: object) -> Panel:
    (panel,) = panels(study(*arms))  # type: ignore[arg-type]
    return panel


def cell(panel: Panel, row: str, column: str) -> Cell:
    return next(c for c in compare(panel).cells if (c.value.row, c.value.column) == (row, column))


def test_a_cell_agrees_with_a_few_lines_of_scipy() -> None:
    (panel,) = panels(paper_study(45))  # 0 to 44: ours of the paper's seed, who is no relative of it, is among them
    found = cell(panel, "ssri", "combined")
    values = panel.condition("ssri").arm.values("treated/combined")  # type: ignore[union-attr]
    logit = np.log((share := ((100 - values) / 100 * 4000 + 0.5) / 4001) / (1 - share))
    reach = stats.t.ppf(0.975, 44) * logit.std(ddof=1) * np.sqrt(1 + 1 / 45)
    bounds = [
        100 * (1 - (4001 / (1 + np.exp(-edge)) - 0.5) / 4000) for edge in (logit.mean() + reach, logit.mean() - reach)
    ]
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval()
    assert (found.ours.n, found.ours.mean) == (45, pytest.approx(values.mean()))
    assert found.ours.interval == pytest.approx((low, high))
    assert found.prediction is not None
    assert (found.prediction.low, found.prediction.high) == pytest.approx(bounds)
    assert found.percentile == pytest.approx(stats.percentileofscore(values.round(1), 83.5, kind="mean"))
    assert found.inside == (round(bounds[0], 1) <= 83.5 <= round(bounds[1], 1))


def test_clean_accuracy_has_so_few_questions_that_ranks_decide() -> None:
    few = cell(panel_of(arm("none", {"treated/clean": [90.0, 95.0, 99.0, 80.0]})), "untreated", "clean")
    assert (few.prediction, few.inside) == (None, None)
    many = cell(panel_of(arm("none", {"treated/clean": np.linspace(25, 75, 40)})), "untreated", "clean")
    assert many.prediction is not None
    assert (many.prediction.low, many.prediction.high, many.inside) == (25.0, 75.0, True)


@pytest.mark.parametrize(("shared", "inside"), [(47.5, True), (47.46, True), (47.44, False)])
def test_a_constant_is_compared_as_published(shared: float, inside: bool) -> None:
    found = cell(panel_of(arm("ketamine", {"treated/sparsity": [shared] * 4})), "ketamine", "sparsity")
    assert (found.ours.constant, found.ours.interval, found.inside) == (True, None, inside)


def test_cells_that_both_tables_have_are_judged_once() -> None:
    many = compare(panels(paper_study(45))[0])
    assert (len(many.cells), len(many.judged)) == (29 + 20, 29 + 20 - 11)
    ranked = sum(c.value.column == "clean" and not c.ours.constant for c in many.judged)  # 2 of 46 at the ends
    others = sum(c.value.column != "clean" and not c.ours.constant for c in many.judged)
    assert many.by_chance == pytest.approx(0.05 * others + 2 / 46 * ranked)


def test_our_individual_of_the_papers_seed_is_one_like_the_others() -> None:
    values = {"treated/combined": [83.5, 90.0, 91.0, 92.0]}
    found = compare(panel_of(arm("ssri", values, seeds=(42, 43, 44, 45))))
    assert found.joint is not None
    assert (found.cells[0].ours.n, found.joint.n) == (4, 4)


def test_the_joint_verdict_is_of_those_who_have_all_conditions() -> None:
    (panel,) = panels(study(paper_arm("none", 25), without(paper_arm("ssri", 25), 3, 4)))
    joint = compare(panel).joint
    assert joint is not None
    assert (joint.n, cell(panel, "untreated", "combined").ours.n) == (23, 25)


def test_nothing_measured_is_no_comparison() -> None:
    found = compare(panel_of(arm("ssri", {"dose/l1": [1.0]})))
    assert (found.cells, found.joint, found.noticed) == ((), None, None)


def test_the_sequels_distances_are_in_standard_errors() -> None:
    (panel,) = panels(paper_study(20, data="individual"))
    found = next(c for c in sequel(panel) if (c.value.row, c.value.column) == ("ssri", "combined"))
    assert found.ours.sd is not None
    assert found.distance == pytest.approx((found.ours.mean - 81.3) / np.sqrt(found.ours.sd**2 / 20 + 8.8**2 / 10))
    (alone,) = panels(paper_study(1, data="individual"))
    assert all(c.distance is None for c in sequel(alone))


def test_the_percentile_counts_ours_rounded_as_the_published_value_is() -> None:
    found = cell(panel_of(arm("ssri", {"treated/combined": [80.0, 83.46, 83.54, 90.0]})), "ssri", "combined")
    assert found.percentile == 50.0
    assert cell(panel_of(arm("ssri", {"treated/combined": [83.46, 84.0]})), "ssri", "combined").percentile == 25.0


def test_differences_between_conditions_are_judged_by_ranks_from_39_on_and_by_student_below() -> None:
    ketamine, ssri = 97 + np.linspace(-0.5, 0.5, 45), np.linspace(80, 90, 45)
    for n in (45, 10):
        made = (arm(name, {"treated/combined": own[:n]}) for name, own in (("ketamine", ketamine), ("ssri", ssri)))
        (gap,), ours = compare(panel_of(*made)).gaps, (ketamine - ssri)[:n]
        student = stats.t.interval(0.95, n - 1, ours.mean(), ours.std(ddof=1) * np.sqrt(1 + 1 / n))
        low, high = (ours.min(), ours.max()) if n == 45 else student
        assert (gap.a, gap.b, gap.published, gap.ours.n) == ("ketamine", "ssri", 13.4, n)
        assert gap.ours.mean == pytest.approx(ours.mean())
        assert gap.prediction is not None
        assert (gap.prediction.low, gap.prediction.high) == pytest.approx((low, high))
        assert gap.percentile == pytest.approx(stats.percentileofscore(ours.round(1), 13.4, kind="mean"))
        assert gap.inside is bool(low.round(1) <= 13.4 <= high.round(1))


def test_a_drop_has_the_scatter_of_two_exams() -> None:
    panel = panel_of(paper_arm("ssri", 25))
    (cell,) = [cell for cell in compare(panel).cells if cell.value.column == "relapse_drop"]
    before = panel.conditions[0].arm.values("treated/combined")
    column, floor = comparison._on_a_scale(panel, cell, cell.samples)
    assert column is cell.samples
    assert floor == pytest.approx(np.sqrt(2) * exam_scatter(before.mean(), 4000, 1))


def test_other_surroundings_are_not_compared() -> None:
    with pytest.raises(ValueError, match=r"pathology\.sparsity=0\.9: not what the published values are of"):
        compare(panel_of(paper_arm("ssri", 3, pathology__sparsity="0.9")))
