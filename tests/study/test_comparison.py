from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from depsim.statistics import exam_scatter
from depsim.study import comparison
from depsim.study.comparison import Cell, compare, sequel
from depsim.study.panels import Panel, panels
from tests.people import SIGMAS, arm, paper_arm, paper_study, study, without


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
    assert found.ours.n == 45
    assert found.ours.mean == pytest.approx(values.mean())
    assert found.ours.sd == pytest.approx(values.std(ddof=1))
    assert found.ours.median == pytest.approx(np.median(values))
    assert found.ours.interval == pytest.approx((low, high))
    assert found.prediction is not None
    assert (found.prediction.low, found.prediction.high) == pytest.approx(bounds)
    assert found.prediction.coverage == pytest.approx(44 / 46)
    assert found.percentile == pytest.approx(stats.percentileofscore(values.round(1), 83.5, kind="mean"))
    assert found.inside == (round(bounds[0], 1) <= 83.5 <= round(bounds[1], 1))


def test_a_drop_has_a_plain_prediction_interval() -> None:
    (panel,) = panels(paper_study(20))
    found = cell(panel, "ssri", "relapse_drop")
    low, high = stats.t.interval(0.95, 19, found.samples.mean(), found.samples.std(ddof=1) * np.sqrt(1.05))
    assert found.prediction is not None
    assert (found.prediction.low, found.prediction.high) == pytest.approx((low, high))


def test_clean_accuracy_has_so_few_questions_that_ranks_decide() -> None:
    few = cell(panel_of(arm("none", {"treated/clean": [90.0, 95.0, 99.0, 80.0]})), "untreated", "clean")
    assert (few.prediction, few.inside) == (None, None)
    values = [*np.linspace(25, 75, 39), 50.8]  # of seeds 0 to 38, and of one more
    many = cell(panel_of(arm("none", {"treated/clean": values})), "untreated", "clean")
    assert many.prediction is not None
    assert (many.prediction.low, many.prediction.high, many.inside) == (25.0, 75.0, True)


@pytest.mark.parametrize(("shared", "inside"), [(47.5, True), (47.46, True), (47.44, False)])
def test_a_constant_is_compared_as_published(shared: float, inside: bool) -> None:
    found = cell(panel_of(arm("ketamine", {"treated/sparsity": [shared] * 4})), "ketamine", "sparsity")
    assert found.ours.constant
    assert found.ours.interval is None
    assert found.inside is inside


def test_below_three_individuals_nothing_is_predicted() -> None:
    found = cell(panel_of(paper_arm("ssri", 2)), "ssri", "combined")
    assert (found.prediction, found.inside) == (None, None)
    assert found.percentile is not None
    alone = cell(panel_of(paper_arm("ssri", 1, first_seed=42)), "ssri", "combined")
    assert (alone.ours.n, alone.prediction, alone.inside) == (1, None, None)


def test_what_was_not_published_is_not_judged() -> None:
    (panel,) = panels(paper_study(20))
    found = cell(panel, "untreated", "relapse_drop")
    assert (found.percentile, found.inside) == (None, None)
    assert found.prediction is not None


def test_cells_that_both_tables_have_are_judged_once() -> None:
    (panel,) = panels(paper_study(20))
    found = compare(panel)
    assert len(found.cells) == 29 + 20
    assert found.joint is not None
    assert found.joint.values <= 22 + 12  # without the clean accuracies and what is the same in all
    assert len(found.judged) == 34  # nor are those judged alone, of twenty
    assert found.by_chance == pytest.approx(0.05 * sum(not c.ours.constant for c in found.judged))
    many = compare(panels(paper_study(45))[0])
    ranked = sum(c.value.column == "clean" and not c.ours.constant for c in many.judged)  # 2 of 46 at the ends
    others = sum(c.value.column != "clean" and not c.ours.constant for c in many.judged)
    assert many.by_chance == pytest.approx(0.05 * others + 2 / 46 * ranked)
    assert set(found.outside) <= set(found.judged)


def test_one_amid_ours_cannot_be_told_apart_and_one_far_off_can() -> None:
    values = {
        "treated/combined": 83.5 + np.linspace(-2, 2, 25),
        "treated/internal_noise_2.5": 44 + np.linspace(2, -2, 25),
    }
    near = compare(panel_of(arm("ssri", values)))
    assert near.joint is not None
    assert near.joint.distinguishable is False
    assert near.noticed is not None
    assert near.outside == ()
    far = compare(panel_of(arm("ssri", {name: column + 9 for name, column in values.items()})))
    assert far.joint is not None
    assert far.joint.distinguishable is True
    assert len(far.outside) == 2


def test_our_individual_of_the_papers_seed_is_one_like_the_others() -> None:
    values = {"treated/combined": [83.5, 90.0, 91.0, 92.0]}
    found = compare(panel_of(arm("ssri", values, seeds=(42, 43, 44, 45))))
    assert found.cells[0].ours.n == 4
    assert found.joint is not None
    assert found.joint.n == 4


def test_eighteen_others_cannot_reject_and_nineteen_can() -> None:
    for n, can in ((18, False), (19, True)):
        joint = compare(panel_of(paper_arm("ssri", n))).joint
        assert joint is not None
        assert joint.can_reject is can
        assert (joint.distinguishable is None) is not can


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
    with pytest.raises(ValueError, match=r"pathology\.sparsity=0\.9: not what the published values are of"):
        compare(panel_of(paper_arm("ssri", 3, pathology__sparsity="0.9")))


def test_nothing_measured_is_no_comparison() -> None:
    found = compare(panel_of(arm("ssri", {"dose/l1": [1.0]})))
    assert (found.cells, found.joint, found.noticed) == ((), None, None)


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


def test_differences_between_conditions_are_judged_by_ranks_from_39_on_and_by_student_below() -> None:
    n = 45
    ketamine = arm("ketamine", {"treated/combined": np.full(n, 97.0) + np.linspace(-0.5, 0.5, n)})
    ssri = arm("ssri", {"treated/combined": np.linspace(80, 90, n)})
    (gap,) = compare(panel_of(ketamine, ssri)).gaps
    ours = ketamine.values("treated/combined") - ssri.values("treated/combined")
    assert (gap.outcome.column, gap.a, gap.b, gap.published, gap.ours.n) == ("combined", "ketamine", "ssri", 13.4, 45)
    assert gap.ours.mean == pytest.approx(ours.mean())
    assert gap.prediction is not None
    assert (gap.prediction.low, gap.prediction.high) == pytest.approx((ours.min(), ours.max()))
    assert gap.percentile == pytest.approx(stats.percentileofscore(ours.round(1), 13.4, kind="mean"))
    assert gap.inside is True
    few = {name: {"treated/combined": found.values("treated/combined")[:10]} for name, found in
           (("ketamine", ketamine), ("ssri", ssri))}  # fmt: skip
    (gap,) = compare(panel_of(*(arm(name, values) for name, values in few.items()))).gaps
    low, high = stats.t.interval(0.95, 9, ours[:10].mean(), ours[:10].std(ddof=1) * np.sqrt(1.1))
    assert gap.prediction is not None
    assert (gap.prediction.low, gap.prediction.high) == pytest.approx((low, high))
    assert gap.inside is bool(low.round(1) <= 13.4 <= high.round(1))


def test_a_published_difference_beyond_all_of_ours_lies_outside() -> None:
    n = 45
    made = panel_of(
        arm("ketamine", {"treated/combined": np.linspace(97, 97.5, n), "relapse_drop": np.linspace(-1, 1, n)}),
        arm("ssri", {"treated/combined": np.linspace(90, 95, n), "relapse_drop": np.linspace(9, 12, n)}),
        arm("none", {"treated/combined": np.linspace(30, 33, n), "relapse_drop": np.linspace(1, 3, n)}),
    )
    found = {(gap.outcome.column, gap.a, gap.b): gap.inside for gap in compare(made).gaps}
    assert found == {  # the untreated drop was not published
        ("combined", "untreated", "ketamine"): True,
        ("combined", "untreated", "ssri"): False,
        ("combined", "ketamine", "ssri"): False,
        ("relapse_drop", "ketamine", "ssri"): True,
    }


def test_all_cells_of_one_condition_shifted_are_noticed_where_no_single_cell_tells() -> None:
    # R1: shifted by 3 SD in every cell of ketamine, an individual was "typical" 96 times of 100.
    (panel,) = panels(paper_study(60))
    found = compare(panel)
    assert found.joint is not None
    assert found.noticed is not None
    assert found.noticed <= 4


def test_clean_accuracy_has_no_part_in_the_joint_verdict() -> None:
    values = {"treated/combined": np.linspace(80, 90, 25), "treated/clean": np.linspace(60, 100, 25)}
    joint = compare(panel_of(arm("ssri", values))).joint
    assert joint is not None
    assert joint.values == 1


def test_a_drop_has_the_scatter_of_two_exams() -> None:
    panel = panel_of(paper_arm("ssri", 25))
    (cell,) = [cell for cell in compare(panel).cells if cell.value.column == "relapse_drop"]
    before = panel.conditions[0].arm.values("treated/combined")
    column, floor = comparison._on_a_scale(panel, cell, cell.samples)
    assert column is cell.samples
    assert floor == pytest.approx(np.sqrt(2) * exam_scatter(before.mean(), 4000, 1))
